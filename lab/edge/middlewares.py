"""Traefik's middlewares: the kinds the estate uses, and how an object's spec becomes one of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from lab.cluster.state import Object
from lab.edge.exchange import Exchange, Proceed
from lab.edge.forward_auth import forward_auth
from lab.network import Headers

Middleware = Callable[[Object, Exchange, Proceed], Awaitable[None]]

DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


async def ip_allow_list(spec: Object, exchange: Exchange, proceed: Proceed) -> None:
    """403 for whoever is in none of the spec's ranges."""
    source = _source(spec, exchange)
    allowed = source and any(_contains(each, source) for each in spec.get("sourceRange") or ())
    if allowed:
        await proceed(exchange)
    else:
        await exchange.answer_phrase(int(spec.get("rejectStatusCode") or 403))


def _source(spec: Object, exchange: Exchange) -> str:
    depth = int((spec.get("ipStrategy") or {}).get("depth", 0))
    if not depth:
        return exchange.peer
    claimed = (exchange.header("x-forwarded-for") or "").split(",")
    return claimed[-depth].strip() if len(claimed) >= depth else ""


@lru_cache(maxsize=1024)
def _contains(source_range: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(source_range, strict=False)
    except ValueError:
        return False


async def set_headers(spec: Object, exchange: Exchange, proceed: Proceed) -> None:
    """Request headers for what comes behind, response headers for what comes back, from wherever."""
    for name, value in (spec.get("customRequestHeaders") or {}).items():
        if value:
            exchange.set_header(name.lower(), str(value))
        else:
            exchange.remove_headers([name.lower()])
    wanted = _response_headers(spec, exchange)
    removed = {name.lower() for name, _ in wanted}
    exchange.change_answer(
        lambda headers: (
            [pair for pair in headers if pair[0].lower() not in removed] + [pair for pair in wanted if pair[1]]
        )
    )
    await proceed(exchange)


def _response_headers(spec: Object, exchange: Exchange) -> Headers:
    headers: Headers = [(name, str(value)) for name, value in (spec.get("customResponseHeaders") or {}).items()]
    if spec.get("contentTypeNosniff"):
        headers.append(("X-Content-Type-Options", "nosniff"))
    if frame := spec.get("customFrameOptionsValue") or ("DENY" if spec.get("frameDeny") else ""):
        headers.append(("X-Frame-Options", frame))
    if spec.get("browserXssFilter"):
        headers.append(("X-XSS-Protection", "1; mode=block"))
    for key, name in (
        ("referrerPolicy", "Referrer-Policy"),
        ("contentSecurityPolicy", "Content-Security-Policy"),
    ):
        if spec.get(key):
            headers.append((name, spec[key]))
    if spec.get("stsSeconds") and (exchange.secure or spec.get("forceSTSHeader")):
        headers.append(("Strict-Transport-Security", _strict_transport(spec)))
    return headers


def _strict_transport(spec: Object) -> str:
    value = f"max-age={spec['stsSeconds']}"
    value += "; includeSubDomains" if spec.get("stsIncludeSubdomains") else ""
    return value + ("; preload" if spec.get("stsPreload") else "")


async def redirect_scheme(spec: Object, exchange: Exchange, proceed: Proceed) -> None:
    """Send the browser to the same address under another scheme; whoever is there already passes."""
    scheme = str(spec.get("scheme", "https"))
    if (scheme == "https") == exchange.secure:
        await proceed(exchange)
        return
    name, _, _ = exchange.host.partition(":")
    port = str(spec.get("port") or "")
    authority = name if port in ("", DEFAULT_PORTS.get(scheme)) else f"{name}:{port}"
    moved, kept = (301, 308) if spec.get("permanent") else (302, 307)
    status = moved if exchange.method == "GET" else kept
    location = f"{scheme}://{authority}{exchange.target}"
    await exchange.answer(status, [("Location", location)], HTTPStatus(status).phrase.encode())


async def strip_prefix(spec: Object, exchange: Exchange, proceed: Proceed) -> None:
    """Take the first matching prefix off the path."""
    for prefix in spec.get("prefixes") or ():
        if exchange.path.startswith(prefix):
            exchange.path = "/" + exchange.path.removeprefix(prefix).lstrip("/")
            exchange.set_header("x-forwarded-prefix", prefix)
            break
    await proceed(exchange)


async def do_nothing(_: Object, exchange: Exchange, proceed: Proceed) -> None:
    """Middlewares that change neither who may pass nor what is answered."""
    await proceed(exchange)


# Key of the Middleware object's spec -> what it does; `chain` is resolved where routers are.
KINDS: Final[dict[str, Middleware]] = {
    "forwardAuth": forward_auth,
    "headers": set_headers,
    "ipAllowList": ip_allow_list,
    "ipWhiteList": ip_allow_list,
    "redirectScheme": redirect_scheme,
    "stripPrefix": strip_prefix,
    "buffering": do_nothing,
    "compress": do_nothing,
    "inFlightReq": do_nothing,
    "rateLimit": do_nothing,
    "retry": do_nothing,
}
