"""The healthy lab on each release of Authentik that it knows."""

import pytest

from lab.authentik.releases import DEFAULT, RELEASES
from selftests.support.suite_runs import run_suite


@pytest.mark.parametrize("release", RELEASES)
def test_a_healthy_estate_of_a_release_is_not_red(release):
    run = run_suite("--lab", "--lab-authentik", release)
    assert not run.red
    assert not run.named("blocked")
    # Since 2026.8 the suite's own X-Forwarded-Proto is not believed at the Service (OIDC-DISC-03).
    assert run.report["verdict"] == ("PARTIAL" if RELEASES[release].trusts_listed_proxies_alone else "HEALTHY")
    assert len(run.named("passed")) > 300


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
