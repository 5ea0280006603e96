"""/providers/oauth2/<pk>/setup_urls/ and preview_user/: a provider's addresses, and what a user would get."""

from __future__ import annotations

from typing import Final

from lab.authentik.api.call import Call, Reply, invalid
from lab.authentik.directory import User
from lab.authentik.oidc.issuing import ACR, issuer, random_text, scope_claims, subject
from lab.authentik.providers import OAuth2Provider

# A preview's token lives for the installation's default_token_duration.
_LIFETIME: Final = 30 * 60


def setup_urls(call: Call, provider: OAuth2Provider) -> Reply:
    """The addresses a client is to be given; none that need a slug while no application uses the provider."""
    base = f"{call.exchange.origin}/application/o"
    application = call.state.application_of(provider)
    common = {
        "authorize": f"{base}/authorize/",
        "token": f"{base}/token/",
        "user_info": f"{base}/userinfo/",
    }
    if application is None:
        return Reply({"issuer": None, **common, "provider_info": None, "logout": None})
    own = f"{base}/{application.slug}"
    return Reply(
        {
            "issuer": issuer(call.state, provider, call.exchange.origin),
            **common,
            "provider_info": f"{own}/.well-known/openid-configuration",
            "logout": f"{own}/end-session/",
            "jwks": f"{own}/jwks/",
        }
    )


def _asked_user(call: Call) -> User:
    asked = call.query("for_user")
    if not asked:
        return call.user
    # Without the permission Authentik finds no user, rather than saying what is missing.
    user = call.directory.users.get(int(asked)) if asked.isdecimal() else None
    if user is None or not call.may("authentik_core.preview_user"):
        raise invalid(for_user="User not found")
    return user


def preview(call: Call, provider: OAuth2Provider) -> Reply:
    """The claims of an ID token for `for_user`; nothing is issued."""
    user = _asked_user(call)
    issued = int(call.now.timestamp())
    scopes = [mapping.scope_name for mapping in call.state.mappings(provider)]
    claims = {
        "iss": issuer(call.state, provider, call.exchange.origin),
        "sub": subject(provider, user),
        "aud": provider.client_id,
        "exp": issued + _LIFETIME,
        "iat": issued,
        "auth_time": issued,
        "acr": ACR,
        "jti": random_text(40),
    }
    # Its view makes an ID token and shows it (Authentik's source, providers/oauth2/api/providers.py).
    if provider.include_claims_in_id_token:
        claims |= scope_claims(call.state, provider, user, scopes)
    return Reply({"preview": call.state.rules.amend_id_token(claims)})
