"""The healthy lab on each release of Authentik that it knows."""

import pytest

from lab.authentik.releases import DEFAULT, RELEASES
from lab.faults import load
from lab.variants import load as load_variants
from selftests.matrix.matrix import is_red
from selftests.support.suite_runs import run_suite

FAULTS = load()
# What is asked of the server or of its replicas with headers that only a proxy may send since 2026.8.
UNHEARD = {"OIDC-DISC-03", "FWD-GATE-03", "FWD-PASS-05"}


@pytest.mark.parametrize("release", RELEASES)
def test_a_healthy_estate_of_a_release_is_not_red(release, run_of):
    run = run_of("--lab", "--lab-authentik", release)
    assert not run.red
    assert not run.named("blocked")
    # Since 2026.8 the suite's own X-Forwarded headers are not believed, which come from no proxy (UNHEARD).
    assert run.report["verdict"] == ("PARTIAL" if RELEASES[release].trusts_listed_proxies_alone else "HEALTHY")
    assert len(run.named("passed")) > 300


# A fault of each area; what is seen of it has to be the same on the release that the matrix does not run on.
OF_EACH_AREA = (
    "argocd-degraded", "authentik-host-blank", "declared-token-got-another-key", "external-secret-error",
    "grafana-without-env-from", "group-member-lost", "groups-claim-missing", "infisical-holds-an-old-secret",
    "issuer-mode-global", "log-client-secret-refused", "middleware-missing-on-route", "provider-detached",
    "redirect-list-empty", "secret-rotated-in-authentik-alone", "service-account-kept-out",
)  # fmt: skip


@pytest.mark.parametrize("name", OF_EACH_AREA)
def test_a_fault_of_each_area_is_seen_on_the_newest_release_too(name, run_under):
    fault = FAULTS[name]
    run = run_under(name, options=("--lab-authentik", "2026.8"))
    expected = {case for case in run.outcomes if any(is_red(red, case) for red in fault.turns_red)}
    assert run.red
    assert run.red <= expected, run.stdout[-2000:]
    assert run.exit_code == (0 if fault.warns else 1)
    told = run.report["warnings"] if fault.warns else run.report["roots"]
    assert told[0]["id"] == fault.root
    assert {case.partition("[")[0] for case in run.unverified} <= UNHEARD


def test_what_is_harmless_is_so_on_the_newest_release_too(run_of):
    """All variants at once: where one is red, `pytest --lab --lab-authentik 2026.8 --lab-fault …` tells which."""
    settled = [f"--lab-fault={each.name}" for each in load_variants().values() if not each.pending]
    run = run_of("--lab", "--lab-authentik", "2026.8", *settled)
    assert not run.red
    assert not run.named("blocked")
    assert {case.partition("[")[0] for case in run.unverified} <= UNHEARD


def test_the_default_is_the_one_without_the_option():
    assert RELEASES[DEFAULT].version == "2026.5.0-rc1"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--lab", "--lab-authentik", "2026.9"), "there are 2026.5, 2026.8"),
        (("--lab-authentik", "2026.8"), "add --lab"),
    ],
)
def test_a_release_that_is_not_there_is_bad_input(arguments, says):
    run = run_suite(*arguments)
    assert run.exit_code == 4
    assert says in run.stdout + run.stderr
