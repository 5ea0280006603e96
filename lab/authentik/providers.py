"""Providers, applications, scope mappings and policy bindings, with the fields that the API returns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

Claims = dict[str, Any]
# (directory, user, application) -> claims; typed loosely, or providers would import what is built on them.
MappingFunction = Callable[[Any, Any, Any], Claims]

GRANT_TYPES: Final = (
    "authorization_code",
    "hybrid",
    "implicit",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "refresh_token",
)
# Never a refresh token (facts/measured-2026.8.md).
PROXY_GRANT_TYPES: Final = ("authorization_code", "client_credentials", "password")
PROXY_SCOPES: Final = ("openid", "profile", "email", "entitlements", "ak_proxy")
OIDC_SCOPES: Final = ("openid", "email", "profile", "offline_access")


@lru_cache(maxsize=4096)
def _netloc(url: str) -> str:
    """Host and port of a URL: an outpost compares those of each request with each provider's."""
    return urlsplit(url).netloc


@dataclass
class RedirectURI:
    """An entry of `redirect_uris`; matching_mode `strict` or `regex`, type `authorization` or `logout`."""

    url: str
    matching_mode: str = "strict"
    redirect_uri_type: str = "authorization"


@dataclass
class ScopeMapping:
    """A scope and what it adds to tokens; `expression` is what the API shows, `evaluate` what happens."""

    pk: str
    name: str
    scope_name: str
    expression: str
    evaluate: MappingFunction = field(repr=False)
    description: str = ""
    managed: str | None = None


@dataclass
class PolicyBinding:
    """Who may use the bound object: a group, a user, or an expression policy's verdict."""

    pk: str
    order: int = 0
    group: str | None = None
    user: int | None = None
    policy: Callable[[Any, Any], bool] | None = field(default=None, repr=False)
    enabled: bool = True
    negate: bool = False
    timeout: int = 30
    failure_result: bool = False


@dataclass
class OAuth2Provider:
    """An OAuth2/OpenID provider; flows, mappings and keys are named by primary key.

    `grant_types` counts in releases that limit grants; one made without them there has none.
    """

    pk: int
    name: str
    client_id: str
    client_secret: str = field(repr=False)
    authorization_flow: str
    invalidation_flow: str | None
    redirect_uris: list[RedirectURI] = field(default_factory=list)
    property_mappings: list[str] = field(default_factory=list)
    authentication_flow: str | None = None
    signing_key: str | None = None
    encryption_key: str | None = None
    client_type: str = "confidential"
    access_code_validity: str = "minutes=1"
    access_token_validity: str = "hours=1"
    refresh_token_validity: str = "days=30"
    refresh_token_threshold: str = "seconds=0"
    include_claims_in_id_token: bool = True
    sub_mode: str = "hashed_user_id"
    issuer_mode: str = "per_provider"
    logout_uri: str = ""
    logout_method: str = "backchannel"
    jwt_federation_sources: list[str] = field(default_factory=list)
    jwt_federation_providers: list[int] = field(default_factory=list)
    grant_types: list[str] = field(default_factory=lambda: list(GRANT_TYPES))

    def uris(self, kind: str = "authorization") -> list[RedirectURI]:
        """The registered URIs of one kind."""
        return [uri for uri in self.redirect_uris if uri.redirect_uri_type == kind]


@dataclass
class ProxyProvider(OAuth2Provider):
    """A provider that an outpost serves; redirect_uris are as of its last save (`follow_external_host`)."""

    grant_types: list[str] = field(default_factory=lambda: list(PROXY_GRANT_TYPES))
    external_host: str = ""
    internal_host: str = ""
    internal_host_ssl_validation: bool = True
    certificate: str | None = None
    skip_path_regex: str = ""
    basic_auth_enabled: bool = False
    basic_auth_password_attribute: str = ""
    basic_auth_user_attribute: str = ""
    mode: str = "forward_single"
    intercept_header_auth: bool = True
    cookie_domain: str = ""
    cookie_secret: str = field(default="", repr=False)

    def follow_external_host(self) -> None:
        """What a save does: make the redirect URIs those of the external host."""
        callback = f"{self.external_host}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true"
        plain = f"{self.external_host}?X-authentik-auth-callback=true"
        self.redirect_uris = [RedirectURI(callback), RedirectURI(plain)]

    @property
    def host(self) -> str:
        """The external host and port by which an outpost finds this provider."""
        return _netloc(self.external_host)

    @property
    def cookie_name(self) -> str:
        """The name of the gate's session cookie."""
        return f"authentik_proxy_{hashlib.sha256(self.client_id.encode()).hexdigest()[:8]}"


@dataclass
class Application:
    """An application; `provider` is a provider's pk. Without bindings everybody may use it."""

    pk: str
    name: str
    slug: str
    provider: int | None = None
    bindings: list[PolicyBinding] = field(default_factory=list)
    policy_engine_mode: str = "any"
    meta_launch_url: str = ""
    meta_icon: str = ""
    meta_description: str = ""
    meta_publisher: str = ""
    open_in_new_tab: bool = False
    group: str = ""
    entitlements: Mapping[str, list[str]] = field(default_factory=dict)
