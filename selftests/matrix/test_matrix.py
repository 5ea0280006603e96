"""The matrix catches what it is there for: a check that sees nothing, a fault that nobody sees, a wrong declaration."""

from dataclasses import replace

import pytest

from lab.faults import Fault, load
from selftests.matrix.matrix import complaints, covers
from selftests.support.crippling import CRIPPLED, UNSEEN
from selftests.support.reaching import REACHING
from selftests.support.suite_runs import RunOf, SuiteRun, run_suite

LENGTHY = load()["access-token-for-a-month"]
DENIED = load()["grafana-denied-by-policy"]
WORSE = ("-p", "selftests.support.crippling", "--lab")


def run_of(fault: Fault, *options: str, crippled: str = "") -> SuiteRun:
    """One run under a fault, with one check crippled."""
    return run_suite(*WORSE, "--lab-fault", fault.name, *options, environment={CRIPPLED: crippled})


@pytest.mark.parametrize("options", [(), REACHING], ids=["whole", "reached"])
def test_a_check_that_always_passes_is_caught(options):
    assert not complaints(LENGTHY, run_of(LENGTHY, *options))
    found = complaints(LENGTHY, run_of(LENGTHY, *options, crippled="OIDC-PROV-08"))
    assert "declared red, but is not: OIDC-PROV-08[argocd]" in found
    assert "it came to (0, 'HEALTHY'), not to (1, 'UNHEALTHY')" in found


def test_a_fault_that_no_check_sees_is_caught():
    unseen = Fault(UNSEEN, known_from="nowhere", turns_red=("SMOKE-USER-01",))
    assert "declared red, but is not: SMOKE-USER-01" in complaints(unseen, run_of(unseen))


@pytest.fixture(scope="module")
def denied(run_under: RunOf) -> SuiteRun:
    """A run under a fault that blocks something."""
    return run_under(DENIED.name)


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ({}, ""),
        ({"turns_red": ("OIDC-LOGIN-02[grafana]",)}, "red, but not declared: OIDC-LOGIN-01[grafana]"),
        ({"turns_red": (*DENIED.turns_red, "OIDC-DISC-01")}, "declared red, but is not: OIDC-DISC-01"),
        ({"blocks": ()}, "blocked, but not declared: OIDC-LOGIN-02[grafana]"),
        ({"blocks": (*DENIED.blocks, "SMOKE")}, "declared blocked, but is not: SMOKE"),
        ({"root": "OIDC-DISC-01"}, "named first is ['OIDC-LOGIN-01'], not OIDC-DISC-01"),
        ({"other_roots": ("OIDC-DISC-01",)}, "named, too, are [], not ['OIDC-DISC-01']"),
        ({"warns": True}, "it came to (1, 'UNHEALTHY'), not to (0, 'DEGRADED')"),
    ],
)
def test_a_fault_that_declares_something_else_is_caught(denied, declared, complaint):
    found = complaints(replace(DENIED, **declared), denied)
    assert complaint in found if complaint else not found


def test_a_run_without_a_report_is_a_complaint():
    assert complaints(DENIED, SuiteRun(3, "", "it broke", {}, {})) == ["there is no report: it broke"]


@pytest.mark.parametrize(
    ("pattern", "case", "meant"),
    [
        ("OIDC-CODE", "OIDC-CODE-01[sso-conformance]", True),
        ("OIDC-CODE-01", "OIDC-CODE-01", True),
        ("OIDC-CODE-0", "OIDC-CODE-01", False),
        ("OIDC-CO", "OIDC-CODE-01", False),
        ("[grafana]", "OIDC-AUTHZ-03[grafana-slash]", True),
        ("[grafana]", "OIDC-AUTHZ-03[grafanas]", False),
        ("[hubble]", "SMOKE-TLS-01[hubble.frank.derio.net]", False),
        ("OIDC-PROV[grafana]", "OIDC-PROV-04[grafana]", True),
        ("OIDC-PROV[grafana]", "OIDC-DISC-04[grafana]", False),
        ("OIDC-PROV[grafana]", "OIDC-PROV-04[argocd]", False),
    ],
)
def test_a_pattern_means_what_it_says(pattern, case, meant):
    assert covers(pattern, case) is meant
