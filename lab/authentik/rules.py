"""How this Authentik decides, as functions that may be replaced: what a version, or a fault, does otherwise."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from lab.authentik.accounts import User
from lab.authentik.directory import Directory
from lab.authentik.providers import Application, Claims, OAuth2Provider, PolicyBinding, RedirectURI
from lab.authentik.sessions import AuthorizationCode


def redirect_uri_matches(registered: RedirectURI, url: str) -> bool:
    """Byte equality, or a regular expression that matches the whole URL; a broken one matches nothing."""
    if registered.matching_mode == "strict":
        return registered.url == url
    try:
        return re.fullmatch(registered.url, url) is not None
    except re.error:
        return False


def secret_matches(provider: OAuth2Provider, presented: str) -> bool:
    """Whether the presented client secret is the provider's."""
    return hmac.compare_digest(provider.client_secret.encode(), presented.encode())


def verifier_matches(code: AuthorizationCode, verifier: str | None) -> bool:
    """PKCE: the verifier answers the code's challenge, and neither comes without the other."""
    if not code.challenge or not verifier:
        return not code.challenge and not verifier
    answer = verifier
    if code.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        answer = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return hmac.compare_digest(answer.encode(), code.challenge.encode())


def may_use(directory: Directory, application: Application, user: User) -> bool:
    """What the policy bindings say; without enabled ones everybody may."""
    results = [_result(directory, binding, user) for binding in application.bindings if binding.enabled]
    if not results:
        return True
    return all(results) if application.policy_engine_mode == "all" else any(results)


def _result(directory: Directory, binding: PolicyBinding, user: User) -> bool:
    if binding.policy is not None:
        passing = binding.policy(directory, user)
    elif binding.group is not None:
        passing = any(group.pk == binding.group for group in directory.all_groups(user))
    else:
        passing = binding.user == user.pk
    return passing != binding.negate


def unchanged(claims: Claims) -> Claims:
    """The claims as they are."""
    return claims


@dataclass
class Rules:
    """Everything of the server's behaviour that differs between versions or can go wrong."""

    redirect_uri_matches: Callable[[RedirectURI, str], bool] = redirect_uri_matches
    secret_matches: Callable[[OAuth2Provider, str], bool] = secret_matches
    verifier_matches: Callable[[AuthorizationCode, str | None], bool] = verifier_matches
    may_use: Callable[[Directory, Application, User], bool] = may_use
    # Each sees its claims or document before that is signed or sent.
    amend_id_token: Callable[[Claims], Claims] = unchanged
    amend_userinfo: Callable[[Claims], Claims] = unchanged
    amend_discovery: Callable[[Claims], Claims] = unchanged
    amend_jwks: Callable[[Claims], Claims] = unchanged
    # Where an outpost without `authentik_host` sends browsers.
    blank_host: str = "http://localhost"
    # AUTHENTIK_WEB__PATH, without a slash at its end.
    web_path: str = ""
    # How often a code may be redeemed.
    tolerated_code_uses: int = 1
    refresh_rotates: bool = True
    logout_ends_session: bool = True
    revocation_ends_token: bool = True
    # The networks whose X-Forwarded-Host counts: here the pods'; out of the box it is every private address.
    trusted_proxies: tuple[str, ...] = ("127.0.0.0/8", "::1/128", "10.42.0.0/16")
    serves_rfc8414: bool = True
    gate_bound_to_application: bool = True
    gate_keeps_foreign_return: bool = False
