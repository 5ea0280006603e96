"""The runbook's Authentik: flows, keys, providers, applications and the embedded outpost."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from lab import names
from lab.authentik.accounts import stable_uuid
from lab.authentik.directory import EMBEDDED_OUTPOST
from lab.authentik.flows import model as flows
from lab.authentik.flows.model import Flow, Stage
from lab.authentik.keys import SELF_SIGNED, key_pair
from lab.authentik.oidc.scopes import scope_mappings
from lab.authentik.outpost.model import EMBEDDED, Outpost, OutpostInstance, outpost_config
from lab.authentik.providers import (
    OIDC_SCOPES,
    PROXY_SCOPES,
    Application,
    OAuth2Provider,
    PolicyBinding,
    ProxyProvider,
    RedirectURI,
)
from lab.authentik.releases import RELEASES
from lab.authentik.seed.directory import seed_directory
from lab.authentik.seed.operations import seed_operations
from lab.authentik.state import Authentik
from lab.world import World

CONFORMANCE: Final = "sso-conformance"
_TITLES: Final = {"argocd": "ArgoCD", "longhorn": "Longhorn", "hubble": "Hubble", "sympozium": "Sympozium"}
_CALLBACKS: Final = {
    "argocd": "/auth/callback",
    "grafana": "/login/generic_oauth",
    "infisical": "/api/v1/sso/oidc/callback",
}
# Expressions of paths that a gate leaves open.
_OPEN_PATHS: Final = {"whoami": "^/public/"}
# Applications that not every user may use.
_FOR_ADMINS: Final = ("sympozium", "infisical")
_WELCOME: Final = "Welcome to authentik!"


def seed(world: World) -> Authentik:
    """Everything in order: each application with its provider, each gated one on the embedded outpost."""
    release = RELEASES[world.authentik_release]
    authentik = Authentik(seed_directory(world), seed_operations(world, release), release)
    _plant_flows(authentik)
    pair = key_pair(stable_uuid("certificate", SELF_SIGNED), SELF_SIGNED)
    authentik.certificates[pair.pk] = pair
    authentik.scope_mappings = {mapping.pk: mapping for mapping in scope_mappings()}
    _plant_applications(world, authentik)
    _plant_outpost(authentik)
    return authentik


def _stage(name: str, kind: str, **settings: object) -> Stage:
    return Stage(stable_uuid("stage", name), name, kind, settings)


def _flow(slug: str, name: str, designation: str, *stages: Stage, title: str = "", needs: str = "none") -> Flow:
    return Flow(
        stable_uuid("flow", slug),
        stable_uuid("flow bindings", slug),
        slug,
        name,
        title or name,
        designation,
        list(stages),
        needs,
    )


def _login_stages() -> list[Stage]:
    prefix = "default-authentication"
    return [
        _stage(f"{prefix}-identification", "identification", user_fields=["email", "username"]),
        _stage(f"{prefix}-password", "password"),
        _stage(f"{prefix}-mfa-validation", "authenticator_validate", not_configured_action="skip"),
        _stage(f"{prefix}-login", "user_login"),
    ]


def _plant_flows(authentik: Authentik) -> None:
    consent = _stage("default-provider-authorization-consent", "consent", mode="always_require")
    logout = _stage("default-invalidation-logout", "user_logout")
    redirecting = "Redirecting to %(app)s"
    known = "require_authenticated"
    planted = (
        _flow(flows.AUTHENTICATION, _WELCOME, "authentication", *_login_stages()),
        _flow(flows.INVALIDATION, "Logout", "invalidation", logout, title="Default Invalidation Flow"),
        _flow(
            flows.EXPLICIT_CONSENT,
            "Authorize Application",
            "authorization",
            consent,
            title=redirecting,
            needs=known,
        ),
        _flow(flows.IMPLICIT_CONSENT, "Authorize Application", "authorization", title=redirecting, needs=known),
        _flow(
            flows.PROVIDER_INVALIDATION,
            "Logged out of application",
            "invalidation",
            title="You've logged out of %(app)s.",
        ),
    )
    authentik.flows = {flow.slug: flow for flow in planted}
    authentik.stages = {stage.pk: stage for flow in planted for stage in flow.stages}


def _mapping_keys(scopes: tuple[str, ...]) -> list[str]:
    return [stable_uuid("scope", scope) for scope in scopes]


def _drawn_id(name: str) -> str:
    digest = hashlib.sha512(f"client of {name}".encode()).digest()
    return base64.b64encode(digest, altchars=b"ab").decode()[:40]


def _plant_applications(world: World, authentik: Authentik) -> None:
    for slug in names.OIDC_APPLICATIONS:
        callback = f"https://{names.public_host(slug)}{_CALLBACKS[slug]}"
        _plant_oidc(authentik, slug, _title(slug), world.secrets.client_secret(slug), callback)
    for slug in names.GATED_APPLICATIONS:
        _plant_gated(world, authentik, slug)
    secret = world.secrets.conformance_client_secret
    _plant_oidc(authentik, CONFORMANCE, "SSO conformance", secret, "https://sso-conformance.invalid/callback")
    authentik.applications[CONFORMANCE].meta_launch_url = "blank://blank"
    for slug in world.extra_oidc:
        callback = f"https://{names.public_host(slug)}/callback"
        _plant_oidc(authentik, slug, _title(slug), world.secrets.client_secret(slug), callback)
    for slug in world.extra_gated:
        _plant_gated(world, authentik, slug)
    for slug in _FOR_ADMINS:
        _bind_to_admins(authentik, slug)


def _bind_to_admins(authentik: Authentik, slug: str) -> None:
    """For the platform's admins; and for the probe user by name, so that it needs none of their rights."""
    group, probe = authentik.directory.group("platform-admins"), authentik.directory.user("conformance-probe")
    assert group is not None
    assert probe is not None
    authentik.applications[slug].bindings = [
        PolicyBinding(stable_uuid("binding", slug), group=group.pk),
        PolicyBinding(stable_uuid("binding", f"{slug} for the probe"), order=1, user=probe.pk),
    ]


def _title(slug: str) -> str:
    return _TITLES.get(slug, slug.replace("-", " ").capitalize())


def _attach(authentik: Authentik, provider: OAuth2Provider, slug: str) -> None:
    authentik.providers[provider.pk] = provider
    key = stable_uuid("application", slug)
    authentik.applications[slug] = Application(key, provider.name, slug, provider.pk)


def _plant_oidc(authentik: Authentik, slug: str, name: str, secret: str, callback: str) -> None:
    provider = OAuth2Provider(
        len(authentik.providers) + 1,
        name,
        slug,
        secret,
        authentik.flows[flows.IMPLICIT_CONSENT].pk,
        authentik.flows[flows.PROVIDER_INVALIDATION].pk,
        [RedirectURI(callback)],
        _mapping_keys(OIDC_SCOPES),
        signing_key=next(iter(authentik.certificates)),
    )
    _attach(authentik, provider, slug)


def _plant_gated(world: World, authentik: Authentik, slug: str) -> None:
    provider = ProxyProvider(
        len(authentik.providers) + 1,
        _title(slug),
        _drawn_id(slug),
        world.secrets.client_secret(slug),
        authentik.flows[flows.IMPLICIT_CONSENT].pk,
        authentik.flows[flows.PROVIDER_INVALIDATION].pk,
        property_mappings=_mapping_keys(PROXY_SCOPES),
        external_host=f"https://{names.public_host(slug)}",
        skip_path_regex=_OPEN_PATHS.get(slug, ""),
        cookie_secret=world.secrets.client_secret(f"cookie of {slug}"),
    )
    provider.follow_external_host()
    _attach(authentik, provider, slug)


def _plant_outpost(authentik: Authentik) -> None:
    instances = [
        OutpostInstance(stable_uuid("instance", str(replica)), authentik.version, replica)
        for replica in range(len(authentik.replicas))
    ]
    authentik.outposts[EMBEDDED_OUTPOST] = Outpost(
        EMBEDDED_OUTPOST,
        "authentik Embedded Outpost",
        outpost_config(names.AUTH_URL),
        [provider.pk for provider in authentik.proxy_providers()],
        managed=EMBEDDED,
        instances=instances,
    )
