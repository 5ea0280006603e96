"""Dex inside Argo CD, as far as a login passes it: Argo CD asks Dex, and Dex asks Authentik (field/reports.md, row 8).

The hops inside Dex are chosen here; what Argo CD and Authentik see of them is as reported.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lab.applications.answers import page
from lab.applications.relying_party import LoginFailed, RelyingParty
from lab.authentik.providers import Claims

PATH: Final = "/api/dex"
CLIENT: Final = "argo-cd"
CONNECTOR: Final = "authentik"
_MOST_PENDING: Final = 100


@dataclass(frozen=True)
class Dex:
    """Dex's handlers; `asked` are logins under way by their state, `issued` what each code of Dex's stands for."""

    party: RelyingParty
    asked: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    issued: dict[str, tuple[str, Claims]] = field(default_factory=dict, repr=False)

    def address(self, redirect_uri: str, state: str) -> str:
        """Where Argo CD sends somebody who wants to log in."""
        query = {"client_id": CLIENT, "redirect_uri": redirect_uri, "response_type": "code", "state": state}
        return f"{self.base}/auth?{urlencode(query)}"

    @property
    def base(self) -> str:
        """Its own address, which is its issuer: Authentik sends people back below it."""
        return self.party.application.redirect_uri.removesuffix("/callback")

    @property
    def is_bundled(self) -> bool:
        """Whether it is the one that comes with Argo CD, below Argo CD's own address."""
        return self.base.startswith(f"{self.party.application.base_url}/")

    async def auth(self, request: Request) -> Response:
        """There is one connector, so nobody is asked which."""
        return RedirectResponse(f"{PATH}/auth/{CONNECTOR}?{request.url.query}", 302)

    async def connector(self, request: Request) -> Response:
        """On to Authentik, with a state of Dex's own."""
        own, query = self.party.application, request.query_params
        if len(self.asked) >= _MOST_PENDING:
            self.asked.clear()
        state = secrets.token_urlsafe(24)
        self.asked[state] = query.get("redirect_uri", ""), query.get("state", "")
        return RedirectResponse(self.party.authorization_url(own.authorize_url, state), 302)

    async def callback(self, request: Request) -> Response:
        """Take Authentik's answer, and go back to Argo CD with a code of Dex's own."""
        query = request.query_params
        redirect_uri, state = self.asked.pop(query.get("state", ""), ("", ""))
        if not redirect_uri or "error" in query:
            return page("dex: Internal Server Error", query.get("error_description", "User session error."))
        try:
            issued = await self.party.identity(query.get("code", ""), "")
        except LoginFailed as failed:
            self.party.log(f'level=ERROR msg="failed to authenticate" err="{failed}"')
            return page("dex: Internal Server Error", "Failed to authenticate")
        if len(self.issued) >= _MOST_PENDING:
            self.issued.clear()
        self.issued[code := secrets.token_urlsafe(24)] = issued
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)

    def routes(self) -> list[Route]:
        """Dex's addresses, below Argo CD's own."""
        return [
            Route(f"{PATH}/auth", self.auth),
            Route(f"{PATH}/auth/{CONNECTOR}", self.connector),
            Route(f"{PATH}/callback", self.callback),
        ]
