"""What can be asked about tokens: userinfo, introspection (RFC 7662), revocation (RFC 7009)."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from lab.authentik.exchange import Exchange
from lab.authentik.oidc.clients import authenticated, with_cors
from lab.authentik.oidc.discovery import allowed
from lab.authentik.oidc.errors import TokenRefused
from lab.authentik.oidc.issuing import live_token, scope_claims, subject
from lab.authentik.responses import page, token_json
from lab.authentik.sessions import IssuedToken

_INVALID: Final = (
    'error="invalid_token", error_description="The access token provided is expired, revoked, malformed, '
    'or invalid for other reasons"'
)
_INSUFFICIENT: Final = (
    'error="insufficient_scope", error_description="The request requires higher privileges than provided by '
    'the access token"'
)
_INTROSPECTION: Final = "authentik.providers.oauth2.views.introspection"


def userinfo(exchange: Exchange) -> Response:
    """The claims of the bearer's user (OpenID Connect Core section 5.3)."""
    if exchange.method == "OPTIONS":
        return allowed("GET, POST, HEAD, OPTIONS")
    scheme, _, text = exchange.header("authorization").partition(" ")
    text = text if scheme.lower() == "bearer" else exchange.form.get("access_token", "")
    token = live_token(exchange.state, exchange.state.access_tokens, text, exchange.now)
    if token is None:
        return _refused(401, _INVALID)
    if "openid" not in token.grant.scopes:
        return _refused(403, _INSUFFICIENT)
    return _claims(exchange, token)


def _refused(status: int, challenge: str) -> Response:
    response = page("", status)
    response.headers["www-authenticate"] = challenge
    return response


def _claims(exchange: Exchange, token: IssuedToken) -> Response:
    state = exchange.state
    provider = state.providers[token.grant.provider]
    user = state.directory.users[token.grant.user]
    claims = {"sub": subject(provider, user)}
    claims.update(scope_claims(state, provider, user, token.grant.scopes))
    if token.grant.nonce:
        claims["nonce"] = token.grant.nonce
    return with_cors(exchange, token_json(state.rules.amend_userinfo(claims)), provider)


def _find(exchange: Exchange, provider_pk: int, text: str) -> IssuedToken | None:
    for tokens in (exchange.state.access_tokens, exchange.state.refresh_tokens):
        token = live_token(exchange.state, tokens, text, exchange.now)
        if token is not None and token.grant.provider == provider_pk:
            return token
    return None


def introspect(exchange: Exchange) -> Response:
    """Whether a token of this very client is active; nothing tells a wrong secret from a wrong token."""
    provider = authenticated(exchange)
    if provider is None or provider.client_type == "public":
        exchange.warn("Failed to authenticate introspection request", _INTROSPECTION)
        return token_json({"active": False})
    token = _find(exchange, provider.pk, exchange.form.get("token", ""))
    if token is None:
        return token_json({"active": False})
    scope = " ".join(token.grant.scopes)
    return token_json({**token.claims, "active": True, "scope": scope, "client_id": provider.client_id})


def revoke(exchange: Exchange) -> Response:
    """Forget a token; one that is not known was revoked already (RFC 7009 section 2.2)."""
    provider = authenticated(exchange)
    if provider is None:
        return TokenRefused("invalid_client", 401).answer(exchange)
    token = _find(exchange, provider.pk, exchange.form.get("token", ""))
    if token is not None:
        token.revoked = exchange.state.rules.revocation_ends_token
    return token_json({})
