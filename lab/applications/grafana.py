"""Grafana as relying party (generic OAuth): an HMAC of the state in a cookie, sessions of its own.

From its source, as facts/relying-parties.md tells: who somebody is called (never preferred_username), that a login goes
on without userinfo, and which cookies a refusal leaves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.applications.answers import go_redirect, page
from lab.applications.relying_party import (
    ExchangeFailed,
    LoginFailed,
    RelyingParty,
    VerificationFailed,
    random_state,
    random_verifier,
)
from lab.authentik.providers import Claims

STATE_COOKIE: Final = "oauth_state"
VERIFIER_COOKIE: Final = "oauth_code_verifier"
SESSION_COOKIE: Final = "grafana_session"
ERROR_COOKIE: Final = "login_error"
STATE_SECONDS: Final = 600
SESSION_SECONDS: Final = 2592000
VERSION: Final = {"version": "12.3.0", "commit": "20051fb1fc604fc54aae76356da1c14612af41d0"}
_SECRET_KEY: Final = secrets.token_hex(16)
_ATTRIBUTES: Final = "Path=/; Max-Age={}; HttpOnly; SameSite=Lax"
_ORGANISATION: Final = {"id": 1, "name": "Main Org."}


class LoginRefused(LoginFailed):
    """A login that Grafana did not accept; the text goes to its log, not to the person."""


@dataclass(frozen=True)
class Grafana:
    """Grafana's handlers."""

    party: RelyingParty

    async def oauth(self, request: Request) -> Response:
        """Start a login, or take the issuer's answer: both live at the same path."""
        query = request.query_params
        if not self.party.application.configured:
            return self._refused("oauth provider is not enabled")
        if "error" in query:
            return self._refused(f"login provider returned {query['error']}", keeps_state=True)
        if not query.get("code"):
            return self._start()
        try:
            claims = await self._identity(request)
        except LoginFailed as failed:
            return self._refused(str(failed))
        return self._signed_in(claims)

    def _start(self) -> Response:
        own = self.party.application
        state, verifier = random_state(44), random_verifier() if own.use_pkce else ""
        response = go_redirect(302, self.party.authorization_url(own.authorize_url, state, verifier))
        lifetime = _ATTRIBUTES.format(STATE_SECONDS)
        response.headers.append("set-cookie", f"{STATE_COOKIE}={self._hashed(state)}; {lifetime}")
        if verifier:
            response.headers.append("set-cookie", f"{VERIFIER_COOKIE}={verifier}; {lifetime}")
        return response

    async def _identity(self, request: Request) -> Claims:
        saved = request.cookies.get(STATE_COOKIE, "")
        if not saved:
            raise LoginRefused("[auth.oauth.state.missing] missing saved oauth state")
        if not secrets.compare_digest(saved, self._hashed(request.query_params.get("state", ""))):
            raise LoginRefused("[auth.oauth.state.invalid] provided state did not match stored state")
        own = self.party.application
        verifier = request.cookies.get(VERIFIER_COOKIE, "")
        try:
            tokens = await self.party.tokens(own.token_url, request.query_params["code"], verifier)
        except ExchangeFailed as failed:
            text = f"[auth.oauth.token.exchange] failed to exchange code to token: {failed}"
            raise LoginRefused(text) from failed
        claims = _unverified(tokens.get("id_token", ""))
        with suppress(VerificationFailed):  # the login goes on with what the ID token says
            claims = {**await self.party.userinfo(tokens.get("access_token", "")), **claims}
        return claims

    def _signed_in(self, claims: Claims) -> Response:
        if not claims.get("email"):
            # Grafana asks for it below its api_url, where Authentik has nothing.
            return self._refused("[auth.oauth.userinfo.error] failed to get user info: unexpected status 404")
        allowed = self.party.application.allowed_groups
        if allowed and not allowed & set(claims.get("groups", ())):
            # pkg/login/social/connectors: errMissingGroupMembership
            return self._refused("[auth.oauth.userinfo.failed] user not a member of one of the required groups")
        if claims["email"] in self.party.application.strangers:
            # In these words: grafana/grafana#74154.
            self.party.log('logger=user.sync level=error msg="Failed to create user" error="user already exists"')
            return self._refused("[user.sync.internal] unable to create user")
        key = secrets.token_hex(16)
        self.party.application.sessions[key] = claims
        self.party.application.accounts.add(claims["email"])
        expiry = int(self.party.world.clock.now().timestamp()) + 540
        response = go_redirect(302, "/")
        response.headers.append("set-cookie", f"{STATE_COOKIE}=; {_ATTRIBUTES.format(0)}")
        response.headers.append("set-cookie", f"{SESSION_COOKIE}={key}; {_ATTRIBUTES.format(SESSION_SECONDS)}")
        shown = f"grafana_session_expiry={expiry}; Path=/; Max-Age={SESSION_SECONDS}; SameSite=Lax"
        response.headers.append("set-cookie", shown)
        return response

    def _refused(self, reason: str, *, keeps_state: bool = False) -> Response:
        quoted = reason.replace('"', '\\"')
        self.party.log(f'logger=authn.service level=error msg="Failed to authenticate request" error="{quoted}"')
        response = go_redirect(302, "/login")
        shown = f"{ERROR_COOKIE}={secrets.token_hex(24)}; {_ATTRIBUTES.format(60)}"
        if not keeps_state:
            response.headers.append("set-cookie", f"{STATE_COOKIE}=; {_ATTRIBUTES.format(0)}")
        response.headers.append("set-cookie", shown)
        return response

    def _hashed(self, state: str) -> str:
        material = state + _SECRET_KEY + self.party.application.client_secret
        return hashlib.sha256(material.encode()).hexdigest()

    async def login(self, request: Request) -> Response:
        """The login page with its boot data; whoever is signed in is sent on."""
        if self._session(request) is not None:
            return go_redirect(302, "/")
        own = self.party.application
        oauth = {"generic_oauth": {"name": "Authentik", "icon": "signin"}} if own.configured else {}
        settings = {
            "oauth": oauth,
            "appSubUrl": "",
            "appUrl": f"{own.base_url}/",
            "disableLoginForm": False,
            "buildInfo": {"version": VERSION["version"], "commit": VERSION["commit"]},
        }
        boot = {"user": {"isSignedIn": False}, "settings": settings}
        if ERROR_COOKIE in request.cookies:
            settings["loginError"] = "Login failed"
        script = f"<script>window.grafanaBootData = {json.dumps(boot)};</script>"
        return page(own.title, f'<div id="reactRoot"></div>{script}')

    async def home(self, request: Request) -> Response:
        """The application for whoever is signed in, the way to the login page for the others."""
        if self._session(request) is None:
            return go_redirect(302, "/login")
        return page(self.party.application.title, '<div id="reactRoot"><h1>Welcome to Grafana</h1></div>')

    async def logout(self, request: Request) -> Response:
        """End the session here; the issuer's lives on."""
        self.party.application.sessions.pop(request.cookies.get(SESSION_COOKIE, ""), None)
        response = go_redirect(302, "/login")
        response.headers.append("set-cookie", f"{SESSION_COOKIE}=; {_ATTRIBUTES.format(0)}")
        response.headers.append("set-cookie", "grafana_session_expiry=; Path=/; Max-Age=0; SameSite=Lax")
        return response

    async def user(self, request: Request) -> Response:
        """Who is signed in."""
        claims = self._session(request)
        if claims is None:
            return _unauthorized()
        said = {
            "id": 2,
            "uid": hashlib.sha256(str(claims.get("sub")).encode()).hexdigest()[:14],
            "email": claims["email"],
            "name": claims.get("name", ""),
            "login": claims.get("login") or claims.get("username") or claims["email"],
            "theme": "",
            "orgId": 1,
            "isGrafanaAdmin": False,
            "isDisabled": False,
            "isExternal": True,
            "isExternallySynced": True,
            "authLabels": ["Generic OAuth"],
        }
        return JSONResponse(said)

    async def user_organisations(self, request: Request) -> Response:
        """The signed-in person's organisation and role in it."""
        claims = self._session(request)
        if claims is None:
            return _unauthorized()
        role = self.party.application.role_of(claims)
        return JSONResponse([{"orgId": 1, "name": _ORGANISATION["name"], "role": role}])

    async def organisation(self, request: Request) -> Response:
        """The organisation, for whoever is signed in."""
        return _unauthorized() if self._session(request) is None else JSONResponse(_ORGANISATION)

    async def health(self, _: Request) -> Response:
        """Alive, with its database."""
        return JSONResponse({"database": "ok", **VERSION})

    def _session(self, request: Request) -> Claims | None:
        return self.party.application.sessions.get(request.cookies.get(SESSION_COOKIE, ""))


def _unverified(id_token: str) -> Claims:
    # validate_id_token is off by default: Grafana reads the claims and asks no key.
    payload = id_token.split(".")[1] if id_token.count(".") == 2 else ""
    if not payload:
        return {}
    claims: Claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _unauthorized() -> Response:
    said = {"extra": None, "message": "Unauthorized", "messageId": "auth.unauthorized", "statusCode": 401}
    return JSONResponse({**said, "traceID": ""}, 401)


async def _robots(_: Request) -> Response:
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


def build(party: RelyingParty) -> Starlette:
    """Grafana's server."""
    grafana = Grafana(party)
    return Starlette(
        routes=[
            Route("/login/generic_oauth", grafana.oauth),
            Route("/login", grafana.login),
            Route("/logout", grafana.logout),
            Route("/api/health", grafana.health),
            Route("/api/user", grafana.user),
            Route("/api/user/orgs", grafana.user_organisations),
            Route("/api/org", grafana.organisation),
            Route("/robots.txt", _robots),
            Route("/{path:path}", grafana.home),
        ]
    )
