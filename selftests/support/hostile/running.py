"""Puts a case of the corpus before the suite: one run in a process of its own, and what became of it."""

from __future__ import annotations

import asyncio
import re
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from lab.lab import Lab
from selftests.support.hostile.corpus import Case, corpus
from selftests.support.suite_runs import SuiteRun, warm_run

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from selftests.support.hostile.wire import Said

# The bounds that the estate file sets for these runs, in seconds.
BOUNDS: Final = {
    "exchange_deadline_seconds": 2,
    "connect_deadline_seconds": 2,
    "retry_budget_seconds": 1,
    "run_deadline_seconds": 40,
}
MOST_MEMORY: Final = 400
# How a sentence says that a bound ended it.
_CUT: Final = re.compile(r"in time|larger than|more than|in a circle|beyond|103$")
_WORDS: Final = re.compile(r"\bdefect\b|itself broke|Traceback|INTERNALERROR|MemoryError|RecursionError")
_own: Final = RequestResponseCycle.run_asgi


@dataclass(frozen=True)
class Result:
    """What a run came to: its verdict, the causes that it names, seconds, peak memory (MB), what fell short."""

    case: str
    verdict: str
    causes: tuple[str, ...]
    seconds: float
    memory: int
    short: tuple[str, ...]


def run_case(name: str) -> Result:
    """Run one case; only for a process that does nothing else."""
    case = corpus()[name]
    _install(case)
    began = time.monotonic()
    run = warm_run("--lab", "-k", case.place.selected)
    seconds = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    causes = tuple(f"{root['id']}: {root['cause']}" for root in _told(run))
    short = tuple(_shortcomings(case, run, memory))
    return Result(name, run.report.get("verdict", "none"), causes, seconds, memory, short)


def _told(run: SuiteRun) -> list[dict[str, Any]]:
    return [*run.report.get("roots", ()), *run.report.get("warnings", ())]


def _shortcomings(case: Case, run: SuiteRun, memory: int) -> list[str]:
    verdict, printed = run.report.get("verdict"), run.stdout + run.stderr
    causes = [root["cause"] for root in _told(run)]
    unverified = [entry["cause"] for entry in run.report.get("cases", ()) if entry["outcome"] == "not verified"]
    found = [] if run.report else [f"there is no report: {printed[-300:]}"]
    found += [f"it says {word.group()!r}" for word in [_WORDS.search(printed + " ".join(causes + unverified))] if word]
    found += [f"it took {memory} MB"] if memory > MOST_MEMORY else []
    found += ["it was interrupted"] if verdict == "INTERRUPTED" else []
    found += ["it is silent"] if verdict in ("HEALTHY", None) and not case.kind.harmless else []
    long = [cause for cause in causes if len(cause) > 4100]
    found += [f"a cause of {len(long[0])} characters"] if long else []
    if verdict == "UNHEALTHY" and not re.search(case.place.said, causes[0]):
        found.append(f"the first cause does not name who answered what: {causes[0][:200]}")
    if case.kind.cut and verdict == "UNHEALTHY" and not _CUT.search(causes[0]):
        found.append(f"the first cause does not say which bound ended it: {causes[0][:200]}")
    return found


def _install(case: Case) -> None:
    async def run_asgi(cycle: RequestResponseCycle, app: Any) -> None:  # an ASGI application
        scope = cycle.scope
        host = dict(scope["headers"]).get(b"host", b"").decode().partition(":")[0]
        query = scope["query_string"].decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        if not case.place.is_asked(scope["method"], host, target):
            await _own(cycle, app)
            return
        body = bytearray()

        async def collect(message: MutableMapping[str, Any]) -> None:
            body.extend(message.get("body", b""))

        await app(scope, cycle.receive, collect)
        await _speak(cycle, case.kind.speaks(bytes(body)))

    RequestResponseCycle.run_asgi = run_asgi  # type: ignore[method-assign]
    described = Lab._describe  # the bounds are no change of the world

    def describe(lab: Lab) -> Any:  # what `_describe` gives
        before = described(lab)

        def change(estate: dict[str, Any]) -> None:
            if before is not None:
                before(estate)
            estate.setdefault("bounds", {}).update(BOUNDS)

        return change

    Lab._describe = describe  # type: ignore[method-assign]  # as above


async def _speak(cycle: RequestResponseCycle, said: Said) -> None:
    for piece in said:
        if cycle.transport.is_closing():
            return
        if isinstance(piece, float):
            await asyncio.sleep(piece)
        else:
            cycle.transport.write(piece)
            await cycle.flow.drain()
    cycle.transport.close()
