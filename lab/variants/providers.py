"""Settings of providers and outposts that are unusual, and declared or harmless (runbook D2, H2, H4)."""

from __future__ import annotations

from lab import seeded
from lab.arrangements import put_route
from lab.authentik.outpost.model import outpost_config
from lab.authentik.providers import OAuth2Provider, RedirectURI
from lab.cluster.seed.routes import GATED, rule_of
from lab.faults.grants import limit_grants
from lab.registry import described
from lab.variants import variant
from lab.world import World

_WITH_A_SLASH = "https://argocd.frank.derio.net/auth/callback/"
_EXPRESSION = r"https://grafana\.frank\.derio\.net/login/generic_oauth/tenant-[0-9]+"


@variant(
    "redirect-uri-with-a-slash-declared",
    of=("redirect-uri-with-a-slash", "redirects-compared-by-prefix"),
    describe=lambda estate: described(estate, "argocd")["redirect_uris"].append(_WITH_A_SLASH),
)
def redirect_uri_with_a_slash_declared(world: World) -> None:
    """ArgoCD's redirect URI is registered with a slash too, and the estate file says so."""
    seeded.provider(world, "argocd").redirect_uris.append(RedirectURI(_WITH_A_SLASH))


@variant(
    "redirect-expression-strict",
    of=("redirect-expression-loose",),
    describe=lambda estate: described(estate, "grafana")["redirect_uris"].append(
        {"url": _EXPRESSION, "matching_mode": "regex"}
    ),
)
def redirect_expression_strict(world: World) -> None:
    """Grafana's second redirect entry is an expression that stays on its host, and is declared."""
    seeded.provider(world, "grafana").redirect_uris.append(RedirectURI(_EXPRESSION, "regex"))


@variant(
    "redirect-uri-for-the-command-line-declared",
    of=("redirect-uri-too-many", "any-redirect-accepted"),
    describe=lambda estate: described(estate, "infisical")["redirect_uris"].append("http://localhost:8085/callback"),
)
def redirect_uri_for_the_command_line_declared(world: World) -> None:
    """The loopback address of a command-line client is registered at Infisical's provider, and declared."""
    seeded.provider(world, "infisical").redirect_uris.append(RedirectURI("http://localhost:8085/callback"))


@variant(
    "access-token-for-ten-minutes-declared",
    of=("access-token-for-a-month",),
    describe=lambda estate: described(estate, "argocd").update(lifetimes={"access": "minutes=10"}),
)
def access_token_for_ten_minutes_declared(world: World) -> None:
    """ArgoCD's access tokens live for ten minutes, and the estate file says so."""
    seeded.provider(world, "argocd").access_token_validity = "minutes=10"


@variant(
    "subject-mode-declared",
    of=("subject-mode-changed",),
    describe=lambda estate: described(estate, "infisical").update(sub_mode="user_uuid"),
)
def subject_mode_declared(world: World) -> None:
    """Infisical's provider puts the user's UUID into `sub`, and the estate file says so."""
    seeded.provider(world, "infisical").sub_mode = "user_uuid"


@variant("scope-mapped-that-nobody-asks-for", of=("scope-profile-unmapped",))
def scope_mapped_that_nobody_asks_for(world: World) -> None:
    """Infisical's provider maps offline_access too, which Infisical never asks for."""
    mappings = world.authentik.scope_mappings
    pk = next(pk for pk, mapping in mappings.items() if mapping.scope_name == "entitlements")
    seeded.provider(world, "infisical").property_mappings.append(pk)


@variant(
    "provider-forgotten-on-purpose",
    of=("provider-forgotten",),
    describe=lambda estate: estate.setdefault("ignore", []).append({"provider": "AWX", "reason": "on its way out"}),
)
def provider_forgotten_on_purpose(world: World) -> None:
    """A live provider that the estate file leaves out, saying why."""
    model = seeded.provider(world, "grafana")
    pk = max(world.authentik.providers) + 1
    world.authentik.providers[pk] = OAuth2Provider(
        pk, "AWX", "awx", world.secrets.client_secret("awx"), model.authorization_flow, model.invalidation_flow,
        [RedirectURI("https://awx.frank.derio.net/sso/complete/oidc/")],
    )  # fmt: skip


@variant(
    "route-forgotten-on-purpose",
    of=("route-forgotten",),
    describe=lambda estate: estate.setdefault("ignore", []).append(
        {"route": "trial/ingressroute/trial", "reason": "a trial, until the end of the month"}
    ),
)
def route_forgotten_on_purpose(world: World) -> None:
    """A route with the gate in it that the estate file leaves out, saying why."""
    put_route(world, "trial", "trial", rule_of("trial"), {"name": "whoami", "port": 80}, GATED)


@variant("route-without-the-gate-of-another-host", of=("route-forgotten",))
def route_without_the_gate_of_another_host(world: World) -> None:
    """A route of some other host, without the gate, leads to something that has nothing to do with this."""
    backend = {"name": "authentik-server", "port": 80}
    put_route(world, "docs", "authentik", rule_of("docs"), backend)


@variant("outpost-configuration-written-out", of=("authentik-host-blank",))
def outpost_configuration_written_out(world: World) -> None:
    """The outpost's persisted configuration is written out in full, its authentik_host as it was."""
    outpost = seeded.outpost(world)
    outpost.config = outpost_config(outpost.config["authentik_host"]) | {"log_level": "debug"}


@variant(
    "skip-path-declared",
    of=("skip-path-unanchored",),
    describe=lambda estate: described(estate, "longhorn").update(skip_paths=["^/healthz$"]),
)
def skip_path_declared(world: World) -> None:
    """Longhorn's provider leaves one path open, and the estate file says so."""
    seeded.gate(world, "longhorn").skip_path_regex = "^/healthz$"


@variant("gate-cookie-for-half-a-day", of=("gate-cookie-for-a-year",))
def gate_cookie_for_half_a_day(world: World) -> None:
    """The tokens of Hubble's provider, and so its cookie, live for twelve hours."""
    seeded.gate(world, "hubble").access_token_validity = "hours=12"


@variant(
    "grant-types-as-needed",
    of=("provider-without-grants", "code-grant-not-allowed", "refresh-grant-not-allowed", "own-client-cannot-refresh"),
)
def grant_types_as_needed(world: World) -> None:
    """Grants are limited, and each provider allows what its client needs: Infisical never refreshes."""
    limit_grants(world)
    for slug in ("argocd", "grafana", "sso-conformance"):
        seeded.provider(world, slug).grant_types = ["authorization_code", "refresh_token"]
    seeded.provider(world, "infisical").grant_types = ["authorization_code"]


@variant(
    "grant-types-declared",
    of=("refresh-grant-not-allowed",),
    describe=lambda estate: described(estate, "grafana").update(grant_types=["authorization_code"]),
)
def grant_types_declared(world: World) -> None:
    """Grafana's provider allows no refresh grant, and the estate file says that it needs none."""
    limit_grants(world)
    seeded.provider(world, "grafana").grant_types = ["authorization_code"]
