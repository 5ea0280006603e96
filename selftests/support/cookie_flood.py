"""`pytest -p selftests.support.cookie_flood`: the lab sets cookies on every answer.

`COOKIE_FLOOD` names how many, and how many random letters long: `1x4000`. The letters are other ones each time.
"""

from __future__ import annotations

import os
import random
import string
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import RequestResponseCycle

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_random: Final = random.Random(1)
_send: Final = RequestResponseCycle.send


async def _send_more(cycle: RequestResponseCycle, message: MutableMapping[str, Any]) -> None:
    if message["type"] == "http.response.start":
        number, length = map(int, os.environ.get("COOKIE_FLOOD", "0x0").split("x"))
        lines = (f"flood{at}={_letters(length)}; Path=/" for at in range(number))
        cookies = [(b"set-cookie", line.encode()) for line in lines]
        message = {**message, "headers": [*message.get("headers", ()), *cookies]}
    await _send(cycle, message)  # type: ignore[arg-type]  # uvicorn's own message types


def _letters(length: int) -> str:
    # Cut from one long text: making letters one by one would cost more than what is measured.
    start = _random.randrange(len(_LETTERS) - length)
    return _LETTERS[start : start + length]


_LETTERS: Final = "".join(_random.choices(string.ascii_letters + string.digits, k=4_000_000))
RequestResponseCycle.send = _send_more  # type: ignore[method-assign]
