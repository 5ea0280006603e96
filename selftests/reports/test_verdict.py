"""The verdict: the worst that applies, one root for one trouble, and nothing judged is never green."""

import pytest

from fixtures.model.kinds import (
    CLOCKS_APART,
    CLOCKS_DAYS_APART,
    NO_PROVIDER,
    Kind,
    at_the_gate,
    certificate_unverified,
    no_provider_of,
)
from fixtures.model.outcomes import CaseResult, Exchange, Outcome, Root, Verdict
from fixtures.model.verdict import at_least_as_bad, decide, root_causes, warnings


def case(outcome, check_id="OIDC-DISC-01", name="grafana", root=None, need="", cause="it is so"):
    if outcome is Outcome.FAILED and root is None:
        root = Root(check_id, name, None, cause, "mend it")
    return CaseResult(
        check_id, name, f"t::{check_id}[{name}]", "tests_oidc", outcome, "a claim", ("D11",), "", "error", cause, "fix",
        (), 0.0, root, need,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([Outcome.PASSED], Verdict.HEALTHY),
        ([Outcome.PASSED, Outcome.NOT_APPLICABLE], Verdict.HEALTHY),
        ([Outcome.PASSED, Outcome.WARNED], Verdict.DEGRADED),
        ([Outcome.PASSED, Outcome.KNOWN], Verdict.DEGRADED),
        ([Outcome.PASSED, Outcome.WARNED, Outcome.NOT_VERIFIED], Verdict.PARTIAL),
        ([Outcome.PASSED, Outcome.FAILED, Outcome.NOT_VERIFIED], Verdict.UNHEALTHY),
        ([Outcome.PASSED, Outcome.BLOCKED], Verdict.UNHEALTHY),
        ([Outcome.FAILED, Outcome.NOT_RUN], Verdict.INTERRUPTED),
        ([], Verdict.UNHEALTHY),
        ([Outcome.NOT_APPLICABLE], Verdict.UNHEALTHY),
        ([Outcome.NOT_VERIFIED], Verdict.UNHEALTHY),
    ],
)
def test_the_worst_applies(outcomes, verdict):
    assert decide([case(outcome) for outcome in outcomes], ())[0] is verdict


def test_where_nothing_was_judged_the_one_reason_is_said():
    unverified = [case(Outcome.NOT_VERIFIED, name=name, need="api", cause="it asks for less") for name in ("a", "b")]
    other = case(Outcome.NOT_VERIFIED, need="cluster", cause="nobody names it")
    assert decide(unverified, ()) == (Verdict.UNHEALTHY, "nothing was judged: it asks for less")
    assert decide([*unverified, other], ())[1] == "nothing was judged: not given: api, cluster"
    assert decide([], ())[1] == decide([case(Outcome.NOT_APPLICABLE)], ())[1] == "nothing was judged"


def test_what_is_required_and_missing_is_unhealthy():
    cases = [case(Outcome.PASSED), case(Outcome.NOT_VERIFIED, need="api")]
    assert decide(cases, ("cluster",))[0] is Verdict.PARTIAL
    verdict, reason = decide(cases, ("api",))
    assert verdict is Verdict.UNHEALTHY
    assert "api" in reason


def test_thresholds():
    assert at_least_as_bad(Verdict.PARTIAL, Verdict.DEGRADED)
    assert not at_least_as_bad(Verdict.DEGRADED, Verdict.PARTIAL)
    assert at_least_as_bad(Verdict.INTERRUPTED, Verdict.UNHEALTHY)


def test_one_trouble_in_two_places_is_one_root():
    direct = Root("SMOKE-UP-01", "direct", Kind("down"), "direct is down", "look")
    public = Root("SMOKE-UP-01", "public", Kind("down"), "public is down", "look")
    cases = [
        case(Outcome.FAILED, "SMOKE-UP-01", "direct", direct),
        case(Outcome.FAILED, "SMOKE-UP-01", "public", public),
        case(Outcome.BLOCKED, "OIDC-DISC-01", "grafana", public),
        case(Outcome.BLOCKED, "SMOKE-API-01", "", direct),
    ]
    (root,) = root_causes(cases, {"SMOKE-UP-01": "Authentik answers"})
    assert root.name == "SMOKE-UP-01[direct, public]"
    assert root.blocks == ("OIDC-DISC-01[grafana]", "SMOKE-API-01")


def test_a_root_whose_check_was_not_selected_is_named():
    root = Root("SMOKE-UP-01", "public", Kind("down"), "it is down", "look")
    (cause,) = root_causes([case(Outcome.BLOCKED, root=root)], {"SMOKE-UP-01": "Authentik answers"})
    assert (cause.check_id, cause.claim) == ("SMOKE-UP-01", "Authentik answers")


def test_unrelated_reds_stay_apart_and_the_heavier_comes_first():
    light = case(Outcome.FAILED, "FWD-GATE-02", "longhorn")
    heavy_root = Root("OIDC-DISC-01", "argocd", None, "no document", "look")
    heavy = case(Outcome.FAILED, "OIDC-DISC-01", "argocd", heavy_root)
    blocked = case(Outcome.BLOCKED, "OIDC-JWKS-01", "argocd", heavy_root)
    roots = root_causes([light, heavy, blocked], {})
    assert [root.check_id for root in roots] == ["OIDC-DISC-01", "FWD-GATE-02"]


def symptom(name, outcome=Outcome.FAILED, check_id="FWD-GATE-06"):
    root = Root("FWD-GATE-06", name, NO_PROVIDER, f"{name}: 404", "look at the outpost")
    return case(outcome, check_id, name, root)


def reason(name, slug):
    root = Root("FWD-OUT-02", name, no_provider_of(slug), f"{name}: not assigned", f"assign {slug}")
    return case(Outcome.FAILED, "FWD-OUT-02", name, root)


def test_who_knows_the_reason_is_the_root_of_the_symptom_and_of_all_that_it_blocks():
    blocked = symptom("longhorn", Outcome.BLOCKED, "FWD-PASS-01")
    (told,) = root_causes([symptom("longhorn"), blocked, reason("longhorn", "longhorn")], {})
    assert told.name == "FWD-OUT-02[longhorn]"
    assert told.remedy == "assign longhorn"
    assert told.blocks == ("FWD-PASS-01[longhorn]",)


def test_a_symptom_whose_reason_nobody_knows_stays_a_root():
    told = root_causes([symptom("longhorn"), symptom("hubble"), reason("hubble", "hubble")], {})
    assert [root.name for root in told] == ["FWD-OUT-02[hubble]", "FWD-GATE-06[longhorn]"]


def test_two_reasons_stay_apart_and_one_of_two_cases_is_one():
    cases = [symptom("longhorn"), symptom("hubble")]
    apart = root_causes([*cases, reason("longhorn", "longhorn"), reason("hubble", "hubble")], {})
    assert [root.name for root in apart] == ["FWD-OUT-02[longhorn]", "FWD-OUT-02[hubble]"]
    (one,) = root_causes([*cases, reason("longhorn", "domain"), reason("hubble", "domain")], {})
    assert one.name == "FWD-OUT-02[longhorn, hubble]"


def test_unrelated_troubles_of_one_case_stay_apart():
    gate_down = Root("FWD-GATE-06", "longhorn", at_the_gate("gate down"), "500", "look")
    cases = [case(Outcome.FAILED, "FWD-GATE-06", "longhorn", gate_down), reason("longhorn", "longhorn")]
    assert {root.check_id for root in root_causes(cases, {})} == {"FWD-GATE-06", "FWD-OUT-02"}


def test_what_a_check_says_of_its_own_case_comes_first():
    told = Root("OIDC-PROV-04", "grafana", Kind("list"), "lets something in", "remove it")
    own = Root("OIDC-PROV-04", "grafana", Kind("list"), "an entry too much", "compare")
    cases = [case(Outcome.BLOCKED, "OIDC-AUTHZ-03", "grafana-port", told), case(Outcome.FAILED, root=own)]
    (cause,) = root_causes(cases, {})
    assert (cause.cause, cause.blocks) == ("an entry too much", ("OIDC-AUTHZ-03[grafana-port]",))


def test_a_root_brings_its_evidence():
    seen = Exchange("http", "GET", "https://longhorn.example.org/", 404, None, 0.1)
    root = Root("FWD-GATE-06", "longhorn", None, "404", "look", (seen,))
    (cause,) = root_causes([case(Outcome.FAILED, "FWD-GATE-06", "longhorn", root)], {})
    assert cause.evidence == (seen,)


def test_equal_warnings_are_told_once():
    cases = [case(Outcome.WARNED, "OIDC-DISC-04", name) for name in ("argocd", "grafana")]
    (told,) = warnings(cases)
    assert told.cases == ("argocd", "grafana")


@pytest.mark.parametrize("days", [True, False])
def test_a_clock_that_is_days_off_comes_before_the_certificate_that_seems_expired(days):
    expired = Root("SMOKE-TLS-01", "public", certificate_unverified("certificate has expired"), "expired", "renew it")
    clock = Root("SMOKE-TIME-01", "direct", CLOCKS_DAYS_APART if days else CLOCKS_APART, "apart", "set the clock")
    cases = [
        case(Outcome.FAILED, "SMOKE-TLS-01", "public", expired),
        case(Outcome.FAILED, "SMOKE-TIME-01", "direct", clock),
        case(Outcome.BLOCKED, "OIDC-DISC-01", "grafana", expired),
    ]
    found = root_causes(cases, {})
    assert [each.check_id for each in found] == (["SMOKE-TIME-01"] if days else ["SMOKE-TLS-01", "SMOKE-TIME-01"])
    assert found[0].blocks == ("OIDC-DISC-01[grafana]",)
