"""Cases are judged in one loop; who wants to look at pytest's own steps gets them, and the same verdict."""

import pytest

from selftests.support.suite_runs import run_suite

SOME = ("--lab", "-k", "OIDC-DISC")
OTHERWISE = (("-p", "no:junitxml"), ("-p", "no:warnings"), ("-o", "junit_logging=all"), ("-o", "junit_family=xunit1"))
# The last first, each by pytest's protocol.
LOOP = """
def pytest_runtestloop(session):
    print("it begins")
    for item in reversed(session.items):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    return True
"""
AROUND = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    print("it begins")
    return (yield)
"""


@pytest.mark.parametrize("plugin", [LOOP, AROUND], ids=["in its place", "around it"])
def test_a_loop_of_another_plugin_is_not_passed_over(plugin, tmp_path):
    (tmp_path / "looping_plugin.py").write_text(plugin)
    usual = run_suite(*SOME)
    run = run_suite(*SOME, "-p", "looping_plugin", "-s", environment={"PYTHONPATH": str(tmp_path)})
    assert run.exit_code == 0, run.stdout
    assert run.outcomes == usual.outcomes
    assert "it begins" in run.stdout


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
