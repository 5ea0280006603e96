"""HTTP answers as a door gives them, made of what a test says of them."""

import json
from typing import Any, Final

import httpx

from fixtures.exchange.answers import Answer

JSON: Final = "application/json"


def answer(
    status: int = 200,
    body: str | bytes = b"",
    url: str = "https://auth.example/",
    *,
    method: str = "GET",
    elapsed: float = 0.01,
    received: float = 0.0,
    **headers: str | None,
) -> Answer:
    """An answer to whoever asked at `url`; a header of None is none."""
    sent = httpx.Headers({name: value for name, value in headers.items() if value is not None})
    return Answer(method, url, status, sent, body.encode() if isinstance(body, str) else body, elapsed, received)


def json_answer(content: Any, status: int = 200, url: str = "https://auth.example/", **more: Any) -> Answer:
    """The same in JSON; what is text already stays as it is."""
    body = content if isinstance(content, (str, bytes)) else json.dumps(content)
    return answer(status, body, url, **{"content-type": JSON, **more})
