"""Signed tokens: Authentik's own (HS256, its secret key) and those of providers (their key, or client secret)."""

from __future__ import annotations

from functools import lru_cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from lab.authentik.providers import Claims, OAuth2Provider
from lab.authentik.state import Authentik


@lru_cache(maxsize=256)
def _secret_key(secret: str) -> OctKey:
    return OctKey.import_key(secret)


def seal(claims: Claims, secret: str) -> str:
    """A compact HS256 token."""
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, _secret_key(secret), ["HS256"])


def unseal(token: str, secret: str) -> Claims | None:
    """The claims of a token that `seal` made with this secret; None for anything else."""
    try:
        return dict(jwt.decode(token, _secret_key(secret), ["HS256"]).claims)
    except (JoseError, ValueError):
        return None


def sign(state: Authentik, provider: OAuth2Provider, claims: Claims) -> str:
    """A token of the provider: by its signing key, or HS256 with the client secret where it has none."""
    pair = state.certificates.get(provider.signing_key or "")
    if pair is None:
        return seal(claims, provider.client_secret)
    header = {"alg": pair.algorithm, "kid": pair.kid, "typ": "JWT"}
    return jwt.encode(header, claims, pair.signing_key, [pair.algorithm])
