"""`python -m selftests.benchmarks.blessed [FAULT …]`: how many faults a draft made of the broken lab would bless.

A fault is blessed where the draft of the broken estate asks nothing that the healthy one's does not ask, and a run
with that draft as its estate file is not red. Printed are the share, and each that is blessed with the checks that
the lab's own estate file turns red.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fixtures.model.errors import SuiteError
from lab.authentik.releases import DEFAULT
from lab.faults import load
from lab.shapes import RUNBOOK
from selftests.support.drafts import drafting
from selftests.support.suite_runs import PRELOADED, warm_run


def main(names: list[str]) -> None:
    """Draft each broken estate and judge the draft; all faults that the suite sees where none is named."""
    faults = load()
    chosen = [faults[name] for name in names] or [fault for fault in faults.values() if not fault.pending]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    # Each takes over the output of its process, and ends with it.
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context, max_tasks_per_child=1) as pool:
        asked = [pool.submit(is_blessed, fault.name, fault.options) for fault in chosen]
        blessed = [fault for fault, answer in zip(chosen, asked, strict=True) if answer.result()]
    print(f"{len(blessed)} of {len(chosen)} faults would be blessed ({len(blessed) / len(chosen):.1%})")
    for fault in blessed:
        print(f"  {fault.name} ({', '.join(fault.turns_red)}): {fault.summary}")


def is_blessed(fault: str, options: tuple[str, ...]) -> bool:
    """Whether nobody would notice the fault in a draft: for a process of its own. No draft blesses nothing."""
    parser = ArgumentParser()
    parser.add_argument("--lab-shape", default=RUNBOOK.name)
    parser.add_argument("--lab-authentik", default=DEFAULT)
    given, others = parser.parse_known_args(options)
    of_lab = {"shape": given.lab_shape, "authentik": given.lab_authentik}
    with tempfile.TemporaryDirectory() as folder:
        with drafting(Path(folder), **of_lab) as healthy:
            sound = healthy.draft()
            usual = {*sound.remarks, *sound.decisions}
        with drafting(Path(folder), fault, **of_lab) as lab:
            try:
                found = lab.draft()
            except SuiteError:
                return False
            if {*found.remarks, *found.decisions} - usual:
                return False
            path = lab.kept(found)
            run = warm_run("--estate", str(path), "--vantage", "inside", *others, environment=lab.lab.environment)
            return not run.red


if __name__ == "__main__":
    main(sys.argv[1:])
