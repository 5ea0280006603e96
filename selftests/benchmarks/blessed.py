"""`python -m selftests.benchmarks.blessed [FAULT …]`: how many faults a draft made of the broken lab would bless.

The draft is made with an operator's rights, and judged with the suite's own.
A fault is asked about where the draft of the broken estate has a DECIDE that the healthy one's has not; else a run with
the draft as its estate file is red, or leaves open what would have been (not verified, or no case, as a draft declares
no roles and nobody who must be there), or blesses it: the check that should be red passes. Printed are the shares, and
each fault of the last two with the checks that the lab's own estate file turns red.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from fixtures.model.errors import SuiteError
from lab.faults import load
from selftests.matrix.matrix import is_red
from selftests.support.drafts import arrangement_of, drafting
from selftests.support.suite_runs import fresh_processes, run_here

ASKED, RED, LEFT_OPEN, BLESSED = "asked about", "red", "left open", "blessed"


def main(names: list[str]) -> None:
    """Draft each broken estate and judge the draft; all faults that the suite sees where none is named."""
    faults = load()
    chosen = [faults[name] for name in names] or [fault for fault in faults.values() if not fault.pending]
    # Each takes over the output of its process, and ends with it.
    with fresh_processes(os.cpu_count() or 1) as pool:
        asked = [pool.submit(fate, fault.name, fault.options, fault.turns_red) for fault in chosen]
        fates = {fault: answer.result() for fault, answer in zip(chosen, asked, strict=True)}
    for word, count in Counter(fates.values()).most_common():
        print(f"{count:4} of {len(chosen)} ({count / len(chosen):.1%}) {word}")
    for fault, word in fates.items():
        if word in (LEFT_OPEN, BLESSED):
            print(f"  {word}: {fault.name} ({', '.join(fault.turns_red)}): {fault.summary}")


def fate(fault: str, options: tuple[str, ...], turns_red: tuple[str, ...]) -> str:
    """What becomes of a fault in a draft: for a process of its own. Without a draft nothing is blessed."""
    of_lab, others = arrangement_of(options)
    with tempfile.TemporaryDirectory() as folder:
        with drafting(Path(folder), **of_lab) as healthy:
            sound = healthy.draft(operator=True)
            usual = {*sound.remarks, *sound.decisions}
        with drafting(Path(folder), fault, **of_lab) as lab:
            try:
                found = lab.draft(operator=True)
            except SuiteError:
                return ASKED
            if {*found.remarks, *found.decisions} - usual:
                return ASKED
            path = lab.kept(found)
            run = run_here("--estate", str(path), "--vantage", "inside", *others, environment=lab.lab.environment)
    if run.red:
        return RED
    # What the report says it did not judge, and with which line it would, is no blessing.
    judged = [name for name, outcome in run.outcomes.items() if outcome == "passed"]
    return BLESSED if any(is_red(red, name) for red in turns_red for name in judged) else LEFT_OPEN


if __name__ == "__main__":
    main(sys.argv[1:])
