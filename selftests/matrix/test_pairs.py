"""Two faults at once: both are causes of their own, with their own words, and nothing else is."""

import os
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from lab.faults import Fault, load
from selftests.matrix.matrix import covers, is_red
from selftests.matrix.pairs import PAIRS
from selftests.support.suite_runs import SuiteRun, warm_run, warm_runs

FAULTS = load()
Runs = dict[tuple[str, ...], "Future[SuiteRun]"]


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """One run for each selected pair, and for each fault of them alone."""
    items = (item for item in request.session.items if item.path == request.path and hasattr(item, "callspec"))
    pairs = {item.callspec.params["pair"] for item in items if "pair" in item.callspec.params}
    alone = {(name,) for pair in pairs for name in pair}
    with warm_runs(os.cpu_count() or 1) as pool:
        yield {
            names: pool.submit(warm_run, "--lab", *(f"--lab-fault={name}" for name in names))
            for names in sorted(alone | pairs)
        }


def own_cause(run: SuiteRun) -> tuple[str, str]:
    """The id and the words of the root that a run names first."""
    return run.report["roots"][0]["id"], run.report["roots"][0]["cause"]


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_both_causes_are_named(pair, runs):
    run = runs[pair].result()
    told = {(root["id"], root["cause"]): root for root in run.report["roots"]}
    for name in pair:
        cause = own_cause(runs[name,].result())
        assert cause in told, f"{name} is not among {[root['name'] for root in told.values()]}"
        assert told[cause]["fix"]
    faults: list[Fault] = [FAULTS[name] for name in pair]
    assert {root["id"] for root in told.values()} == {
        check for fault in faults for check in (fault.root, *fault.other_roots)
    }
    assert len(told) >= len({fault.root for fault in faults})


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_nothing_else_is_red_or_blocked(pair, runs):
    run = runs[pair].result()
    faults = [FAULTS[name] for name in pair]
    undeclared = {case for case in run.red if not any(is_red(red, case) for fault in faults for red in fault.turns_red)}
    assert not undeclared
    blocked = run.named("blocked")
    assert not {case for case in blocked if not any(covers(each, case) for fault in faults for each in fault.blocks)}
    assert not run.unverified
