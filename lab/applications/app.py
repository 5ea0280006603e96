"""One application as ASGI: found by name at each request, because healing replaces its settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from lab.applications import argocd, echo, generic, grafana, infisical, pages, plain
from lab.applications.relying_party import RelyingParty
from lab.applications.state import Application
from lab.network import ASGIApp, Message, Network, Receive, Refused, Scope, Send, call
from lab.world import World

_RELYING_PARTIES: Final[dict[str, Callable[[RelyingParty], ASGIApp]]] = {
    "argocd": argocd.build,
    "grafana": grafana.build,
    "infisical": infisical.build,
    "relying-party": plain.build,
    "generic": generic.build,
}


def build(world: World, network: Network, name: str) -> ASGIApp:
    """The application `name`. Raises KeyError when the world has none of that name.

    Raises Refused at a request while it is not up.
    """
    kind = world.applications[name].kind
    serve = _RELYING_PARTIES[kind](RelyingParty(world, network, name)) if kind in _RELYING_PARTIES else None

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        settings = world.applications[name]
        if not settings.up:
            raise Refused(f"{name} is down")
        inner = serve or _answering(settings)
        if settings.clock_error:
            inner = _dated(inner, world.clock.now() + settings.clock_error)
        if world.applications.tampering:
            inner = _tampered(world, inner)
        await inner(scope, receive, send)

    return application


def _dated(inner: ASGIApp, moment: datetime) -> ASGIApp:
    """As `inner`, by a clock of its own: without one, whoever serves dates the answers."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def dating(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = (b"date", format_datetime(moment, usegmt=True).encode("ascii"))
                message = {**message, "headers": [*message.get("headers", ()), date]}
            await send(message)

        await inner(scope, receive, dating)

    return serve


def _answering(settings: Application) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        response = echo.answer(request) if settings.kind == "echo" else pages.answer(settings, request)
        await response(scope, receive, send)

    return serve


def _tampered(world: World, inner: ASGIApp) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = await call(inner, scope, await request.body())
        response = Response(answer.body, answer.status)
        response.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in answer.headers
            if name.lower() != "content-length"
        ]
        for tamper in world.applications.tampering:
            response = tamper(request, response)
        response.headers["content-length"] = str(len(response.body))
        await response(scope, receive, send)

    return serve
