"""Faults of providers and their settings (runbook H2, D2, D3, D4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lab import seeded
from lab.arrangements import put_route
from lab.authentik.accounts import stable_uuid
from lab.authentik.keys import key_pair
from lab.authentik.providers import OAuth2Provider, RedirectURI
from lab.cluster.seed.routes import GATED, rule_of
from lab.faults import fault
from lab.faults.api import amending_json
from lab.registry import described
from lab.world import World

_LOOSE = r"https://grafana.frank.derio.net/login/generic_oauth/[a-z]+"


@fault(
    "provider-never-made",
    known_from="a blueprint that was not mounted",
    turns_red=("OIDC-DISC-01[grafana]", "SMOKE-PROV-01[grafana]"),
    blocks=("[grafana]",),
    root="SMOKE-PROV-01",
)
def provider_never_made(world: World) -> None:
    """Grafana's provider and application were never made."""
    del world.authentik.providers[seeded.provider(world, "grafana").pk]
    del world.authentik.applications["grafana"]


@fault(
    "provider-detached",
    known_from="an application saved without its provider",
    turns_red=("OIDC-DISC-01[infisical]", "SMOKE-PROV-01[infisical]"),
    blocks=("[infisical]",),
    root="SMOKE-PROV-01",
)
def provider_detached(world: World) -> None:
    """Infisical's application lost its provider, which still exists."""
    world.authentik.applications["infisical"].provider = None


@fault(
    "provider-forgotten",
    known_from="legacy providers after a move",
    turns_red=("SMOKE-PROV-02[providers]",),
    warns=True,
)
def provider_forgotten(world: World) -> None:
    """A provider of an application that was taken down is still live."""
    model = seeded.provider(world, "grafana")
    pk = max(world.authentik.providers) + 1
    secret = world.secrets.client_secret("awx")
    world.authentik.providers[pk] = OAuth2Provider(
        pk, "AWX", "awx", secret, model.authorization_flow, model.invalidation_flow,
        [RedirectURI("https://awx.frank.derio.net/sso/complete/oidc/")],
    )  # fmt: skip


@fault(
    "route-forgotten", known_from="2026-07-12: gate without provider", turns_red=("SMOKE-PROV-02[routes]",), warns=True
)
def route_forgotten(world: World) -> None:
    """A route with the gate in it leads a host that nobody describes to an application."""
    reference = {"name": "whoami", "port": 80}
    put_route(world, "hermes", "whoami", rule_of("hermes"), reference, GATED)


@fault("invalidation-flow-missing", known_from="providers made before 2026.x", turns_red=("OIDC-PROV-01[argocd]",))
def invalidation_flow_missing(world: World) -> None:
    """ArgoCD's provider comes from before invalidation flows were required, and has none."""
    seeded.provider(world, "argocd").invalidation_flow = None


@fault(
    "redirect-uris-as-text",
    known_from="the API before 2024.12",
    turns_red=("OIDC-PROV-02",),
    blocks=("OIDC-AUTHZ", "OIDC-PROV"),
)
def redirect_uris_as_text(world: World) -> None:
    """The API gives redirect_uris as text, one a line, as it did before 2024.12."""

    def as_text(content: Any) -> Any:  # noqa: ANN401 - a JSON document
        for entry in content["results"]:
            entry["redirect_uris"] = "\n".join(uri["url"] for uri in entry["redirect_uris"])
        return content

    world.authentik.tampering.append(amending_json("/api/v3/providers/oauth2/", as_text))


@fault("redirect-list-empty", known_from="runbook D2", turns_red=("OIDC-PROV-03[grafana]",), blocks=("[grafana]",))
def redirect_list_empty(world: World) -> None:
    """Grafana's provider has no redirect URI, and stores the first that anybody sends."""
    seeded.provider(world, "grafana").redirect_uris = []


@fault(
    "redirect-uri-with-a-slash",
    known_from="runbook D2",
    turns_red=("OIDC-PROV-04[argocd]", "OIDC-AUTHZ-01[argocd]"),
    blocks=("[argocd]",),
)
def redirect_uri_with_a_slash(world: World) -> None:
    """ArgoCD's redirect URI is registered with a slash at its end."""
    seeded.provider(world, "argocd").redirect_uris = [RedirectURI("https://argocd.frank.derio.net/auth/callback/")]


@fault("redirect-uri-too-many", known_from="a test that was not cleaned up", turns_red=("OIDC-PROV-04[infisical]",))
def redirect_uri_too_many(world: World) -> None:
    """A developer's address is still registered at Infisical's provider."""
    seeded.provider(world, "infisical").redirect_uris.append(RedirectURI("http://localhost:8080/callback"))


@fault(
    "redirect-expression-loose",
    known_from="RFC 9700 section 4.1",
    turns_red=("OIDC-PROV-05[grafana]", "OIDC-PROV-04[grafana]"),
    root="OIDC-PROV-04",
    other_roots=("OIDC-PROV-05",),
    blocks=("OIDC-AUTHZ-03",),
)
def redirect_expression_loose(world: World) -> None:
    """Grafana's redirect URI got a second entry, an expression that leaves the host."""
    loose = RedirectURI(r"https://grafana.frank.derio.net.*", "regex")
    seeded.provider(world, "grafana").redirect_uris.append(loose)


def _loose_expression_declared(estate: dict[str, Any]) -> None:
    grafana = described(estate, "grafana")
    grafana["redirect_uris"].append({"url": _LOOSE, "matching_mode": "regex"})


@fault(
    "redirect-expression-with-bare-dots",
    known_from="RFC 9700 section 4.1; URIs turned into expressions by changing the mode alone",
    turns_red=("OIDC-PROV-05[grafana]",),
    describe=_loose_expression_declared,
)
def redirect_expression_with_bare_dots(world: World) -> None:
    """Grafana's second redirect entry is an expression whose dots match anything, and the estate file repeats it."""
    seeded.provider(world, "grafana").redirect_uris.append(RedirectURI(_LOOSE, "regex"))


@fault(
    "signing-key-of-somebody-who-takes-none",
    known_from="infisical.com, General OIDC: a signature by another algorithm than the chosen one is refused",
    turns_red=("OIDC-PROV-06[infisical]",),
    options=("--lab-shape", "tokens-signed-by-the-secret"),
    blocks=("OIDC-LOGIN-01[infisical]", "OIDC-LOGIN-02[infisical]", "OIDC-LOGIN-03[infisical]"),
)
def signing_key_of_somebody_who_takes_none(world: World) -> None:
    """Infisical takes ID tokens signed by its secret alone, and its provider got a signing key."""
    model = seeded.provider(world, "grafana")
    seeded.provider(world, "infisical").signing_key = model.signing_key


@fault(
    "signing-key-missing",
    known_from="a blueprint without signing_key",
    turns_red=("OIDC-DISC-07[infisical]", "OIDC-JWKS-01[infisical]", "OIDC-PROV-06[infisical]"),
    blocks=("[infisical]",),
    root="OIDC-PROV-06",
)
def signing_key_missing(world: World) -> None:
    """Infisical's provider has no signing key: its tokens are HS256 and its key set is empty."""
    seeded.provider(world, "infisical").signing_key = None


@fault(
    "signing-certificate-ends-soon",
    known_from="self-signed for a year",
    turns_red=("OIDC-PROV-06[argocd]", "OIDC-JWKS-04[argocd]"),
    warns=True,
    other_roots=("OIDC-JWKS-04",),
)
def signing_certificate_ends_soon(world: World) -> None:
    """The certificate of ArgoCD's signing key ends in ten days."""
    now = datetime.now(UTC)
    pk = stable_uuid("certificate", "ending")
    pair = key_pair(pk, "Ending Certificate", begins=now - timedelta(days=355), ends=now + timedelta(days=10))
    world.authentik.certificates[pk] = pair
    seeded.provider(world, "argocd").signing_key = pk


@fault(
    "scope-profile-unmapped",
    known_from="a provider made by hand",
    turns_red=("OIDC-PROV-07[argocd]",),
    blocks=("[argocd]",),
)
def scope_profile_unmapped(world: World) -> None:
    """ArgoCD's provider lost its profile mapping, and with it the groups."""
    mappings = world.authentik.scope_mappings
    kept = [pk for pk in seeded.provider(world, "argocd").property_mappings if mappings[pk].scope_name != "profile"]
    seeded.provider(world, "argocd").property_mappings = kept


@fault("subject-mode-changed", known_from="every user becomes a stranger", turns_red=("OIDC-PROV-08[grafana]",))
def subject_mode_changed(world: World) -> None:
    """Grafana's provider was switched to user names as subjects."""
    seeded.provider(world, "grafana").sub_mode = "user_username"


@fault("access-token-for-a-month", known_from="a lifetime set while debugging", turns_red=("OIDC-PROV-08[argocd]",))
def access_token_for_a_month(world: World) -> None:
    """ArgoCD's access tokens live for thirty days."""
    seeded.provider(world, "argocd").access_token_validity = "days=30"


@fault(
    "probe-user-without-email",
    known_from="users made without an address",
    turns_red=("OIDC-PROV-09",),
    blocks=("OIDC-LOGIN",),
)
def probe_user_without_email(world: World) -> None:
    """The probe user has no e-mail address, so the claim comes out empty."""
    user = seeded.user(world, "conformance-probe")
    user.email = ""
