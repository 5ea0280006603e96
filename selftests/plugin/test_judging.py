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

LEFT = """
import gc
import pytest

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session):
    gc.disable()
    selected = len(session.items)
    outcome = yield
    gc.unfreeze()
    left = [found for found in gc.get_objects() if type(found) is pytest.Function and found.session is session]
    print(f"{len(left)} of {selected} items are left, and {len(session.items)} to judge")
    return outcome
"""

# As where a cause quotes an answer with a secret in it.
CLEANED = """
from fixtures.model.redaction import redactor

def pytest_collection_finish():
    redactor.learn("it refuses every ID token")
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


def test_a_case_that_is_judged_is_no_item_any_more(tmp_path):
    """Whatever it came to, and without a look for garbage: of a large estate they are a fifth of the memory."""
    (tmp_path / "left_plugin.py").write_text(LEFT)
    run = run_suite("--lab", "-p", "left_plugin", "-s", environment={"PYTHONPATH": str(tmp_path)})
    assert f"0 of {len(run.outcomes)} items are left, and 0 to judge" in run.stdout
    assert {"passed", "not verified", "not applicable"} <= set(run.outcomes.values())


def test_durations_and_counts_are_told_of_all_cases():
    run = run_suite(*SOME, "--durations=0", "--durations-min=0", "-vv", "-rA")
    told = [line for line in run.stdout.splitlines() if " call " in line and "::" in line]
    assert len(told) == len(run.outcomes)
    assert run.stdout.count("\nPASSED ") == list(run.outcomes.values()).count("passed")


def test_a_cause_that_is_cleaned_is_one_root_with_what_it_blocks(tmp_path):
    (tmp_path / "cleaning_plugin.py").write_text(CLEANED)
    broken = ("--lab", "--lab-fault", "issuer-mode-global", "-k", "OIDC-DISC or OIDC-LOGIN")
    run = run_suite(*broken, "-p", "cleaning_plugin", environment={"PYTHONPATH": str(tmp_path)})
    (root,) = run.report["roots"]
    assert "***" in root["cause"]
    assert root["blocks"]
