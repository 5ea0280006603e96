"""The device authorization grant (RFC 8628)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from lab.authentik.exchange import Exchange
from lab.authentik.oidc.clients import credentials
from lab.authentik.oidc.errors import TokenRefused
from lab.authentik.oidc.issuing import random_text
from lab.authentik.providers import OAuth2Provider
from lab.authentik.responses import redirect, token_json
from lab.authentik.sessions import DeviceCode, Grant

_LOGGER: Final = "authentik.providers.oauth2.views.token"
_LIFETIME: Final = timedelta(minutes=1)
_PER_HOUR: Final = 20


def start(exchange: Exchange) -> Response:
    """Begin a device authorization; twenty an hour and address."""
    client_id, _ = credentials(exchange)
    provider = exchange.state.provider_of_client(client_id)
    if provider is None:
        return TokenRefused("invalid_client").answer(exchange)
    now = exchange.now.timestamp()
    recent = [at for at in exchange.state.device_starts[exchange.client_ip] if now - at < 3600]
    exchange.state.device_starts[exchange.client_ip] = recent
    if len(recent) >= _PER_HOUR:
        return TokenRefused("slow_down", 429).answer(exchange)
    recent.append(now)
    return token_json(_begun(exchange, provider))


def _begun(exchange: Exchange, provider: OAuth2Provider) -> dict[str, object]:
    user_code = f"{secrets.randbelow(10**9):09d}"
    scopes = exchange.form.get("scope", "").split()
    code = DeviceCode(random_text(128), user_code, provider.pk, scopes, exchange.now + _LIFETIME)
    exchange.state.device_codes[code.device_code] = code
    page = f"{exchange.origin}/device"
    return {
        "device_code": code.device_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?code={user_code}",
        "user_code": user_code,
        "expires_in": int(_LIFETIME.total_seconds()),
        "interval": 5,
    }


def enter(_exchange: Exchange) -> Response:
    """The page for the user code wants a login first."""
    return redirect("/flows/-/default/authentication/?next=/device")


def grant(exchange: Exchange, provider: OAuth2Provider) -> Grant:
    """The grant of an entered user code. Raises TokenRefused."""
    code = exchange.state.device_codes.get(exchange.form.get("device_code", ""))
    if code is None or code.provider != provider.pk or code.expires <= exchange.now:
        exchange.warn("Device code does not exist", _LOGGER)
        raise TokenRefused("invalid_grant")
    if code.user is None:
        raise TokenRefused("authorization_pending")
    del exchange.state.device_codes[code.device_code]
    return Grant(provider.pk, code.user, code.scopes, exchange.now)
