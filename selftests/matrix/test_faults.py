"""Every fault turns red what it says, and nothing else; every check has been the only root of a trouble."""

import sys
from collections.abc import Iterator

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from lab.faults import Fault, load
from selftests.matrix.matrix import as_params, complaints
from selftests.support.lab_process import running_lab, tool
from selftests.support.remedies import TOOLS, Typist
from selftests.support.suite_runs import RunOf

FAULTS = load()
SEEN = [fault for fault in FAULTS.values() if not fault.pending]
# Whose first cause is that nobody answers. Seen by these alone, a check would not be seen to judge anything.
NO_ANSWER = {"authentik-down", "cluster-api-down", "cluster-without-etcd", "ingress-down", "lan-address-gone"}


@pytest.mark.parametrize("fault", as_params(FAULTS))
def test_a_fault_is_seen_and_blamed(fault, run_under):
    run = run_under(fault.name)
    assert not complaints(fault, run)
    (first, *_) = run.report["warnings"] if fault.warns else run.report["roots"]
    assert ("gives no answer" in first["cause"]) is (fault.name in NO_ANSWER), first["cause"]


@pytest.fixture(scope="session")
def typist(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Typist]:
    """Types what remedies say into one lab, fault after fault; then all that they change into the healthy one."""
    state = tmp_path_factory.mktemp("remedies")
    for name in TOOLS:
        tool(name)
    with running_lab(state):
        found = Typist(state)
        yield found
        harmed = found.harmed()
    # Past the capturing, and past xdist: each worker tells of its own.
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{found.shares}", file=sys.__stderr__)
    assert not harmed


@pytest.mark.parametrize("fault", [fault for fault in SEEN if not fault.options], ids=lambda fault: fault.name)
def test_a_remedy_can_be_typed(fault: Fault, run_under: RunOf, typist: Typist):
    assert not typist.complaints(fault, run_under(fault.name).report)


def test_every_check_has_been_seen_red():
    load_catalogue()
    seen = {red.partition("[")[0] for fault in SEEN for red in fault.turns_red}
    assert set(catalogue) - seen == set()


def test_every_check_is_the_only_root_of_a_fault_that_it_judged():
    load_catalogue()
    judged = {fault.root for fault in SEEN if not fault.other_roots and fault.name not in NO_ANSWER}
    assert set(catalogue) - judged == set()


def test_faults_name_checks_that_exist():
    load_catalogue()
    names = (name for fault in SEEN for name in (*fault.turns_red, fault.root, *fault.other_roots))
    assert {name.partition("[")[0] for name in names} - set(catalogue) == set()
