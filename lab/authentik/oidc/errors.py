"""What the provider refuses, in the words of the specifications that Authentik quotes."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from lab.authentik import pages
from lab.authentik.exchange import Exchange
from lab.authentik.responses import page, redirect, token_json

_AUTHORIZE: Final = "authentik.providers.oauth2.views.authorize"
# What Django leaves as it is in a Location.
_URI_SAFE: Final = "/#%[]=:;$&()+,!?*@'~"

AUTHORIZATION_ERRORS: Final = {
    "unsupported_response_type": (
        "The authorization server does not support obtaining an authorization code using this method"
    ),
    "request_not_supported": "The provider does not support use of the request parameter",
    "invalid_request": "The request is otherwise malformed",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed",
    "login_required": "The Authorization Server requires End-User authentication",
    "consent_required": "The Authorization Server requires End-User consent",
    "access_denied": "The resource owner or authorization server denied the request",
}
TOKEN_ERRORS: Final = {
    "invalid_request": "The request is otherwise malformed",
    "invalid_client": (
        "Client authentication failed (e.g., unknown client, no client authentication included, "
        "or unsupported authentication method)"
    ),
    "invalid_grant": (
        "The provided authorization grant or refresh token is invalid, expired, revoked, does not match the "
        "redirection URI used in the authorization request, or was issued to another client"
    ),
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server",
    "invalid_scope": (
        "The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner"
    ),
    "authorization_pending": (
        "The authorization request is still pending as the end user hasn't yet completed the user-interaction steps"
    ),
    # The words run together in Authentik too.
    "slow_down": (
        'A variant of "authorization_pending", the authorization request isstill pending and polling should '
        "continue, but the interval MUSTbe increased by 5 seconds for this and all subsequent requests."
    ),
}


class AuthorizationRefused(Exception):
    """The authorization endpoint says no."""

    def answer(self, exchange: Exchange) -> Response:
        """How the refusal reaches the browser."""
        raise NotImplementedError


class RefusedOnPage(AuthorizationRefused):
    """Client or redirect URI are not to be trusted, so nothing is redirected (RFC 6749 section 4.1.2.1)."""

    def __init__(self, title: str, description: str, cause: str | None = None) -> None:
        super().__init__(title)
        self.title, self.description, self.cause = title, description, cause

    def answer(self, exchange: Exchange) -> Response:
        """The error page, status 400."""
        exchange.warn(self.description, _AUTHORIZE, cause=self.cause)
        return page(pages.error(self.title, self.description), 400)


def client_refused() -> RefusedOnPage:
    """The client id is missing or unknown."""
    return RefusedOnPage("Client ID Error", "The client identifier (client_id) is missing or invalid.")


def redirect_refused(cause: str) -> RefusedOnPage:
    """The redirect URI is missing, or none of the provider's."""
    text = "The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri)."
    return RefusedOnPage("Redirect URI Error", text, cause)


class RefusedToClient(AuthorizationRefused):
    """An error that the client itself gets, at its redirect URI."""

    def __init__(
        self, redirect_uri: str, error: str, state: str, *, fragment: bool = False, text: str | None = None
    ) -> None:
        super().__init__(error)
        self.redirect_uri, self.error, self.state, self.fragment = redirect_uri, error, state, fragment
        self.text = text or AUTHORIZATION_ERRORS[error]

    def answer(self, exchange: Exchange) -> Response:
        """A redirect to the client; Authentik appends, even to a URI that has a query already."""
        exchange.warn(self.text, _AUTHORIZE, cause=None)
        separator = "#" if self.fragment else "?"
        uri = f"{self.redirect_uri}{separator}error={self.error}&error_description={quote(self.text)}"
        uri += f"&state={self.state}" if self.state else ""
        return redirect(quote(uri, safe=_URI_SAFE))


class TokenRefused(Exception):
    """The token endpoint, or one of its neighbours, says no."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status

    def answer(self, exchange: Exchange) -> Response:
        """The JSON error, with the request's id."""
        text = TOKEN_ERRORS[self.error]
        body = {"error": self.error, "error_description": text, "request_id": exchange.request_id}
        return token_json(body, self.status)
