"""Two faults at once: both are causes of their own, with their own words, and nothing else is."""

import pytest

from lab.faults import Fault, load
from selftests.matrix.matrix import covers, is_red
from selftests.matrix.pairs import PAIRS
from selftests.support.suite_runs import SuiteRun

FAULTS = load()


def own_cause(run: SuiteRun) -> tuple[str, str]:
    """The id and the words of the root that a run names first."""
    return run.report["roots"][0]["id"], run.report["roots"][0]["cause"]


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_both_causes_are_named(pair, run_under):
    run = run_under(*pair)
    told = {(root["id"], root["cause"]): root for root in run.report["roots"]}
    for name in pair:
        cause = own_cause(run_under(name))
        assert cause in told, f"{name} is not among {[root['name'] for root in told.values()]}"
        assert told[cause]["fix"]
    faults: list[Fault] = [FAULTS[name] for name in pair]
    assert {root["id"] for root in told.values()} == {
        check for fault in faults for check in (fault.root, *fault.other_roots)
    }
    assert len(told) >= len({fault.root for fault in faults})


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_nothing_else_is_red_or_blocked(pair, run_under):
    run = run_under(*pair)
    faults = [FAULTS[name] for name in pair]
    undeclared = {case for case in run.red if not any(is_red(red, case) for fault in faults for red in fault.turns_red)}
    assert not undeclared
    blocked = run.named("blocked")
    assert not {case for case in blocked if not any(covers(each, case) for fault in faults for each in fault.blocks)}
    assert not run.unverified
