"""Every fault turns red what it says, and nothing else; every check has been seen red."""

import os
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from fixtures.checks import catalogue
from fixtures.explaining import load_catalogue
from lab.faults import Fault, load
from selftests.suite_runs import SuiteRun, warm_run, warm_runs

FAULTS = load()
# Runs are processes of their own: as many at once as there are cores.
AT_ONCE = os.cpu_count() or 1


def params_of(item: pytest.Item) -> dict[str, object]:
    """The parameters of a collected test."""
    return item.callspec.params if hasattr(item, "callspec") else {}


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, "Future[SuiteRun]"]]:
    """One run of the whole suite for each selected fault; all are queued at once and awaited one by one."""
    given = (params_of(item).get("fault") for item in request.session.items)
    asked = [fault.name for fault in given if isinstance(fault, Fault)]
    with warm_runs(AT_ONCE) as pool:
        yield {name: pool.submit(warm_run, "--lab", "--lab-fault", name, *FAULTS[name].asks) for name in asked}


def declared(fault: Fault, case: str) -> bool:
    """Whether the fault says that this case turns red: by its name, or by its check's id."""
    return case in fault.red or case.partition("[")[0] in fault.red


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_seen_and_blamed(fault, runs):
    run = runs[fault.name].result()
    assert run.report, run.stdout[-2000:] + run.stderr[-2000:]
    told = run.report["warnings"] if fault.warns else run.report["roots"]
    assert run.exit_code == (0 if fault.warns else 1), run.verdict_line
    assert run.report["verdict"] == ("DEGRADED" if fault.warns else "UNHEALTHY")
    unseen = [red for red in fault.red if not any(red in (case, case.partition("[")[0]) for case in run.red)]
    assert not unseen, f"declared red, but not: {unseen}; red are {sorted(run.red)}"
    undeclared = sorted(case for case in run.red if not declared(fault, case))
    assert not undeclared, f"red, but not declared: {undeclared}"
    assert told[0]["id"] == fault.root, [root["id"] for root in told]
    assert told[0]["cause"]
    assert told[0]["fix"]
    assert not run.unverified


def test_every_check_has_been_seen_red():
    load_catalogue()
    seen = {red.partition("[")[0] for fault in FAULTS.values() for red in fault.red}
    assert set(catalogue) - seen == set()


def test_faults_name_checks_that_exist():
    load_catalogue()
    named = {red.partition("[")[0] for fault in FAULTS.values() for red in (*fault.red, fault.root)}
    assert named - set(catalogue) == set()
