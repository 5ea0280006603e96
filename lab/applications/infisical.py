"""Infisical as relying party: OIDC settings of an organisation in its database, errors as JSON.

How a callback ends is as facts/relying-parties.md (2.1, 2.2 and 2.4) read it in the source of Infisical and of the
libraries that it embeds: what its error handler does not know is answered by a sentence that names nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.applications.answers import page
from lab.applications.relying_party import DiscoveryFailed, LoginFailed, RelyingParty, VerificationFailed
from lab.authentik.providers import Claims

SESSION_COOKIE: Final = "sessionId"
_ERRORS: Final = {
    400: "BadRequest",
    401: "UnauthorizedError",
    403: "ForbiddenError",
    404: "NotFound",
    422: "ValidationFailure",
    500: "InternalServerError",
}


_UNKNOWN: Final = "Something went wrong"
MOST_FAILURES: Final = 100
_FAILED: Final = "/api/v1/sso/oidc/login/error"
# The refresh token that a release from 0.159.14 on leaves instead of a token in the address.
REFRESH_COOKIE: Final = "jid"


@dataclass(frozen=True)
class Infisical:
    """Infisical's handlers; `failures` are what a refused login is told at its next page, by its session's key."""

    party: RelyingParty
    failures: dict[str, str] = field(default_factory=dict, repr=False)

    async def login(self, request: Request) -> Response:
        """Start an organisation's login; everything that prevents it is a JSON error."""
        own = self.party.application
        slug = request.query_params.get("orgSlug")
        if not slug:
            return _error(422, "orgSlug: Required")
        if slug != own.org_slug:
            return _error(404, f"Organization with slug '{slug}' not found")
        if not own.configured:
            return _error(404, f"OIDC is not configured for organization '{slug}'")
        try:
            document = await self.party.discovered()
        except DiscoveryFailed:
            return _error(500, _UNKNOWN)
        return self.party.begin(document["authorization_endpoint"], SESSION_COOKIE)

    async def callback(self, request: Request) -> Response:
        """Take the issuer's answer and go on to the page that goes with the session."""
        own, query, key = self.party.application, request.query_params, request.cookies.get(SESSION_COOKIE, "")
        pending = own.pending.pop(key, None)
        if "error" in query:
            return self._refused(key, f"{query['error']} ({query.get('error_description', '')})")
        if pending is None:
            return _error(500, _UNKNOWN)
        if pending.state != query.get("state"):
            return self._refused(key, f"state mismatch, expected {pending.state}, got: {query.get('state')}")
        try:
            _, claims = await self.party.identity(query.get("code", ""), pending.verifier)
        except VerificationFailed as failed:
            return self._refused(key, str(failed))
        except LoginFailed as failed:
            self.party.log(f'{{"level":50,"msg":"OIDC login failed: {str(failed).replace(chr(34), "")}"}}')
            return _error(500, _UNKNOWN)
        if not claims.get("email"):
            return _error(400, "Invalid request. Missing email or first name.")
        return self._finished(claims)

    def _refused(self, key: str, detail: str) -> Response:
        if len(self.failures) >= MOST_FAILURES:
            self.failures.clear()
        self.failures[key] = detail
        return RedirectResponse(_FAILED, 302)

    async def failure(self, request: Request) -> Response:
        """Why the login before was refused."""
        detail = self.failures.pop(request.cookies.get(SESSION_COOKIE, ""), None)
        return JSONResponse({"error": "Authentication error", "details": [detail] if detail else []}, 500)

    def _finished(self, claims: Claims) -> Response:
        """To the organisation's page, with a session or a token for it; who has no account yet, to the sign-up."""
        own, token = self.party.application, secrets.token_urlsafe(32)
        if not own.signs_up:
            return RedirectResponse(f"{own.base_url}/signup/sso?token={token}", 302)
        own.sessions[token] = claims
        own.accounts.add(claims["email"])
        if not own.keeps_session_in_cookie:
            return RedirectResponse(f"{own.base_url}/login/sso?token={token}", 302)
        response = RedirectResponse(f"{own.base_url}/login/select-organization", 302)
        secure = "; Secure" if own.base_url.startswith("https://") else ""
        cookie = f"{REFRESH_COOKIE}={token}; Path=/; HttpOnly{secure}; SameSite=Strict"
        response.headers.append("set-cookie", cookie)
        return response

    async def user(self, request: Request) -> Response:
        """Who the bearer token of a finished login stands for."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self.party.application.sessions.get(token) if scheme == "Bearer" else None
        if claims is None:
            return _error(401, "Token missing" if not token else "Token invalid")
        said = {"email": claims["email"], "username": claims["email"], "firstName": claims.get("name", "")}
        return JSONResponse({"user": said})

    async def status(self, _: Request) -> Response:
        """Alive."""
        date = self.party.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        said = {
            "date": date,
            "message": "Ok",
            "emailConfigured": False,
            "inviteOnlySignup": True,
            "redisConfigured": True,
            "secretScanningConfigured": False,
        }
        return JSONResponse(said)

    async def configuration(self, _: Request) -> Response:
        """What the login page needs to know; public."""
        own = self.party.application
        config = {
            "initialized": True,
            "allowSignUp": False,
            "defaultAuthOrgSlug": own.org_slug if own.configured else None,
            "defaultAuthOrgAuthMethod": "oidc" if own.configured else None,
            "enabledLoginMethods": ["email", "oidc"] if own.configured else ["email"],
            "isMigrationModeOn": False,
        }
        return JSONResponse({"config": config})

    async def refuse(self, _: Request) -> Response:
        """What needs a token, asked without one."""
        return _error(401, "Token missing")

    async def ui(self, _: Request) -> Response:
        """The single-page UI."""
        return page(self.party.application.title)


def _error(status: int, message: str) -> Response:
    said = {"reqId": f"req-{secrets.token_hex(7)}", "statusCode": status, "message": message}
    return JSONResponse({**said, "error": _ERRORS[status]}, status)


async def _unknown(_: Request) -> Response:
    return _error(404, "Route not found")


def build(party: RelyingParty) -> Starlette:
    """Infisical's server."""
    infisical = Infisical(party)
    return Starlette(
        routes=[
            Route("/api/v1/sso/oidc/login", infisical.login),
            Route("/api/v1/sso/oidc/callback", infisical.callback),
            Route(_FAILED, infisical.failure),
            Route("/api/v1/admin/config", infisical.configuration),
            Route("/api/v1/user", infisical.user),
            Route("/api/v1/workspace", infisical.refuse),
            Route("/api/v3/secrets/raw", infisical.refuse),
            Route("/api/status", infisical.status),
            Route("/api/{path:path}", _unknown),
            Route("/{path:path}", infisical.ui),
        ]
    )
