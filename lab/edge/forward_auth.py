"""The forwardAuth middleware: asks another server about each request and relays every answer but a yes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urljoin

from lab.edge.exchange import Exchange, Proceed
from lab.edge.forwarding import HOP_BY_HOP, appended_client, without_hop_by_hop
from lab.network import Answer, Headers, Refused

# What Go's client leaves out or writes itself.
_NOT_COPIED: Final = frozenset({"host", "content-length"})
_FROM_REQUEST: Final = {"x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"}


async def forward_auth(spec: dict[str, Any], exchange: Exchange, proceed: Proceed) -> None:
    """Let the request pass when the address in `spec` answers 2xx; otherwise that answer is the answer.

    A server that cannot be reached makes 500 with an empty body, at once.
    """
    address = str(spec.get("address", ""))
    method = exchange.method if spec.get("preserveRequestMethod") else "GET"
    try:
        answer = await exchange.network.request(method, address, _question(spec, exchange))
    except Refused:
        await exchange.answer(500, [], b"")
        return
    if not 200 <= answer.status < 300:
        await _relay(spec, exchange, address, answer)
        return
    _take_identity(spec, exchange, answer)
    _add_cookies(spec, exchange, answer)
    await proceed(exchange)


def _question(spec: dict[str, Any], exchange: Exchange) -> Headers:
    asked = {name.lower() for name in spec.get("authRequestHeaders") or ()}
    trusting = bool(spec.get("trustForwardHeader"))
    headers = [
        (name, value)
        for name, value in without_hop_by_hop(exchange.headers)
        if name not in _NOT_COPIED
        and (not asked or name in asked)
        and (trusting or not name.startswith("x-forwarded-"))
    ]
    present = {name for name, _ in headers}
    facts = {
        "x-forwarded-method": exchange.method,
        "x-forwarded-proto": "https" if exchange.secure else "http",
        "x-forwarded-host": exchange.host,
        "x-forwarded-uri": exchange.target,
    }
    headers = [(name, value) for name, value in headers if name != "x-forwarded-for"]
    headers.append(("x-forwarded-for", appended_client(exchange) if trusting else exchange.peer))
    kept = present & _FROM_REQUEST
    return headers + [(name, value) for name, value in facts.items() if name not in kept]


async def _relay(spec: dict[str, Any], exchange: Exchange, address: str, answer: Answer) -> None:
    headers = [
        (name, _absolute(spec, address, value) if name.lower() == "location" else value)
        for name, value in answer.headers
        if name.lower() not in HOP_BY_HOP and name.lower() != "content-length"
    ]
    await exchange.answer(answer.status, headers, answer.body)


def _absolute(spec: dict[str, Any], address: str, location: str) -> str:
    return location if spec.get("preserveLocationHeader") else urljoin(address, location)


def _take_identity(spec: dict[str, Any], exchange: Exchange, answer: Answer) -> None:
    listed = {name.lower() for name in spec.get("authResponseHeaders") or ()}
    given = [(name.lower(), value) for name, value in answer.headers]
    told = listed & {name for name, _ in given}
    exchange.remove_headers(listed if exchange.world.edge.clears_identity_headers else told)
    exchange.headers += [(name, value) for name, value in given if name in listed]
    if pattern := spec.get("authResponseHeadersRegex"):
        exchange.remove_headers([name for name, _ in exchange.headers if _matches(pattern, name)])
        exchange.headers += [(name, value) for name, value in given if _matches(pattern, name)]


def _matches(pattern: str, name: str) -> bool:
    # Go sees canonical names, so `^X-authentik-` matches nothing and `(?i)^x-authentik-` everything.
    return _compiled(pattern).search(canonical(name)) is not None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def canonical(name: str) -> str:
    """A header name in Go's canonical spelling: `x-authentik-uid` is `X-Authentik-Uid`."""
    return "-".join(part.capitalize() for part in name.split("-"))


def _add_cookies(spec: dict[str, Any], exchange: Exchange, answer: Answer) -> None:
    wanted = set(spec.get("addAuthCookiesToResponse") or ())
    cookies = [
        ("Set-Cookie", value)
        for name, value in answer.headers
        if name.lower() == "set-cookie" and value.partition("=")[0] in wanted
    ]
    if cookies:
        exchange.change_answer(lambda headers: headers + cookies)
