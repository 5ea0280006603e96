"""Every fault turns red what it says, and nothing else; every check has been the only root of a trouble."""

import os
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from lab.faults import Fault, load
from selftests.matrix.matrix import complaints
from selftests.support.suite_runs import SuiteRun, warm_run, warm_runs

FAULTS = load()
# Runs are processes of their own: as many at once as there are cores.
AT_ONCE = os.cpu_count() or 1
# Whose first cause is that nobody answers. Seen by these alone, a check would not be seen to judge anything.
NO_ANSWER = {"authentik-down", "cluster-api-down", "cluster-without-etcd", "ingress-down", "lan-address-gone"}


def params_of(item: pytest.Item) -> dict[str, object]:
    """The parameters of a collected test."""
    return item.callspec.params if hasattr(item, "callspec") else {}


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[str, "Future[SuiteRun]"]]:
    """One run of the whole suite for each selected fault; all are queued at once and awaited one by one."""
    given = (params_of(item).get("fault") for item in request.session.items)
    asked = [fault.name for fault in given if isinstance(fault, Fault)]
    with warm_runs(AT_ONCE) as pool:
        yield {name: pool.submit(warm_run, "--lab", "--lab-fault", name, *FAULTS[name].options) for name in asked}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_seen_and_blamed(fault, runs):
    run = runs[fault.name].result()
    assert not complaints(fault, run)
    (first, *_) = run.report["warnings"] if fault.warns else run.report["roots"]
    assert ("gives no answer" in first["cause"]) is (fault.name in NO_ANSWER), first["cause"]


def test_every_check_has_been_seen_red():
    load_catalogue()
    seen = {red.partition("[")[0] for fault in FAULTS.values() for red in fault.turns_red}
    assert set(catalogue) - seen == set()


def test_every_check_is_the_only_root_of_a_fault_that_it_judged():
    load_catalogue()
    judged = {fault.root for fault in FAULTS.values() if not fault.other_roots and fault.name not in NO_ANSWER}
    assert set(catalogue) - judged == set()


def test_faults_name_checks_that_exist():
    load_catalogue()
    named = {
        red.partition("[")[0] for fault in FAULTS.values() for red in (*fault.turns_red, fault.root, *fault.other_roots)
    }
    assert named - set(catalogue) == set()
