"""A provider in mode proxy: the outpost leads requests on to the application itself.

Source: goauthentik/authentik, internal/outpost/proxyv2/application/mode_proxy.go and utils.go (redirectToStart), and
since 2026.8 src/outpost/proxy/application/handlers/proxy.rs and mod.rs, which do the same.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lab.authentik.exchange import Exchange
from lab.authentik.outpost.application import PREFIX, GatedApplication
from lab.authentik.outpost.identity import authenticated, headers
from lab.authentik.responses import go_redirect, page
from lab.network import Answer, Network, Refused

_HOP: Final = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
_REFUSED: Final = (
    "<title>Unauthenticated</title><h1>Unauthenticated</h1>"
    "<p>Due to &#39;Receive header authentication&#39; being set, no redirect is performed.</p>"
)


class LedOn(Response):
    """What the application says, who is asked when the answer is sent; the outpost's own headers go with it."""

    def __init__(self, exchange: Exchange, target: str, told: dict[str, str]) -> None:
        super().__init__()
        self._exchange, self._target, self._told = exchange, target, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the application, and hand its answer on."""
        try:
            response = self._taken(await self._asked())
        except Refused:
            response = page("<title>Bad Gateway</title><p>Failed to connect to backend.</p>", 502)
        if scope["method"] == "HEAD":
            response.body = b""
        response.raw_headers += [pair for pair in self.raw_headers if pair[0] == b"set-cookie"]
        await response(scope, receive, send)

    async def _asked(self) -> Answer:
        exchange = self._exchange
        told = {**self._told, "x-forwarded-host": exchange.header("host")}
        sent = [(name, value) for name, value in exchange.request.headers.items() if name not in {*told, *_HOP}]
        url = self._target.rstrip("/") + exchange.target
        return await Network(exchange.world).request(exchange.method, url, [*sent, *told.items()], exchange.body)

    def _taken(self, answer: Answer) -> Response:
        response = Response(answer.body, answer.status)
        kept = [(name.lower(), value) for name, value in answer.headers if name.lower() not in _HOP]
        length = (b"content-length", str(len(answer.body)).encode())
        response.raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in kept] + [length]
        response.headers["x-powered-by"] = "goauthentik.io"
        return response


def lead_on(application: GatedApplication) -> Response:
    """The application's answer for whoever is logged in, or where its path is open to all; else the way to a login."""
    exchange, provider = application.exchange, application.provider
    session = authenticated(application)
    if session is not None:
        return LedOn(exchange, provider.internal_host, headers(application, session))
    if application.open_to_all(urlsplit(exchange.path)):
        return LedOn(exchange, provider.internal_host, {})
    if exchange.header("authorization") and provider.intercept_header_auth:
        return page(_REFUSED, 401)
    back = urlencode({"rd": f"{provider.external_host}{exchange.path}"})
    return go_redirect(exchange, f"{provider.external_host}{PREFIX}/start?{back}")
