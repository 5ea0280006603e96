"""`python -m selftests.matrix.remedies [FAULT …]`: what becomes of remedies that are typed.

Each fault is judged in a lab of its own; what its remedies look with is typed there with the real kubectl and curl,
then what they change, and the fault's check is asked again. After that everything that any of them changes is typed
into a healthy lab, and into one with all harmless variants of those faults: both have to stay as they are. Printed are
the shares, and each fault that is not healed, with why.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from fixtures.model.command_line import BAD_INPUT
from lab.faults import Fault, load
from lab.variants import load as load_variants
from selftests.support.remedies import Advice, Bench, Run, Shares, bench, told_by
from selftests.support.suite_runs import SuiteRun, fresh_processes


def main(names: list[str]) -> int:
    """Type the remedies of these faults, of all where none is named; 1 where a command is wrong or does harm."""
    faults = load()
    if unknown := sorted({*names} - {*faults}):
        print(f"there is no fault {unknown[0]}: python -m lab faults lists them")
        return BAD_INPUT
    chosen = [faults[name] for name in names] or [fault for fault in faults.values() if not fault.pending]
    at_once, shares, lock = len(os.sched_getaffinity(0)), Shares(), Lock()
    with fresh_processes(at_once) as processes, ThreadPoolExecutor(at_once) as threads:

        def run(function: Run, *arguments: str, **named: object) -> SuiteRun:
            return processes.submit(function, *arguments, **named).result()

        for _ in threads.map(lambda fault: typed(fault, run, shares, lock), chosen):
            pass
        harm = harmed(faults, shares, run)
    print(shares)
    for line, said in shares.looked.items():
        if said:
            print(f"  not understood: {line}: {said.strip()}")
    for name in shares.bare:
        print(f"  nothing to type or to open: {name}")
    for line in shares.wrong:
        print(f"  does not parse: {line}")
    print(f"harm: {'none' if not harm else ''}")
    for said in harm:
        print(f"  {said}")
    return 1 if harm or shares.wrong or any(shares.looked.values()) else 0


def typed(fault: Fault, run: Run, shares: Shares, lock: Lock) -> None:
    """Judge the broken lab, look, change, and judge again."""
    with bench(fault.name, options=fault.options, run=run) as broken:
        advice = Advice.of(told_by(fault, broken.judged()))
        with lock:
            looking = shares.note(fault, advice)
        looked = {line: broken.looked(line) for line in looking}
        left = {fault.name: broken.is_healed(fault, advice.changing)} if advice.changing else {}
    with lock:
        shares.looked |= looked
        shares.left |= left
    for said in filter(None, left.values()):
        print(f"  not healed: {fault.name}: {' && '.join(advice.changing)}: {said}", flush=True)


def harmed(faults: dict[str, Fault], shares: Shares, run: Run) -> list[str]:
    """What is red in healthy labs, and in those with variants, after everything that remedies change."""
    by_options: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in shares.changing:
        by_options[faults[name].options].append(name)
    found = []
    for options, names in by_options.items():
        for variants in dict.fromkeys(((), of(names))):
            with bench(*variants, options=options, run=run) as healthy:
                if not _red_after(healthy, (line for name in names for line in shares.changing[name])):
                    continue
            found += _one_by_one(options, names, variants, shares, run)
    return found


def of(names: Iterable[str]) -> tuple[str, ...]:
    """The harmless variants of these faults, in the same words of the estate file: with others a remedy is another."""
    known = (each for each in load_variants().values() if each.describe is None and not each.pending)
    return tuple(each.name for each in known if {*each.of} & {*names})


def _one_by_one(
    options: tuple[str, ...], names: Iterable[str], variants: tuple[str, ...], shares: Shares, run: Run
) -> list[str]:
    found = []
    # Some shapes warn by themselves.
    with bench(*variants, options=options, run=run) as untouched:
        usual = _red_after(untouched, ())
    for name in names:
        with bench(*variants, options=options, run=run) as healthy:
            if red := sorted({*_red_after(healthy, shares.changing[name])} - {*usual}):
                where = "among variants" if variants else "where nothing is wrong"
                found.append(f"{name}: {' && '.join(shares.changing[name])} {where}: {', '.join(red)}")
    return found


def _red_after(healthy: Bench, lines: Iterable[str]) -> list[str]:
    for line in dict.fromkeys(lines):
        healthy.typed(line)
    run = healthy.judged()
    return sorted(run.red) if run.report else [run.stderr[-200:]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
