"""A standalone outpost: the gate in a process of its own, which asks the core over the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lab import names
from lab.authentik.exchange import Exchange, write_line_of
from lab.authentik.outpost import gate
from lab.authentik.outpost.model import OutpostView
from lab.authentik.responses import as_router, body_json, plain
from lab.authentik.state import OutpostProcess
from lab.world import World


@dataclass
class OutpostExchange(Exchange):
    """A request to a standalone outpost. `number` is which of its processes, `replica` the server that it asks."""

    number: int = 0

    @property
    def process(self) -> OutpostProcess:
        """The outpost's process that answers."""
        return self.state.outpost_processes[self.number]

    @property
    def view(self) -> OutpostView:
        """What that process has loaded."""
        return self.state.view_of(self.process)

    def kept_as(self, sid: str) -> str:
        """A file of its own pod, which no other process reads (goauthentik/authentik, internal/outpost/proxyv2/
        application/session.go up to 2026.5, src/outpost/proxy/session/mod.rs since; issues 18098 and 25248)."""
        return f"{self.process.pod}/{sid}"

    @property
    def asks_from(self) -> tuple[str, int]:
        """The address of its pod; that of the ingress, where it asks by the public address."""
        own = "10.42.0.5" if self.process.host == names.AUTH_URL else names.OUTPOST_POD_IPS[self.number]
        return own, 40000

    def write(self, line: dict[str, Any]) -> None:
        """Write a line of its pod."""
        write_line_of(self.world, self.process.namespace, self.process.pod, line)


def build(world: World, number: int) -> ASGIApp:
    """The application that serves port 9000 of that process."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        request = Request(scope, receive)
        exchange = OutpostExchange(world, 0, request, await request.body(), number=number)
        response = gate.answer(exchange) or as_router(_nothing_there(exchange))
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    return serve


def _nothing_there(exchange: OutpostExchange) -> Response:
    """There is no core behind it to fall back on."""
    if gate.find(exchange) is not None:
        return plain("404 page not found", 404)
    host = gate.asked_host(exchange)
    detail = f"Check the outpost settings and make sure '{host}' is included."
    exchange.write({"event": "no app for hostname", "host": host, "level": "warning", "logger": gate.LOGGER})
    return body_json({"Message": "no app for hostname", "Host": host, "Detail": detail}, 400)
