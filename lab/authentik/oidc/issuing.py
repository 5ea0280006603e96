"""Tokens: their claims, their signature, and that the server remembers them."""

from __future__ import annotations

import base64
import hashlib
import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lab.authentik.accounts import User
from lab.authentik.durations import duration
from lab.authentik.jose import sign
from lab.authentik.providers import Claims, OAuth2Provider
from lab.authentik.sessions import Grant, IssuedToken, remember
from lab.authentik.state import Authentik

ACR: Final = "goauthentik.io/providers/oauth2/default"
OFFLINE: Final = "offline_access"
_ALPHABET: Final = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """Letters and digits, as Authentik draws its ids and tokens."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def issuer(state: Authentik, provider: OAuth2Provider, origin: str) -> str:
    """The provider's issuer as seen under `origin`; the trailing slash is part of it."""
    application = state.application_of(provider)
    if provider.issuer_mode == "global" or application is None:
        return f"{origin}/"
    return f"{origin}/application/o/{application.slug}/"


def subject(provider: OAuth2Provider, user: User) -> str:
    """The `sub` of the user for this provider's subject mode."""
    choices = {
        "user_id": str(user.pk),
        "user_uuid": user.uuid,
        "user_username": user.username,
        "user_email": user.email,
        "user_upn": str(user.attributes.get("upn", user.uid)),
    }
    return choices.get(provider.sub_mode, user.uid)


def scope_claims(state: Authentik, provider: OAuth2Provider, user: User, scopes: list[str]) -> Claims:
    """What the provider's mappings say of the user, by the scopes' names."""
    application = state.application_of(provider)
    claims: Claims = {}
    for mapping in sorted(state.mappings(provider), key=lambda mapping: mapping.scope_name):
        if mapping.scope_name in scopes:
            claims.update(mapping.evaluate(state.directory, user, application))
    return claims


@dataclass
class Issuance:
    """Everything that tokens of one grant are made from."""

    state: Authentik
    provider: OAuth2Provider
    grant: Grant
    user: User
    origin: str
    now: datetime
    _base: Claims = field(default_factory=dict, repr=False)

    @property
    def scope(self) -> str:
        """The granted scopes as one string."""
        return " ".join(self.grant.scopes)

    def claims(self, lifetime: str) -> Claims:
        """The ID token's claims, in Authentik's order, valid for `lifetime`."""
        grant = self.grant
        claims: Claims = {
            "iss": issuer(self.state, self.provider, self.origin),
            "sub": subject(self.provider, self.user),
            "aud": self.provider.client_id,
            "exp": int((self.now + duration(lifetime)).timestamp()),
            "iat": int(self.now.timestamp()),
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": ACR,
        }
        if grant.methods:
            claims["amr"] = list(grant.methods)
        if grant.nonce:
            claims["nonce"] = grant.nonce
        if grant.session:
            claims["sid"] = hashlib.sha256(grant.session.encode()).hexdigest()
        claims["jti"] = random_text(40)
        if self.provider.include_claims_in_id_token:
            claims.update(scope_claims(self.state, self.provider, self.user, grant.scopes))
        return claims

    def id_token(self, claims: Claims) -> str:
        """The signed ID token."""
        return sign(self.state, self.provider, self.state.rules.amend_id_token(dict(claims)))

    def access_token(self, claims: Claims) -> str:
        """A signed access token, remembered by the server."""
        more = {"azp": self.provider.client_id, "uid": random_text(40), "scope": self.scope}
        token = sign(self.state, self.provider, {**claims, **more})
        expires = self.now + duration(self.provider.access_token_validity)
        remember(self.state.access_tokens, token, IssuedToken(token, self.grant, expires, claims))
        return token

    def refresh_token(self, access_token: str) -> str:
        """An opaque refresh token, remembered by the server."""
        token = random_text(128)
        claims = self.claims(self.provider.refresh_token_validity)
        claims["at_hash"] = _left_half(access_token)
        expires = self.now + duration(self.provider.refresh_token_validity)
        remember(self.state.refresh_tokens, token, IssuedToken(token, self.grant, expires, claims))
        return token

    def token_response(self, *, refresh: bool) -> Claims:
        """The body of a successful token request."""
        claims = self.claims(self.provider.access_token_validity)
        access = self.access_token(claims)
        body: Claims = {
            "access_token": access,
            "token_type": "Bearer",
            "scope": self.scope,
            "expires_in": int(duration(self.provider.access_token_validity).total_seconds()),
            "id_token": self.id_token(claims),
        }
        if refresh and OFFLINE in self.grant.scopes:
            body["refresh_token"] = self.refresh_token(access)
        return body


def _left_half(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def live_token(state: Authentik, tokens: dict[str, IssuedToken], text: str, now: datetime) -> IssuedToken | None:
    """The token, if it may still be used: not revoked, not expired, its user active.

    An access token dies with the session it came from; a refresh token outlives it.
    """
    token = tokens.get(text)
    if token is None or token.revoked or token.expires <= now:
        return None
    user = state.directory.users.get(token.grant.user)
    if user is None or not user.is_active:
        return None
    bound = tokens is state.access_tokens and token.grant.session is not None
    return None if bound and token.grant.session not in state.sessions else token
