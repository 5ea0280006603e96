"""The healthy lab on each release of Authentik that it knows."""

import pytest

from lab.authentik.releases import DEFAULT, RELEASES
from selftests.support.suite_runs import run_suite

# What the suite says of a release that is healthy: gone from here when it is gone from there.
FALSE_ALARMS = {"2026.8": {"OIDC-DISC-03"}}


@pytest.mark.parametrize("release", RELEASES)
def test_a_healthy_estate_of_a_release_is_not_red(release):
    run = run_suite("--lab", "--lab-authentik", release)
    assert {case.partition("[")[0] for case in run.red} == FALSE_ALARMS.get(release, set())
    assert not run.named("blocked")
    assert (run.report["verdict"] == "HEALTHY") is (release not in FALSE_ALARMS)
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
