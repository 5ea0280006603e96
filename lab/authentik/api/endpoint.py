"""Routes of the API: authentication, methods, headers and errors, the same for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lab.authentik import browser, pages
from lab.authentik.api.call import Call, RefusedCallError, Reply, forbidden
from lab.authentik.directory import User
from lab.authentik.responses import as_core, page
from lab.world import World

Handler = Callable[[Call], Reply]

LIST: Final = "GET, POST, HEAD, OPTIONS"
READ: Final = "GET, HEAD, OPTIONS"
DETAIL: Final = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
ACTION: Final = "POST, OPTIONS"

# The scope that makes an application's access token one for this API.
_API_SCOPE: Final = "goauthentik.io/api"
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_WRITES: Final = {"POST", "PUT", "PATCH"}
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def authenticate(call: Call) -> User:
    """The account behind the request's credentials; raises the 403 that tells the reasons apart."""
    scheme, _, key = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return _signed_in(call)
    user = call.directory.bearer(key, call.now) or _delegate(call, key)
    if user is None:
        raise forbidden("Token invalid/expired")
    call.exchange.auth_via, call.exchange.actor = "api_token", user.username
    return user


def _signed_in(call: Call) -> User:
    exchange = call.exchange
    if exchange.session is None:
        browser.load(exchange)
    user, session = browser.user_of(exchange), exchange.session
    if user is None or session is None:
        raise forbidden("Authentication credentials were not provided.")
    # A session, unlike a token, travels with every request of the browser: writes need proof of intent.
    proof = exchange.header("x-authentik-csrf")
    if exchange.method not in _SAFE and (not proof or proof != session.csrf):
        raise forbidden("CSRF Failed: CSRF token missing.")
    return user


def _delegate(call: Call, key: str) -> User | None:
    issued = call.state.access_tokens.get(key)
    if issued is None or issued.revoked or issued.expires <= call.now:
        return None
    user = call.directory.users.get(issued.grant.user) if _API_SCOPE in issued.grant.scopes else None
    return user if user is not None and user.is_active else None


def _rendered(reply: Reply) -> Response:
    if reply.body is None:
        return Response(status_code=reply.status)
    content = json.dumps(reply.body, separators=(",", ":"), ensure_ascii=False).encode()
    return Response(content, reply.status, media_type="application/json")


def _dispatch(call: Call, handlers: Mapping[str, Handler]) -> Reply:
    method = call.request.method
    handler = handlers.get("GET" if method == "HEAD" else method)
    if handler is None:
        raise RefusedCallError(405, {"detail": f'Method "{method}" not allowed.'})
    return handler(call)


def endpoint(world: World, path: str, allow: str | None, *, anonymous: bool = False, **handlers: Handler) -> Route:
    """The route of `/api/v3/<path>`: handlers by method (get=, post=, …), the recorded Allow header.

    `anonymous` endpoints answer without credentials and do not look at any.
    """
    by_method = {method.upper(): handler for method, handler in handlers.items()}

    async def answer(request: Request) -> Response:
        call = Call(world, request)
        try:
            if not anonymous:
                call.caller = authenticate(call)
            if request.method in _WRITES:
                call.content = await request.body()
            reply = _dispatch(call, by_method)
        except RefusedCallError as refusal:
            reply = Reply(refusal.body, refusal.status)
        response = as_core(call.exchange, _rendered(reply))
        if allow:
            response.headers["allow"] = allow
        return response

    return Route(f"/api/v3/{path}", answer, methods=_METHODS)


def api_browser(world: World) -> Route:
    """The address of the API itself: a page for people."""

    async def answer(request: Request) -> Response:
        title = "API Browser - authentik"
        shell = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><ak-api-browser/></body></html>"
        return as_core(Call(world, request).exchange, page(shell))

    return Route("/api/v3/", answer)


def unknown_path(world: World) -> Route:
    """The last route: Authentik's HTML 404, also for addresses without their trailing slash."""

    async def answer(request: Request) -> Response:
        return as_core(Call(world, request).exchange, page(pages.not_found(), 404))

    return Route("/api/v3/{path:path}", answer, methods=_METHODS)
