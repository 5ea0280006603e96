"""One Authentik server replica: the Go router in front, the embedded outpost beside it, the Django part behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lab.authentik import browser, health, pages, routing
from lab.authentik.exchange import Exchange
from lab.authentik.mounting import enter, leave
from lab.authentik.outpost import gate
from lab.authentik.responses import as_core, page
from lab.world import World

_BODIES: Final = {"POST", "PUT", "PATCH", "DELETE"}
_Api = Callable[[], list[Route]]


def build(world: World, replica: int) -> ASGIApp:
    """The application that serves port 9000 of that replica."""

    @cache
    def api() -> list[Route]:
        from lab.authentik.api.app import routes  # noqa: PLC0415  # many modules, for those who ask it something

        return routes(world)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        below = world.authentik.rules.web_path
        entered = enter(scope, below) if below else scope
        if isinstance(entered, Response):
            await entered(scope, receive, send)
            return
        scope = entered
        response = await _answer(world, replica, api, scope, receive)
        response = leave(response, below) if below else response
        request = Request(scope)
        for tamper in world.authentik.tampering:
            response = tamper(request, response)
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    return serve


async def _answer(world: World, replica: int, api: _Api, scope: Scope, receive: Receive) -> Response:
    request = Request(scope, receive)
    body = await request.body() if scope["method"] in _BODIES else b""
    exchange = Exchange(world, replica, request, body)
    # For the REST API, and for whoever tampers with answers.
    scope["replica"], scope["exchange"] = replica, exchange
    response = health.of_router(exchange) or gate.answer(exchange) or health.of_phase(exchange)
    return response or await _from_core(exchange, api)


async def _from_core(exchange: Exchange, api: _Api) -> Response:
    begun = time.perf_counter()
    browser.load(exchange)
    response = routing.answer(exchange)
    if response is not None or not exchange.path.startswith("/api/v3/"):
        response = response or page(pages.not_found(), 404)
        if exchange.save_session and exchange.session:
            exchange.cookies.append(browser.session_cookie(exchange, exchange.session))
        as_core(exchange, response)
    else:
        # The API dresses its answers itself.
        response = await _from_api(exchange, api())
    exchange.log_access(response.status_code, int((time.perf_counter() - begun) * 1000))
    return response


async def _from_api(exchange: Exchange, api: list[Route]) -> Response:
    scope: dict[str, Any] = dict(exchange.request.scope)
    for route in api:
        match, found = route.matches(scope)
        if match != Match.NONE:
            break
    response: Response = await route.endpoint(Request({**scope, **found}, _reread(exchange.body)))
    return response


def _reread(body: bytes) -> Receive:
    """A way to receive a body once more."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
