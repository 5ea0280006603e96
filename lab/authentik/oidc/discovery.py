"""Discovery documents and key sets."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from lab.authentik import pages
from lab.authentik.accounts import User
from lab.authentik.exchange import Exchange
from lab.authentik.oidc.clients import with_cors
from lab.authentik.oidc.issuing import ACR, issuer, scope_claims
from lab.authentik.providers import OAuth2Provider
from lab.authentik.responses import body_json, page, redirect

_BASE_CLAIMS: Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce")
_RESPONSE_TYPES: Final = (
    "code",
    "id_token",
    "id_token token",
    "code token",
    "code id_token",
    "code id_token token",
)
_GRANT_TYPES: Final = (
    "authorization_code",
    "refresh_token",
    "implicit",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
)
_ANONYMOUS: Final = 1


def document(exchange: Exchange, slug: str) -> Response:
    """The discovery document of the application, or the 404 page."""
    provider = exchange.state.provider_of(slug)
    if provider is None:
        return page(pages.not_found(), 404)
    if exchange.method == "OPTIONS":
        return with_cors(exchange, allowed(), provider)
    body = exchange.state.rules.amend_discovery(_members(exchange, provider, slug))
    return with_cors(exchange, body_json(body), provider)


def rfc8414_document(exchange: Exchange, slug: str) -> Response:
    """The same document under the address of RFC 8414, in versions that have it."""
    if not exchange.state.rules.serves_rfc8414:
        return page(pages.not_found(), 404)
    return document(exchange, slug)


def to_document(exchange: Exchange, slug: str) -> Response:
    """The issuer's own address leads to its document."""
    if exchange.state.provider_of(slug) is None:
        return page(pages.not_found(), 404)
    return redirect(f"/application/o/{slug}/.well-known/openid-configuration")


def key_set(exchange: Exchange, slug: str) -> Response:
    """The application's key set; without a signing key an empty object."""
    state = exchange.state
    provider = state.provider_of(slug)
    if provider is None:
        return page(pages.not_found(), 404)
    used = ((provider.signing_key, "sig"), (provider.encryption_key, "enc"))
    pairs = [(state.certificates[pk], use) for pk, use in used if pk in state.certificates]
    keys = [{**pair.public_jwk, "use": use} for pair, use in pairs]
    response = body_json(state.rules.amend_jwks({"keys": keys} if keys else {}))
    response.headers["access-control-allow-origin"] = "*"
    return response


def allowed(methods: str = "GET, HEAD, OPTIONS") -> Response:
    """Django's answer to OPTIONS."""
    response = page("")
    response.headers["allow"] = methods
    return response


def _members(exchange: Exchange, provider: OAuth2Provider, slug: str) -> dict[str, Any]:
    state, origin = exchange.state, exchange.origin
    endpoints = f"{origin}/application/o"
    pair = state.certificates.get(provider.signing_key or "")
    scopes = [mapping.scope_name for mapping in state.mappings(provider)]
    return {
        "issuer": issuer(state, provider, origin),
        "authorization_endpoint": f"{endpoints}/authorize/",
        "token_endpoint": f"{endpoints}/token/",
        "userinfo_endpoint": f"{endpoints}/userinfo/",
        "end_session_endpoint": f"{endpoints}/{slug}/end-session/",
        "introspection_endpoint": f"{endpoints}/introspect/",
        "revocation_endpoint": f"{endpoints}/revoke/",
        "device_authorization_endpoint": f"{endpoints}/device/",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "response_types_supported": list(_RESPONSE_TYPES),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "jwks_uri": f"{endpoints}/{slug}/jwks/",
        "grant_types_supported": list(_GRANT_TYPES),
        "id_token_signing_alg_values_supported": [pair.algorithm if pair else "HS256"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "acr_values_supported": [ACR],
        "scopes_supported": scopes,
        "request_parameter_supported": False,
        "claims_supported": [*_BASE_CLAIMS, *_mapped_claims(exchange, provider, scopes)],
        "claims_parameter_supported": False,
        "code_challenge_methods_supported": ["plain", "S256"],
    }


def _mapped_claims(exchange: Exchange, provider: OAuth2Provider, scopes: list[str]) -> list[str]:
    """Authentik finds them out by evaluating the mappings for nobody."""
    nobody = exchange.state.directory.users.get(_ANONYMOUS) or User(_ANONYMOUS, "AnonymousUser", "", exchange.now)
    return list(scope_claims(exchange.state, provider, nobody, scopes))
