"""The picture of what hangs on what: links, the worst first, alike ones together, and a list to be heard."""

from dataclasses import replace

import pytest

from fixtures.model.outcomes import CaseResult, Outcome
from fixtures.reports.chains import LINES, LINKS, Chains, chains
from fixtures.reports.html import render
from fixtures.reports.words import AREAS
from selftests.support import sample_results as samples
from selftests.support.pages import Page


def of(found: Chains, name: str) -> dict[str, Outcome | None]:
    (chain,) = (chain for chain in found.chains if name in chain.names)
    return {link.label: link.outcome for link in chain.links}


def broken(check_id: str, name: str) -> CaseResult:
    return samples.case(check_id, name, "c", "H3", Outcome.FAILED)


def test_every_area_of_an_application_is_one_link():
    placed = [area for links in LINKS.values() for areas in links.values() for area in areas]
    own = [area for area in placed if not area.startswith("SMOKE-")]
    assert sorted(own) == sorted(area for area in AREAS if not area.startswith("SMOKE-"))
    assert {area.removesuffix("-01").removesuffix("-02").removesuffix("-03") for area in placed} <= set(AREAS)


def test_the_broken_link_is_seen_and_heard():
    oidc, gated = chains(samples.three_roots().cases)
    assert of(oidc, "grafana") == {"Provider": "failed", "Secret": "failed", "Login": "blocked"}
    assert of(oidc, "argocd") == dict.fromkeys(("Provider", "Secret", "Login"), "passed")
    assert oidc.chains[0].names == ("grafana",)
    assert of(gated, "hubble")["Passing"] == "blocked"
    page = Page(render(samples.three_roots()))
    assert "grafana: Provider failed, Secret failed, Login blocked" in page.text
    assert not page.all("script")


def test_the_secret_comes_from_an_external_secret_and_that_from_its_store():
    def kept(check_id, outcome=Outcome.PASSED):
        return replace(samples.case(check_id, "oauth-keys", "c", "R4", outcome), application="grafana")

    stored = [kept("SMOKE-ESO-02", Outcome.FAILED), kept("SMOKE-ESO-01", Outcome.BLOCKED), kept("SMOKE-ESO-03")]
    oidc, gated = chains([*samples.cases(), *stored])
    assert (of(oidc, "grafana")["Store"], of(oidc, "grafana")["External Secret"]) == ("failed", "blocked")
    assert (of(oidc, "argocd")["Store"], of(oidc, "argocd")["External Secret"]) == (None, None)
    assert "Store" not in of(gated, "longhorn")
    page = Page(render(samples.result([*samples.cases(), *stored])))
    assert "grafana: Provider passed, Store failed, External Secret blocked, Secret passed, Login passed" in page.text


def test_a_provider_that_the_inventory_lacks_and_pods_that_are_down_are_links_of_their_application():
    missing = [
        broken("SMOKE-PROV-01", "argocd"),
        broken("SMOKE-PROV-01", "longhorn"),
        broken("SMOKE-PROV-02", "routes"),
    ]
    crashing = replace(broken("SMOKE-PODS-02", "longhorn-ui"), application="longhorn")
    traefik = broken("SMOKE-PODS-01", "traefik")
    oidc, gated = chains([*samples.cases(), *missing, crashing, traefik])
    assert of(oidc, "argocd")["Provider"] == "failed"
    assert of(oidc, "grafana")["Provider"] == "passed"
    assert (of(gated, "longhorn")["Provider"], of(gated, "longhorn")["Pods"]) == ("failed", "failed")
    assert of(gated, "hubble")["Pods"] is None
    # What is about no application hangs on no login.
    assert not any("whole estate" in chain.names for found in (oidc, gated) for chain in found.chains)


def test_a_case_of_an_application_is_told_from_another_whose_name_begins_alike():
    cases = [*samples.cases(4), broken("OIDC-PROV-10", "grafana-refresh_token"), broken("OIDC-PROV-10", "nobodys")]
    oidc, _ = chains(cases)
    assert of(oidc, "grafana")["Provider"] == "failed"
    assert of(oidc, "argocd")["Provider"] == "passed"
    assert of(oidc, "whole estate") == {"Provider": "failed", "Secret": None, "Login": None}
    assert of(oidc, "oidc-0000")["Provider"] == "passed"


def test_many_that_are_alike_are_one_line():
    oidc, gated = chains([*samples.cases(50), broken("OIDC-LOGIN-01", "oidc-0007")])
    assert [len(chain.names) for chain in oidc.chains] == [1, 49]
    assert [len(chain.names) for chain in gated.chains] == [50]


def test_a_picture_ends_and_says_so():
    cases = samples.cases(10)
    states = [(one, other) for one in Outcome for other in Outcome]
    for number, (one, other) in enumerate(states):
        for check_id, outcome in (("OIDC-PROV-04", one), ("OIDC-LOGIN-01", other)):
            cases.append(samples.case(check_id, f"x{number}", "c", "H3", outcome))
    (oidc, _) = chains(cases)
    assert len(oidc.chains) == LINES
    assert oidc.left_out == len(states) + 10 - sum(len(chain.names) for chain in oidc.chains)


def test_nothing_asked_is_no_picture():
    assert chains([]) == ()
    assert "h-chains" not in render(replace(samples.healthy(), cases=()))


@pytest.mark.parametrize("name", ["<script>", "a" * 200])
def test_a_name_does_no_harm(name):
    cases = [replace(one, case=name) if one.case == "grafana" else one for one in samples.cases()]
    page = Page(render(samples.result(cases)))
    assert not page.all("script")
    assert f"{name}: Provider passed" in page.text
