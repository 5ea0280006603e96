"""The proxy's two public entry points as ASGI applications."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab.edge.exchange import Exchange, Proceed, not_found
from lab.edge.forwarding import receive_forwarded
from lab.edge.middlewares import redirect_scheme
from lab.edge.proxying import Balancer
from lab.edge.rules import Facts
from lab.edge.runtime import Step, selected
from lab.edge.targets import sanitized
from lab.network import ASGIApp, Message, Network, Receive, Scope, Send
from lab.world import World


def build(world: World, network: Network, entry_point: str) -> ASGIApp:
    """The entry point `web` or `websecure`. A WebSocket upgrade has to arrive as an ordinary GET."""
    balancer = Balancer()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if world.edge.tampering:
            tampered = _Tampered(world, scope)
            send = partial(tampered.collect, send)
        exchange = Exchange(world, network, entry_point, scope, receive, send, **_facts(world, scope))
        edge = world.edge
        receive_forwarded(exchange, trusted=edge.forwarded_headers_trusted, kept=edge.forwarded_headers_kept)
        await _route(exchange, balancer)

    return serve


def _facts(world: World, scope: Scope) -> dict[str, Any]:
    raw = scope["raw_path"].decode("latin-1") or "/"
    client = scope.get("client") or ("127.0.0.1", 0)
    return {
        "peer": world.edge.client_address or client[0],
        "method": scope["method"],
        "path": sanitized(raw) if world.edge.sanitizes_paths else raw,
        "query": scope["query_string"].decode("latin-1"),
        "headers": [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]],
    }


async def _route(exchange: Exchange, balancer: Balancer) -> None:
    edge = exchange.world.edge
    host = exchange.host.partition(":")[0].lower().rstrip(".")
    facts = Facts(host, exchange.path, exchange.method, exchange.query, tuple(exchange.headers))
    if exchange.entry_point == "web" and edge.redirects_plain_http and host not in edge.plain_http_hosts:
        spec = {"scheme": "https", "port": str(edge.redirect_port), "permanent": edge.redirect_permanent}
        await redirect_scheme(spec, exchange, not_found)
        return
    found = selected(exchange.world, exchange.entry_point, facts)
    if found is None:
        await not_found(exchange)
        return
    router, steps = found
    await _through(steps, partial(balancer.proxy, router))(exchange)


def _through(steps: list[Step], last: Proceed) -> Proceed:
    if not steps:
        return last
    (middleware, spec), *rest = steps

    async def step(exchange: Exchange) -> None:
        await middleware(spec, exchange, _through(rest, last))

    return step


class _Tampered:
    """Collects an answer, lets the world's tampering have it, and sends what came of it."""

    def __init__(self, world: World, scope: Scope) -> None:
        self._world = world
        self._request = Request(scope)
        self._response = Response()
        self._body = b""

    async def collect(self, send: Send, message: Message) -> None:
        """Take the next ASGI message of the answer; the last one sends it."""
        if message["type"] == "http.response.start":
            self._response.status_code = message["status"]
            self._response.raw_headers = [(k.lower(), v) for k, v in message["headers"]]
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._finish(send)

    async def _finish(self, send: Send) -> None:
        response = self._response
        response.body = self._body
        for tamper in self._world.edge.tampering:
            response = tamper(self._request, response)
        headers = [pair for pair in response.raw_headers if pair[0] != b"content-length"]
        if self._request.method != "HEAD":
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.body, "more_body": False})
