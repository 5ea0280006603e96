"""A root cause says what does not work for whom, before the reason."""

from dataclasses import replace

from fixtures.reports.findings import stakes
from fixtures.reports.html import render
from selftests.support import sample_results as samples

PLAIN = samples.three_roots()


def test_a_red_login_is_told_apart_from_one_that_nobody_tried():
    login = replace(PLAIN.roots[0], check_id="OIDC-LOGIN-01", cases=("grafana",), blocks=())
    assert stakes(login) == "the probe user cannot log in to grafana"
    before = replace(login, check_id="OIDC-DISC-01", blocks=("OIDC-LOGIN-01[grafana]", "OIDC-LOGIN-01[argocd]"))
    assert stakes(before) == "whether anybody can log in to grafana, argocd cannot be judged"
    assert not stakes(replace(login, check_id="OIDC-DISC-01"))


def test_it_stands_before_the_reason_and_the_counts_are_explained():
    root = replace(PLAIN.roots[0], check_id="FWD-PASS-01", cases=("longhorn",), blocks=(), cause="the reason")
    page = render(replace(PLAIN, roots=(root,)))
    assert page.index("does not get through the gate to longhorn") < page.index("the reason")
    assert '1 root cause <span class="quiet">behind 5 failed cases and 4 cases that cannot be judged</span>' in page
    assert page.index("1 root cause") < page.index("What healthy means")
