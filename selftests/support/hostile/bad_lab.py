"""`python -m selftests.support.hostile.bad_lab`: a lab that answers badly where the case in force says so.

The case's name stands in the file that the environment names: it may be another one at each request.
"""

from __future__ import annotations

import asyncio
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from lab.__main__ import main
from lab.lab import Lab
from selftests.support.hostile.corpus import Case, corpus

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from selftests.support.hostile.wire import Said

# The environment's name for the file in which the case in force stands, and when it was put there.
IN_FORCE: Final = "SSO_SELFTEST_CASE"
# The bounds that the estate file sets for these runs, in seconds.
BOUNDS: Final = {
    "exchange_deadline_seconds": 2,
    "connect_deadline_seconds": 2,
    "retry_budget_seconds": 1,
    "run_deadline_seconds": 40,
}
_own: Final = RequestResponseCycle.run_asgi


def put_in_force(name: str, file: Path) -> None:
    """From now on the lab that reads this file answers so."""
    file.write_text(name)


@lru_cache(maxsize=1)
def _case(name: str, _since: int) -> Case | None:
    # Made anew each time: what a case says may change as it is asked.
    return corpus().get(name)


async def _run_asgi(cycle: RequestResponseCycle, app: Any) -> None:  # an ASGI application
    scope, file = cycle.scope, Path(os.environ[IN_FORCE])
    case = _case(file.read_text(), file.stat().st_mtime_ns)
    host = dict(scope["headers"]).get(b"host", b"").decode().partition(":")[0]
    query = scope["query_string"].decode("latin-1")
    target = scope["path"] + (f"?{query}" if query else "")
    if case is None or not case.place.is_asked(scope["method"], host, target):
        await _own(cycle, app)
        return
    body = bytearray()

    async def collect(message: MutableMapping[str, Any]) -> None:
        body.extend(message.get("body", b""))

    await app(scope, cycle.receive, collect)
    await _speak(cycle, case.kind.speaks(bytes(body)))


async def _speak(cycle: RequestResponseCycle, said: Said) -> None:
    for piece in said:
        if cycle.transport.is_closing():
            return
        if isinstance(piece, float):
            await asyncio.sleep(piece)
        else:
            cycle.transport.write(piece)
            # A moment for the loop: who has gone is noticed, and others are answered.
            await asyncio.sleep(0)
            await cycle.flow.drain()
    cycle.transport.close()


def _bounded(lab: Lab) -> Any:  # what `_describe` gives
    before = _described(lab)

    def change(estate: dict[str, Any]) -> None:
        if before is not None:
            before(estate)
        estate.setdefault("bounds", {}).update(BOUNDS)

    return change


_described: Final = Lab._describe
if __name__ == "__main__":
    RequestResponseCycle.run_asgi = _run_asgi  # type: ignore[method-assign]
    Lab._describe = _bounded  # type: ignore[method-assign]  # the bounds are no change of the world
    sys.exit(main())
