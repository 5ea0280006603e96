"""Cases are judged in one step; who wants to look at pytest's own steps gets them, and the same verdict."""

from selftests.support.suite_runs import run_suite


def test_pytests_own_steps_come_to_the_same():
    at_once, stepwise = (run_suite("--lab", "-k", "OIDC-DISC", *options) for options in ((), ("--setup-show",)))
    assert "fixtures used" in stepwise.stdout
    assert "fixtures used" not in at_once.stdout
    assert at_once.outcomes == stepwise.outcomes
    assert len(at_once.outcomes) > 10
