"""Who asks: client authentication (RFC 6749 section 2.3.1) and the origins a browser may ask from."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from lab.authentik.exchange import Exchange
from lab.authentik.providers import OAuth2Provider


def credentials(exchange: Exchange) -> tuple[str, str]:
    """Client id and secret, by Basic (percent-decoded since 2026.5) or in the body."""
    scheme, _, encoded = exchange.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = decoded_basic(encoded)
        return unquote(client_id), unquote(secret)
    form = exchange.form
    return form.get("client_id", ""), form.get("client_secret", "")


def decoded_basic(encoded: str) -> tuple[str, str]:
    """The two parts of Basic credentials; empty for what cannot be read."""
    try:
        name, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def authenticated(exchange: Exchange) -> OAuth2Provider | None:
    """The confidential client that proved itself, or the public one that merely named itself."""
    client_id, secret = credentials(exchange)
    provider = exchange.state.provider_of_client(client_id)
    if provider is None:
        return None
    if provider.client_type == "public" or exchange.state.rules.secret_matches(provider, secret):
        exchange.auth_via = "oauth_client_secret"
        return provider
    return None


def with_cors(exchange: Exchange, response: Response, provider: OAuth2Provider | None) -> Response:
    """Let a browser read the answer when it asks from the origin of one of the client's redirect URIs."""
    origin = exchange.header("origin")
    if not origin or provider is None:
        return response
    if origin not in {_origin(uri.url) for uri in provider.uris() if uri.matching_mode == "strict"}:
        exchange.warn(
            "CORS: Origin is not an allowed origin",
            "authentik.providers.oauth2.utils",
            requested=origin,
            allowed=[uri.url for uri in provider.uris()],
        )
        return response
    headers = response.headers
    headers["access-control-allow-origin"] = origin
    headers["access-control-allow-methods"] = "GET, POST, OPTIONS"
    headers["access-control-allow-credentials"] = "true"
    if requested := exchange.header("access-control-request-headers"):
        headers["access-control-allow-headers"] = requested
    headers["vary"] = "Origin"
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
