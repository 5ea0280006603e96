"""The X-Forwarded headers and the hop-by-hop headers: what an entry point takes away, adds and passes on."""

from __future__ import annotations

from typing import Final

from lab.edge.exchange import Exchange
from lab.network import Headers

FORWARDED: Final = (
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-forwarded-tls-client-cert",
    "x-forwarded-tls-client-cert-info",
    "x-forwarded-uri",
    "x-real-ip",
)
HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    }
)
SERVER_NAME: Final = "traefik"


def is_websocket(headers: Headers) -> bool:
    """Whether these headers ask for an upgrade to a WebSocket."""
    return any(name == "upgrade" and value.lower() == "websocket" for name, value in headers)


def receive_forwarded(exchange: Exchange, *, trusted: bool, kept: frozenset[str]) -> None:
    """What the entry point does first: discard what an untrusted client claims, but for the headers `kept` (in lower
    case), and fill in what is missing."""
    if not trusted:
        exchange.remove_headers(name for name in FORWARDED if name not in kept)
    proto = ("wss" if exchange.secure else "ws") if is_websocket(exchange.headers) else ""
    proto = proto or ("https" if exchange.secure else "http")
    _, _, port = exchange.host.partition(":")
    facts = {
        "x-forwarded-host": exchange.host,
        "x-forwarded-port": port or ("443" if exchange.secure else "80"),
        "x-forwarded-proto": proto,
        "x-forwarded-server": SERVER_NAME,
        "x-real-ip": exchange.peer,
    }
    for name, value in facts.items():
        if exchange.header(name) is None:
            exchange.headers.append((name, value))


def appended_client(exchange: Exchange) -> str:
    """X-Forwarded-For with this client at its end."""
    prior = [value for name, value in exchange.headers if name == "x-forwarded-for"]
    return ", ".join([*prior, exchange.peer])


def without_hop_by_hop(headers: Headers) -> Headers:
    """The headers that concern more than this connection: none that is hop-by-hop, none named by Connection.

    X-Forwarded headers cannot be named away (the proxy's own must reach the backend).
    """
    named = {token.strip().lower() for name, value in headers if name == "connection" for token in value.split(",")}
    gone = HOP_BY_HOP | (named - set(FORWARDED))
    return [(name, value) for name, value in headers if name.lower() not in gone]
