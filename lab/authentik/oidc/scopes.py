"""The scope mappings that Authentik brings along, and the claims they give."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lab.authentik.accounts import User, stable_uuid
from lab.authentik.directory import Directory
from lab.authentik.providers import Application, Claims, ScopeMapping

_MANAGED: Final = "goauthentik.io/providers/oauth2/scope-"
_COMMENT: Final = "# {} scope, which by itself adds no claim\n"
_NOTHING: Final = "return {}"


def nothing(_directory: Directory, _user: User, _application: Application | None) -> Claims:
    """No claims."""
    return {}


def email(_directory: Directory, user: User, _application: Application | None) -> Claims:
    """The address; never verified, since 2025.10."""
    return {"email": user.email, "email_verified": False}


def profile(directory: Directory, user: User, _application: Application | None) -> Claims:
    """Names, and the names of the groups joined directly."""
    return {
        "name": user.name,
        "given_name": user.name,
        "preferred_username": user.username,
        "nickname": user.username,
        "groups": [group.name for group in directory.direct_groups(user)],
    }


def entitlements(directory: Directory, user: User, application: Application | None) -> Claims:
    """The application's entitlements, twice as Authentik does."""
    wanted = application.entitlements if application else {}
    groups = {group.name for group in directory.all_groups(user)}
    names = [name for name, holders in wanted.items() if groups.intersection(holders)]
    return {"entitlements": names, "roles": names}


def ak_proxy(directory: Directory, user: User, _application: Application | None) -> Claims:
    """What an outpost wants to know."""
    attributes = {}
    for group in reversed(directory.all_groups(user)):
        attributes.update(group.attributes)
    attributes.update(user.attributes)
    return {"ak_proxy": {"user_attributes": attributes, "is_superuser": directory.is_superuser(user)}}


_EMAIL: Final = 'return {\n    "email": request.user.email,\n    "email_verified": False\n}'
_PROFILE: Final = """return {
    "name": request.user.name,
    "given_name": request.user.name,
    "preferred_username": request.user.username,
    "nickname": request.user.username,
    "groups": [group.name for group in request.user.groups.all()],
}"""
_ENTITLEMENTS: Final = """entitlements = [entry.name for entry in request.user.app_entitlements(provider.application)]
return {
    "entitlements": entitlements,
    "roles": entitlements,
}"""
_PROXY: Final = """return {
    "ak_proxy": {
        "user_attributes": request.user.group_attributes(request),
        "is_superuser": request.user.is_superuser,
    }
}"""


_OIDC: Final = "authentik default OAuth Mapping: OpenID '{}'"
_ROWS: Final = (
    ScopeMapping(
        stable_uuid("scope", "ak_proxy"),
        "authentik default OAuth Mapping: Proxy outpost",
        "ak_proxy",
        _PROXY,
        ak_proxy,
        "authentik Proxy - User information",
        "goauthentik.io/providers/proxy/scope-proxy",
    ),
    ScopeMapping(
        stable_uuid("scope", "email"),
        _OIDC.format("email"),
        "email",
        _EMAIL,
        email,
        "Email address",
        f"{_MANAGED}email",
    ),
    ScopeMapping(
        stable_uuid("scope", "entitlements"),
        "authentik default OAuth Mapping: Application Entitlements",
        "entitlements",
        _ENTITLEMENTS,
        entitlements,
        "Application entitlements",
        f"{_MANAGED}entitlements",
    ),
    ScopeMapping(
        stable_uuid("scope", "goauthentik.io/api"),
        "authentik default OAuth Mapping: authentik API access",
        "goauthentik.io/api",
        _COMMENT.format("API access") + _NOTHING,
        nothing,
        "authentik API Access on behalf of your user",
        f"{_MANAGED}authentik_api",
    ),
    ScopeMapping(
        stable_uuid("scope", "offline_access"),
        _OIDC.format("offline_access"),
        "offline_access",
        _COMMENT.format("offline_access") + _NOTHING,
        nothing,
        "Access to request new tokens without interaction",
        f"{_MANAGED}offline_access",
    ),
    ScopeMapping(
        stable_uuid("scope", "openid"),
        _OIDC.format("openid"),
        "openid",
        _COMMENT.format("openid") + _NOTHING,
        nothing,
        "",
        f"{_MANAGED}openid",
    ),
    ScopeMapping(
        stable_uuid("scope", "profile"),
        _OIDC.format("profile"),
        "profile",
        _PROFILE,
        profile,
        "General Profile Information",
        f"{_MANAGED}profile",
    ),
)


def scope_mappings() -> list[ScopeMapping]:
    """Those that Authentik creates itself, in the order of its API; fresh ones, for each world its own."""
    return [replace(row) for row in _ROWS]
