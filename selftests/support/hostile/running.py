"""Puts cases of the corpus before the suite: a run of each, forked from one collection, and what became of it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.mark import KeywordMatcher
from _pytest.mark.expression import Expression

from selftests.support.hostile.bad_lab import IN_FORCE, put_in_force
from selftests.support.hostile.corpus import Case, corpus
from selftests.support.hostile.forked_runs import DEFECT, MOST_MEMORY, SECONDS, Done, Job, run_all
from selftests.support.suite_runs import SuiteRun, forking

# Of processor time, in seconds: waiting costs none.
MOST_TIME: Final = 5.0
# How a sentence says that a bound ended it.
_CUT: Final = re.compile(r"in time|larger than|more than|in a circle|beyond|103$")


@dataclass(frozen=True)
class Result:
    """What a run came to: its verdict, the causes that it names, seconds by the clock and of processor time, its peak
    memory (MB), what fell short."""

    case: str
    verdict: str
    causes: tuple[str, ...]
    seconds: float
    cpu: float
    memory: int
    short: tuple[str, ...]


Runs = Callable[[str], Result]


@contextmanager
def bench() -> Iterator[Runs]:
    """What runs a case by its name, again and again: a process that has collected the suite, and a lab of its own."""
    context = forking()
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()
    theirs.close()

    def run(name: str) -> Result:
        ours.send(name)
        found: Result = ours.recv()
        return found

    try:
        yield run
    finally:
        ours.send(None)
        process.join(SECONDS)
        process.kill()


def _serve(asked: Connection) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "case"
        put_in_force("", file)
        os.environ[IN_FORCE] = str(file)
        known = corpus()

        def rounds(_: object) -> Iterator[list[Job]]:
            for name in iter(asked.recv, None):
                case = known[name]
                yield [Job(case, partial(put_in_force, case.name, file), partial(_is_selected, case))]

        def done(finished: Done) -> None:
            put_in_force("", file)
            asked.send(_result(finished))

        run_all(rounds, done, module="selftests.support.hostile.bad_lab")


def _is_selected(case: Case, item: pytest.Item) -> bool:
    return Expression.compile(case.place.selected).evaluate(KeywordMatcher.from_item(item))


def _result(done: Done) -> Result:
    case: Case = done.name
    if done.run is None:
        return Result(case.name, "none", (), done.seconds, done.cpu, done.memory, ("it did not end, and was killed",))
    causes = tuple(f"{root['id']}: {root['cause']}" for root in _told(done.run))
    short = tuple(_shortcomings(case, done.run, done.memory, done.cpu))
    verdict = done.run.report.get("verdict", "none")
    return Result(case.name, verdict, causes, done.seconds, done.cpu, done.memory, short)


def _told(run: SuiteRun) -> list[dict[str, Any]]:
    return [*run.report.get("roots", ()), *run.report.get("warnings", ())]


def _shortcomings(case: Case, run: SuiteRun, memory: int, cpu: float) -> list[str]:
    verdict, printed = run.report.get("verdict"), run.stdout + run.stderr
    causes = [root["cause"] for root in _told(run)]
    unverified = [entry["cause"] for entry in run.report.get("cases", ()) if entry["outcome"] == "not verified"]
    found = [] if run.report else [f"there is no report: {printed[-300:]}"]
    found += [f"it says {word.group()!r}" for word in [DEFECT.search(printed + " ".join(causes + unverified))] if word]
    found += [f"it took {memory} MB"] if memory > MOST_MEMORY else []
    found += [f"it took {cpu:.1f} s of processor time"] if cpu > MOST_TIME else []
    found += ["it was interrupted"] if verdict == "INTERRUPTED" else []
    found += ["it is silent"] if verdict in ("HEALTHY", None) and not case.kind.harmless else []
    long = [cause for cause in causes if len(cause) > 4100]
    found += [f"a cause of {len(long[0])} characters"] if long else []
    first = next(iter(causes + unverified), "")
    if verdict == "UNHEALTHY" and not re.search(case.place.said, first):
        found.append(f"the first cause does not name who answered what: {first[:200]}")
    if case.kind.cut and verdict == "UNHEALTHY" and not _CUT.search(first):
        found.append(f"the first cause does not say which bound ended it: {first[:200]}")
    return found
