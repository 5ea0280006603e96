"""Two things left out of an estate file at a time: no crash, nothing red, nothing falsely HEALTHY.

`python -m selftests.matrix.left_out_pairs` tries every pair of the lab's keys (about an hour of one core for each
thousand), or `--most N` of them, and prints what is wrong. The self-tests try a fixed sample.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Sequence
from typing import Final

from selftests.support.left_out import SAYS_OTHERWISE, WHOLE, Tables, refusals, refused, run_described, without
from selftests.support.suite_runs import SuiteRun

Pair = tuple[str, str]
# What is undescribed then is live, and warned of.
STRANGERS: Final = frozenset({"SMOKE-PROV-02", "SMOKE-TOKEN-01"})
_SEED: Final = 20261127


def pairs() -> list[Pair]:
    """All pairs of keys that can be left out by themselves, neither of which lies in the other."""
    usable = [path for path, why in refusals().items() if not why and path not in SAYS_OTHERWISE]
    return [(a, b) for a, b in itertools.combinations(usable, 2) if not (f"{b}.".startswith(f"{a}.") or a == b)]


def sample(most: int) -> list[Pair]:
    """The same ones at each time, in a fixed order."""
    found = pairs()
    return random.Random(_SEED).sample(found, min(most, len(found)))  # no secret


def described(pair: Pair) -> Tables:
    """The lab's estate file without these two."""
    first, second = pair
    return without(without(WHOLE, first), second)


def complaints(pair: Pair, healthy: SuiteRun) -> list[str]:
    """What is wrong with what the suite makes of a file without these two; `healthy` is a run by the whole file."""
    tables = described(pair)
    if problem := refused(tables):
        return [] if problem.startswith("estate.toml") else [f"its place is not named: {problem}"]
    run = run_described(tables)
    if not run.report:
        return [f"no report: {run.stdout[-300:]}{run.stderr[-300:]}"]
    found = [f"exit code {run.exit_code}"] if run.exit_code else []
    red = run.named("failed") | run.named("blocked") | run.named("warned")
    found += [f"red: {name}" for name in sorted(red) if name.partition("[")[0] not in STRANGERS]
    lost = healthy.named("passed") - run.named("passed")
    if lost and run.report["verdict"] == "HEALTHY":
        found.append(f"HEALTHY, and {len(lost)} cases are not judged: {sorted(lost)[:5]}")
    if "INTERNALERROR" in run.stdout + run.stderr or "Traceback" in run.stderr:
        found.append("a traceback")
    return found


def main(arguments: Sequence[str]) -> int:
    """Try all pairs, or a sample; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, metavar="N", help="no more than so many, by a fixed seed")
    given = parser.parse_args(arguments)
    tried = pairs() if given.most is None else sample(given.most)
    healthy, wrong = run_described(WHOLE), 0
    for pair in tried:
        if found := complaints(pair, healthy):
            wrong += 1
            print(f"{' and '.join(pair)}: {'; '.join(found)}", flush=True)
    print(f"{len(tried)} pairs tried, {wrong} of them wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
