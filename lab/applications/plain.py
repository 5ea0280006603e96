"""A relying party without peculiarities: `/login`, `/callback`, `/me`, `/logout`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.applications.answers import page
from lab.applications.relying_party import LoginFailed, RelyingParty

STATE_COOKIE: Final = "rp_state"
SESSION_COOKIE: Final = "rp_session"


@dataclass(frozen=True)
class PlainRelyingParty:
    """The handlers."""

    party: RelyingParty

    async def login(self, _: Request) -> Response:
        """Start a login."""
        own = self.party.application
        if not own.configured:
            return JSONResponse({"error": "not configured"}, 404)
        return self.party.begin(own.authorize_url, STATE_COOKIE)

    async def callback(self, request: Request) -> Response:
        """Take the issuer's answer: 400 for what the request lacks, 502 for what the issuer did not give."""
        own, query = self.party.application, request.query_params
        pending = self.party.begun(request, STATE_COOKIE, request.query_params)
        if pending is None:
            return JSONResponse({"error": "state does not match"}, 400)
        if not query.get("code"):
            return JSONResponse({"error": query.get("error", "no code")}, 400)
        try:
            document = await self.party.discovered()
            tokens = await self.party.tokens(own.token_url, query["code"], pending.verifier)
            claims = await self.party.verified(tokens.get("id_token", ""), document["jwks_uri"])
        except LoginFailed as failed:
            return JSONResponse({"error": str(failed)}, 502)
        key = secrets.token_urlsafe(24)
        own.sessions[key] = claims
        response = RedirectResponse("/", 302)
        response.headers.append("set-cookie", f"{SESSION_COOKIE}={key}; {own.cookie_attributes}")
        return response

    async def me(self, request: Request) -> Response:
        """The claims of whoever is signed in."""
        claims = self.party.application.sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        return JSONResponse({"error": "not signed in"}, 401) if claims is None else JSONResponse(claims)

    async def logout(self, request: Request) -> Response:
        """End the session here."""
        own = self.party.application
        own.sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
        response = RedirectResponse("/", 302)
        response.headers.append("set-cookie", f"{SESSION_COOKIE}=; Max-Age=0; {own.cookie_attributes}")
        return response

    async def ui(self, _: Request) -> Response:
        """The application's page."""
        return page(self.party.application.title)


def build(party: RelyingParty) -> Starlette:
    """The relying party's server."""
    handlers = PlainRelyingParty(party)
    return Starlette(
        routes=[
            Route("/login", handlers.login),
            Route("/callback", handlers.callback),
            Route("/me", handlers.me),
            Route("/logout", handlers.logout),
            Route("/{path:path}", handlers.ui),
        ]
    )
