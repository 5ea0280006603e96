"""A root cause says what does not work for whom, before the reason."""

from dataclasses import replace

import pytest

from fixtures.model.outcomes import Outcome, Root
from fixtures.reports.findings import healthy_sentences, stakes
from fixtures.reports.html import render
from fixtures.reports.matrix import at_a_glance, matrices
from selftests.support import sample_results as samples

PLAIN = samples.three_roots()
GRAFANA = "OIDC-LOGIN-01[grafana]"


def test_a_red_login_is_told_apart_from_one_that_nobody_tried():
    login = replace(PLAIN.roots[0], check_id="OIDC-LOGIN-01", cases=("grafana",), blocks=(), runbook=("H3",))
    assert stakes(login) == "the probe user cannot log in to grafana"
    before = replace(login, check_id="SMOKE-USER-01", runbook=("S5",), blocks=(GRAFANA, "OIDC-LOGIN-01[argocd]"))
    assert stakes(before) == "whether anybody can log in to grafana, argocd cannot be judged"
    assert not stakes(replace(login, check_id="OIDC-DISC-01"))


@pytest.mark.parametrize(
    ("runbook", "said"),
    [
        (("D2",), "nobody can log in to grafana"),
        (("S4", "H2"), "nobody can log in to grafana"),
        (("H3",), "the probe user cannot log in to grafana"),
        (("S3",), "whether anybody can log in to grafana cannot be judged"),
        ((), "whether anybody can log in to grafana cannot be judged"),
    ],
)
def test_what_stops_a_login_says_whose(runbook, said):
    assert stakes(replace(PLAIN.roots[0], cases=("grafana",), runbook=runbook, blocks=(GRAFANA,))) == said


@pytest.mark.parametrize(
    ("check_id", "runbook", "state"),
    [
        ("OIDC-AUTHZ-01", "D2", "does not hold"),
        ("SMOKE-UP-01", "H1", "does not hold"),
        ("SMOKE-USER-01", "S5", "cannot be judged"),
        ("SMOKE-API-01", "S3", "cannot be judged"),
        ("SMOKE-LOGIN-01", "H4", "cannot be judged"),
    ],
)
@pytest.mark.parametrize("blocked", ["OIDC-LOGIN-01", "OIDC-LOGIN-02"])
def test_a_sentence_does_not_hold_where_what_stops_the_login_proves_it(check_id, runbook, state, blocked):
    root = samples.case(check_id, "grafana", "c", runbook, Outcome.FAILED)
    stopped = samples.case(blocked, "grafana", "c", "H3", Outcome.BLOCKED)
    stopped = replace(stopped, root=Root(check_id, "grafana", None, "cause", "remedy"))
    found = next(one for one in healthy_sentences([root, stopped]) if one.section == "H3")
    assert found.state == (state if blocked == "OIDC-LOGIN-01" else "cannot be judged")
    assert found.basis.startswith(f"by {check_id}; ") == (found.state == "does not hold")
    assert found.slug == ("failed" if found.state == "does not hold" else "blocked")


def test_it_stands_before_the_reason_and_the_counts_are_explained():
    root = replace(PLAIN.roots[0], check_id="FWD-PASS-01", cases=("longhorn",), blocks=(), cause="the reason")
    page = render(replace(PLAIN, roots=(root,)))
    assert page.index("does not get through the gate to longhorn") < page.index("the reason")
    assert '1 root cause <span class="quiet">behind 5 failed cases and 4 cases that cannot be judged</span>' in page
    assert page.index("1 root cause") < page.index("What healthy means")


def test_at_a_glance_what_nobody_asked_for_is_not_the_worst_of_an_application():
    judged = [samples.case(f"OIDC-{area}-01", "grafana", "c", "H3") for area in ("PROV", "LOGIN")]
    unasked = samples.case("OIDC-SEEN-01", "grafana", "c", "H3", Outcome.NOT_VERIFIED, need="browser")
    ((name, cell),) = at_a_glance(matrices([*judged, unasked]))
    assert (name, cell.outcome) == ("grafana", "passed")
    ((_, cell),) = at_a_glance(matrices([*judged, replace(unasked, need="user")]))
    assert cell.outcome == "not verified"
