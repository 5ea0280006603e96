"""`make bench`: what a run of the suite costs, as figures and ratios; nothing here passes or fails."""

import time

from selftests.support.suite_runs import SuiteRun, run_suite

LATENCY = 50


def measure(*arguments: str) -> tuple[SuiteRun, float]:
    """One whole run, and its wall time in seconds from typing to verdict."""
    began = time.monotonic()
    run = run_suite("--lab", *arguments)
    return run, time.monotonic() - began


def describe(title: str, run: SuiteRun, wall: float) -> None:
    """Print one run's figures."""
    effort, ledger = run.report["effort"], run.report["ledger"]
    chain = effort["longest_chain_seconds"]
    print(f"{title}")
    print(f"  verdict           {run.verdict_line}")
    print(f"  requests          {ledger['total']} ({ledger['written']} wrote)")
    print(f"  asked twice       {effort['repeated_questions']}")
    print(f"  longest chain     {chain:.2f} s: {' → '.join(effort['longest_chain'])}")
    seconds = run.report["seconds"]
    print(f"  questions, tests  {seconds:.2f} s = {seconds / max(chain, 0.001):.1f} × the chain")
    print(f"  wall, with start  {wall:.2f} s")


def main() -> None:
    """Run without and with latency, and compare."""
    plain, wall = measure()
    describe("no latency", plain, wall)
    late, late_wall = measure("--lab-latency", str(LATENCY))
    describe(f"{LATENCY} ms of latency", late, late_wall)
    print(f"latency of {LATENCY} ms costs {late_wall - wall:+.2f} s: {late_wall / wall:.2f} × the wall time")


if __name__ == "__main__":
    main()
