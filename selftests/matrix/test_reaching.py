"""What a fault is run against: all that it declares, and what is nearest to it. `make prove` runs it against all."""

import pytest

from lab.faults import load
from selftests.support.reaching import REACHING, checks_reached, reaches
from selftests.support.suite_runs import run_suite

FAULTS = load()


@pytest.mark.parametrize(
    ("fault", "case", "reached"),
    [
        ("issuer-mode-global", "OIDC-DISC-02[grafana]", True),
        ("issuer-mode-global", "OIDC-DISC-01[argocd]", True),
        ("issuer-mode-global", "SMOKE-TIME-01", False),
        ("grafana-denied-by-policy", "OIDC-LOGIN-02[grafana]", True),
        ("grafana-denied-by-policy", "FWD-GATE-01[longhorn]", False),
        ("cluster-api-down", "FWD-GATE-01[longhorn]", True),
    ],
)
def test_what_a_fault_reaches(fault, case, reached):
    assert reaches(FAULTS[fault], case) is reached


def test_what_is_collected_is_all_that_is_reached(run_of):
    """A pattern may name a case alone, so that its check is known only when there are cases."""
    cases = run_of("--lab").outcomes
    for fault in FAULTS.values():
        ids = {check.id for check in checks_reached([fault])}
        assert {case.partition("[")[0] for case in cases if reaches(fault, case)} <= ids, fault.name


def told(run):
    """What a run says of its roots."""
    return [(root["name"], root["cause"], root["fix"], root["blocks"]) for root in run.report["roots"]]


def test_what_is_reached_comes_to_what_the_whole_run_says_of_it(run_of):
    (whole, part) = (run_of("--lab", "--lab-fault", "issuer-mode-global", *options) for options in ((), REACHING))
    assert part.outcomes.items() <= whole.outcomes.items()
    assert 10 < len(part.outcomes) < len(whole.outcomes) / 2
    assert told(part) == told(whole)


@pytest.mark.parametrize(
    "options",
    [
        ("--lab-fault", "issuer-mode-global"),
        ("--lab-shape", "ingress", "--lab-fault", "ingress-without-the-gate"),
    ],
)
def test_what_a_forked_run_had_made_before_is_what_a_fresh_interpreter_makes(options):
    before, anew = (run_suite("--lab", *options, *REACHING, environment=e) for e in ({}, {"PYTHONUTF8": "1"}))
    assert before.outcomes == anew.outcomes
    assert told(before) == told(anew)
    (versions,) = {line for run in (before, anew) for line in run.stdout.splitlines() if line.startswith("plugins: ")}
    assert "html-" in versions
    htmls = (run.files["report.html"].partition(b"</title>")[2] for run in (before, anew))
    (page,) = {html.partition(b"Report generated on")[0] for html in htmls}
    assert b"<style" in page
