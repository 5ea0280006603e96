"""Faults of the grant types that providers allow, in a release that limits them (facts/measured-2026.8.md)."""

from __future__ import annotations

from dataclasses import replace

from lab import seeded
from lab.faults import fault
from lab.world import World


def limit_grants(world: World) -> None:
    """Whatever the release: from now on a provider allows the grants that it names, and no others."""
    world.authentik.release = replace(world.authentik.release, limits_grants=True)


def _lose(world: World, slug: str, *grants: str) -> None:
    limit_grants(world)
    provider = seeded.provider(world, slug)
    provider.grant_types = [grant for grant in provider.grant_types if grant not in grants]


@fault(
    "provider-without-grants",
    known_from="facts/measured-2026.8.md: a provider of a blueprint that names no grant_types",
    turns_red=("OIDC-PROV-10[grafana-authorization_code]", "OIDC-PROV-10[grafana-refresh_token]"),
    blocks=("[grafana]",),
)
def provider_without_grants(world: World) -> None:
    """Grafana's provider was made by a blueprint that names no grant types: it allows none, and nothing works."""
    limit_grants(world)
    seeded.provider(world, "grafana").grant_types = []


@fault(
    "hybrid-grant-not-allowed",
    known_from="facts/measured-2026.8.md: the grant hybrid, which a login for code id_token is",
    turns_red=("OIDC-RP-02[mod-auth-openidc]",),
    options=("--lab-shape", "relying-parties"),
    blocks=("OIDC-LOGIN[mod-auth-openidc]",),
)
def hybrid_grant_not_allowed(world: World) -> None:
    """Apache asks for an ID token beside the code, and its provider allows the grant authorization_code alone."""
    _lose(world, "mod-auth-openidc", "hybrid")


@fault(
    "grant-types-empty-everywhere",
    known_from="facts/measured-2026.8.md: all providers made by blueprints for 2026.5",
    turns_red=("OIDC-PROV-10",),
    blocks=("OIDC",),
)
def grant_types_empty_everywhere(world: World) -> None:
    """No provider of an application, nor the suite's own client's, allows any grant."""
    limit_grants(world)
    for slug in ("argocd", "grafana", "infisical", "sso-conformance"):
        seeded.provider(world, slug).grant_types = []


@fault(
    "refresh-grant-not-allowed",
    known_from="facts/measured-2026.8.md: refresh tokens are issued all the same, and refused when they are used",
    turns_red=("OIDC-PROV-10[grafana-refresh_token]",),
)
def refresh_grant_not_allowed(world: World) -> None:
    """Grafana asks for offline_access, and its provider allows no refresh grant."""
    _lose(world, "grafana", "refresh_token")


@fault(
    "code-grant-not-allowed",
    known_from="facts/measured-2026.8.md: authorize answers invalid_request",
    turns_red=("OIDC-PROV-10[grafana-authorization_code]",),
    blocks=("[grafana]",),
)
def code_grant_not_allowed(world: World) -> None:
    """Grafana's provider allows refreshing, and no logins."""
    _lose(world, "grafana", "authorization_code")


@fault(
    "own-client-cannot-refresh",
    known_from="facts/measured-2026.8.md: the suite's own blueprint, its grant types set by hand",
    turns_red=("OIDC-PROV-10[sso-conformance-refresh_token]",),
    blocks=("OIDC-CODE-04",),
)
def own_client_cannot_refresh(world: World) -> None:
    """The suite's own client gets refresh tokens that it may not use."""
    _lose(world, "sso-conformance", "refresh_token")


@fault(
    "secret-wrong-and-unjudged",
    known_from="facts/measured-2026.8.md: a refresh grant that is not allowed is invalid_grant by a wrong secret too",
    turns_red=("OIDC-PROV-10[argocd-refresh_token]", "OIDC-TOKEN-03[argocd]"),
    root="OIDC-TOKEN-03",
    other_roots=("OIDC-PROV-10",),
    blocks=("[argocd]",),
)
def secret_wrong_and_unjudged(world: World) -> None:
    """ArgoCD's provider allows no refresh grant, and has another client secret than ArgoCD."""
    _lose(world, "argocd", "refresh_token")
    seeded.provider(world, "argocd").client_secret = world.secrets.client_secret("argocd after the rotation")
