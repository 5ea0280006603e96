"""Cases are judged in one loop; who wants to look at pytest's own steps gets them, and the same verdict."""

import pytest

from selftests.support.suite_runs import run_suite

SOME = ("--lab", "-k", "OIDC-DISC")
OTHERWISE = (("-p", "no:junitxml"), ("-p", "no:warnings"), ("-o", "junit_logging=all"), ("-o", "junit_family=xunit1"))


def test_pytests_own_steps_come_to_the_same():
    at_once, stepwise = (run_suite(*SOME, *options) for options in ((), ("--setup-show",)))
    assert "fixtures used" in stepwise.stdout
    assert "fixtures used" not in at_once.stdout
    assert at_once.outcomes == stepwise.outcomes
    assert len(at_once.outcomes) > 10


@pytest.mark.parametrize("options", OTHERWISE, ids=" ".join)
def test_who_reports_it_makes_no_difference(options):
    run = run_suite(*SOME, *options)
    assert run.exit_code == 0
    assert len(run.outcomes) > 10
    assert run.files.get("junit.xml", b"<testcase " * len(run.outcomes)).count(b"<testcase ") == len(run.outcomes)
