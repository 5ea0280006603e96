"""How the outpost asks the core: as a client like any other, under the host its configuration names."""

from __future__ import annotations

import base64
import json
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from lab.authentik.exchange import Exchange
from lab.authentik.oidc import token, tokens
from lab.authentik.outpost.application import GatedApplication
from lab.authentik.providers import Claims

_FORM: Final = "application/x-www-form-urlencoded"


class RedeemFailed(Exception):
    """The core gave no usable token for a code or for credentials."""


def _ask(application: GatedApplication, path: str, form: dict[str, str]) -> Claims:
    exchange = application.exchange
    if exchange.state.replicas[exchange.replica].phase != "up":
        raise RedeemFailed("dial unix /authentik/run/tmp/authentik-core.sock: connect: connection refused")
    # In the server's own process AUTHENTIK_HOST_BROWSER changes nothing but this: the name that asks for tokens.
    origin = urlsplit(exchange.process.host_browser or application.base)
    provider = application.provider
    agent = f"goauthentik.io/outpost/{exchange.build_version} (provider={provider.name})"
    headers = {
        "host": origin.netloc or "localhost",
        "x-forwarded-proto": origin.scheme or "http",
        "user-agent": agent,
        "content-type": _FORM,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": exchange.asks_from,
        "scheme": "http",
    }
    body = urlencode({"client_id": provider.client_id, "client_secret": provider.client_secret, **form})
    call = Exchange(exchange.world, exchange.replica, Request(scope), body.encode())
    views = {"/application/o/token/": token.token, "/application/o/introspect/": tokens.introspect}
    response: Response = views[path](call)
    call.log_access(response.status_code, 1)
    answer: Claims = json.loads(bytes(response.body))
    return answer


def _payload(text: str) -> Claims:
    part = text.split(".")[1]
    claims: Claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def redeem(application: GatedApplication, code: str) -> tuple[str, Claims]:
    """Exchange a code for the access token and its claims. Raises RedeemFailed."""
    if not code:
        raise RedeemFailed("blank code")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": application.callback_url}
    answer = _ask(application, "/application/o/token/", form)
    if "error" in answer:
        raise RedeemFailed(f'oauth2: "{answer["error"]}" "{answer["error_description"]}"')
    return answer["access_token"], _verified(application, answer["id_token"])


def _verified(application: GatedApplication, id_token: str) -> Claims:
    claims = _payload(id_token)
    if claims["iss"] != application.issuer:
        expected = f"expected {json.dumps(application.issuer)} got {json.dumps(claims['iss'])}"
        raise RedeemFailed(f"oidc: id token issued by a different provider, {expected}")
    return claims


def by_app_password(application: GatedApplication, username: str, password: str) -> tuple[str, Claims] | None:
    """The ID token of a user with an app password; None when the core refuses, or the token is of another issuer
    (goauthentik/authentik, src/outpost/proxy/auth.rs, attempt_basic_auth)."""
    form = {
        "grant_type": "client_credentials",
        "username": username,
        "password": password,
        "scope": " ".join(mapping.scope_name for mapping in application.state.mappings(application.provider)),
    }
    answer = _ask(application, "/application/o/token/", form)
    if "error" in answer:
        application.log("failed to exchange token", "warning", error=answer["error"])
        return None
    try:
        return answer["id_token"], _verified(application, answer["id_token"])
    except RedeemFailed as failure:
        application.log("failed to verify token", "warning", error=str(failure))
        return None


def by_token(application: GatedApplication, text: str) -> tuple[str, Claims] | None:
    """The claims of an access token of this very provider; None for any other."""
    answer = _ask(application, "/application/o/introspect/", {"token": text})
    if not answer.get("active"):
        application.log("token is not active", "warning")
        return None
    return text, answer
