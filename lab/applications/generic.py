"""A relying party of any other kind: one implementation, in the manner that its settings name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lab.applications.answers import page
from lab.applications.manners import MANNERS, SHOWN, Failure, Manner
from lab.applications.relying_party import LoginFailed, RelyingParty, VerificationFailed
from lab.authentik.providers import Claims

STATE_COOKIE: Final = "login_state"
SESSION_COOKIE: Final = "app_session"


@dataclass(frozen=True)
class GenericParty:
    """The handlers."""

    party: RelyingParty

    @property
    def manner(self) -> Manner:
        """How it goes about its logins."""
        return MANNERS[self.party.application.manner]

    async def answer(self, request: Request) -> Response:
        """By path, and by whether the query is of that page: several share one address in Apache's module."""
        manner, path = self.manner, request.scope["path"]
        if path == manner.callback:
            by_form = request.method == "POST" and self.party.application.response_mode == "form_post"
            sent = await request.form() if by_form else request.query_params
            if "code" in sent or "error" in sent:
                return await self.callback(request, sent)
        if manner.logout and self._is_at(request, manner.logout):
            return await self.logout(request)
        if self._is_at(request, manner.session):
            return self.session(request)
        if path == manner.start:
            return await self.start(request)
        if manner.entrance and self._key(request) not in self.party.application.sessions:
            return page("Login", manner.entrance)
        return page("Sign In - Miniflux" if manner.anonymous == "/" else self.party.application.title)

    def _is_at(self, request: Request, address: str) -> bool:
        wanted = urlsplit(address)
        names = set(parse_qs(wanted.query, keep_blank_values=True))
        return request.scope["path"] == wanted.path and names <= set(request.query_params)

    async def start(self, request: Request) -> Response:
        """Start a login, by GET or by the form of the login page."""
        own, field = self.party.application, self.manner.start_field
        if field and not (request.method == "POST" and (await request.form()).get(field)):
            return page("Login", self.manner.entrance) if request.method == "GET" else JSONResponse({"success": 0}, 400)
        return self.party.begin(own.authorize_url, STATE_COOKIE)

    async def callback(self, request: Request, sent: Mapping[str, Any]) -> Response:
        """Take the issuer's answer; why it makes no login, only the log says."""
        own, pending = self.party.application, self.party.begun(request, STATE_COOKIE, sent)
        if pending is None:
            return self._refused("state", "the state is not that of a login")
        try:
            claims = await self._claims(sent.get("code", ""), pending.verifier)
        except LoginFailed as failed:
            return self._refused(_why(failed), str(failed))
        own.sessions[key := secrets.token_urlsafe(24)] = claims
        if parameter := self.manner.hands_over:
            return RedirectResponse(f"/?{urlencode({parameter: key})}", 302)
        response = RedirectResponse("/", 302)
        response.headers.append("set-cookie", f"{SESSION_COOKIE}={key}; {own.cookie_attributes}")
        return response

    async def _claims(self, code: str, verifier: str) -> Claims:
        own = self.party.application
        tokens = await self.party.tokens(own.token_url, code, verifier)
        if self.manner.believes_any_issuer:
            return await self.party.userinfo(tokens.get("access_token", ""))
        document = await self.party.discovered()
        claims = await self.party.verified(tokens.get("id_token", ""), document["jwks_uri"])
        slack, now = self.manner.iat_slack, self.party.now()
        if slack is not None and float(claims.get("iat", 0)) > (now + slack).timestamp():
            raise VerificationFailed("issued in the future")
        return claims

    def _refused(self, failure: Failure | None, said: str) -> Response:
        self.party.log(self.manner.words.get(failure, said) if failure else said)
        return self.manner.refuses()

    def _key(self, request: Request) -> str:
        if self.manner.hands_over:
            return request.headers.get("authorization", "").removeprefix("Bearer ")
        return request.cookies.get(SESSION_COOKIE, "")

    def session(self, request: Request) -> Response:
        """Who is signed in, to whoever shows the session."""
        claims = self.party.application.sessions.get(key := self._key(request))
        if claims is not None:
            return self.manner.shows(claims, _form_token(key))
        where = self.manner.anonymous
        return RedirectResponse(where, 302) if where else JSONResponse({"error": "Unauthorized"}, 401)

    async def logout(self, request: Request) -> Response:
        """End the session; where it is but a signed cookie, take that back and no more."""
        own, key = self.party.application, self._key(request)
        if self.manner.posted:
            if request.method != "POST":
                return JSONResponse({"error_message": "Method Not Allowed"}, 405)
            form = await request.form()
            if self.manner.hands_over:
                own.sessions.pop(str(form.get("token")), None)
                return Response(status_code=200)
            if form.get(SHOWN) != _form_token(key):
                return JSONResponse({"error_message": "Invalid or missing CSRF token"}, 400)
        if own.logout_ends_session:
            own.sessions.pop(key, None)
        response = RedirectResponse(self._after_logout(), 302)
        response.headers.append("set-cookie", f"{SESSION_COOKIE}=; Max-Age=0; {own.cookie_attributes}")
        return response

    def _after_logout(self) -> str:
        """Its own page; for a manner that logs out at the issuer too, that address, with the way back."""
        own = self.party.application
        if not self.manner.leaves_by_issuer:
            return "/"
        back = urlencode({"client_id": own.client_id, "post_logout_redirect_uri": f"{own.base_url}/"})
        return f"{own.issuer}end-session/?{back}"


def _form_token(key: str) -> str:
    return hashlib.sha256(f"form of {key}".encode()).hexdigest()


def _why(failed: LoginFailed) -> Failure | None:
    marks: dict[str, Failure] = {
        "invalid_client": "secret",
        "different provider": "issuer",
        "is expired": "clock",
        "in the future": "clock",
    }
    return next((why for words, why in marks.items() if words in str(failed)), None)


def build(party: RelyingParty) -> Starlette:
    """The relying party's server."""
    handlers = GenericParty(party)
    return Starlette(routes=[Route("/{path:path}", handlers.answer, methods=["GET", "POST"])])
