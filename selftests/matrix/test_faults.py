"""Every fault turns red what it says, and nothing else; every check has been the only root of a trouble."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from lab.faults import Fault, load
from selftests.matrix.matrix import as_params, complaints
from selftests.matrix.remedies import harmed
from selftests.support.lab_process import tool
from selftests.support.remedies import TOOLS, Advice, Shares, bench, parses, told_by
from selftests.support.suite_runs import RunOf, forked

FAULTS = load()
SEEN = [fault for fault in FAULTS.values() if not fault.pending]
# Whose first cause is that nobody answers. Seen by these alone, a check would not be seen to judge anything.
NO_ANSWER = {
    "authentik-down", "cluster-api-down", "cluster-without-etcd", "ingress-down", "ingress-hangs-in-the-handshake",
    "lan-address-gone",
}  # fmt: skip
# One for each way in which a remedy changes something; `python -m selftests.matrix.remedies` types all of them.
HEALED = (
    "grafana-not-restarted",
    "argocd-secret-unlabelled",
    "external-secrets-stale",
    "provider-without-grants",
    "load-balancer-past-the-gate",
    "gate-asks-an-old-service",
    "outpost-sends-browsers-inside",
    "gate-keeps-the-old-host",
    "proxy-keeps-a-removed-route",
    "no-superuser-left",
    "host-variable-of-the-old-domain",
    "hub-process-holds-another-secret",
)


@pytest.mark.parametrize("fault", as_params(FAULTS))
def test_a_fault_is_seen_and_blamed(fault, run_under):
    run = run_under(fault.name)
    assert not complaints(fault, run)
    (first, *_) = run.report["warnings"] if fault.warns else run.report["roots"]
    assert ("gives no answer" in first["cause"]) is (fault.name in NO_ANSWER), first["cause"]


@pytest.fixture(scope="session")
def shares(pytestconfig: pytest.Config, shared_folder: Path) -> Iterator[Shares]:
    """What became of the remedies; told at the end."""
    for name in TOOLS:
        tool(name)
    found = Shares(shared_folder)
    yield found
    # Past the capturing, and past xdist: each worker tells of its own.
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{found}", file=sys.__stderr__)


@pytest.mark.parametrize("fault", SEEN, ids=lambda fault: fault.name)
def test_a_remedy_can_be_typed(fault: Fault, run_under: RunOf, shares: Shares):
    advice = advice_under(fault, run_under)
    assert advice.typed or advice.opened, "nothing to type, and no page to open"
    looking = shares.note(fault, advice)
    assert not [line for line in advice.commands if not parses(line)]
    if looking:
        with bench(fault.name, options=fault.options) as broken:
            shares.looked |= {line: broken.looked(line) for line in looking}
    assert not [said for line in looking if (said := shares.looked[line])]


@pytest.mark.parametrize("name", HEALED)
def test_what_a_remedy_changes_heals(name: str, run_under: RunOf, shares: Shares):
    fault = FAULTS[name]
    changing = advice_under(fault, run_under).changing
    assert changing
    with bench(name, options=fault.options) as broken:
        shares.left[name] = broken.is_healed(fault, changing)
    assert not shares.left[name]


def test_what_remedies_change_does_no_harm(run_under: RunOf):
    names = [name for name in HEALED if not FAULTS[name].options]
    shares = Shares(changing={name: advice_under(FAULTS[name], run_under).changing for name in names})
    assert not harmed(FAULTS, shares, forked)


def test_a_proxy_that_may_not_list_its_routes_is_not_started_anew(run_under: RunOf):
    """It would come back without any."""
    before = run_under("proxy-is-deaf")
    (restart,) = advice_under(FAULTS["proxy-is-deaf"], run_under).changing
    with bench("proxy-is-deaf") as broken:
        assert broken.typed(restart).returncode
        assert broken.judged().red == before.red


def advice_under(fault: Fault, run_under: RunOf) -> Advice:
    return Advice.of(told_by(fault, run_under(fault.name)))


@pytest.mark.parametrize("name", ["plain-http-served", "plain-http-sent-to-a-portal"])
def test_plain_http_of_all_hosts_is_one_root(name: str, run_under: RunOf):
    run = run_under(name)
    assert len(run.report["roots"]) == 1
    assert len(run.red) > 5


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
