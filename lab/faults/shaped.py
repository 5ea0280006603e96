"""Faults that only an estate of another shape than the runbook's can have (`python -m lab shapes`)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.arrangements import put_route
from lab.authentik.providers import RedirectURI
from lab.cluster.seed.routes import rule_of
from lab.faults import fault
from lab.shapes.gates import GATE
from lab.shapes.hosts import SECOND_HOST
from lab.shapes.routes import CHAIN, MIDDLEWARES
from lab.world import World


def _in(shape: str) -> tuple[str, str]:
    return "--lab-shape", shape


@fault(
    "ingress-without-the-gate",
    known_from="Sympozium, found open on 2026-08-02",
    turns_red=("FWD-GATE-01[sympozium]", "FWD-ROUTE-01[sympozium]"),
    options=_in("ingress"),
    blocks=("[sympozium]", "FWD-PASS-04[hubble]"),
    root="FWD-ROUTE-01",
)
def ingress_without_the_gate(world: World) -> None:
    """Sympozium's Ingress lost the forward-auth middleware from its annotation."""
    annotations = world.cluster.get("ingresses", "sympozium-system", "sympozium")["metadata"]["annotations"]
    listed = annotations[MIDDLEWARES].split(",")
    annotations[MIDDLEWARES] = ",".join(name for name in listed if "forwardauth" not in name)


@fault(
    "chain-without-the-gate",
    known_from="a chain that is edited for one application and used by all",
    turns_red=("FWD-GATE-01", "FWD-ROUTE-01"),
    options=_in("middleware-chain"),
    blocks=("FWD",),
    root="FWD-ROUTE-01",
)
def chain_without_the_gate(world: World) -> None:
    """Somebody took the gate out of the chain that all gated routes share."""
    chain: dict[str, Any] = world.cluster.get("middlewares.traefik.io", "traefik-system", CHAIN)["spec"]["chain"]
    chain["middlewares"] = [each for each in chain["middlewares"] if "forwardauth" not in each["name"]]


@fault(
    "public-client-without-pkce",
    known_from="RFC 9700 section 2.1.1",
    turns_red=("OIDC-RP-01[grafana]",),
    options=_in("public-client"),
    blocks=("[grafana]",),
)
def public_client_without_pkce(world: World) -> None:
    """Grafana starts its logins without a PKCE challenge: whoever steals a code can use it."""
    world.applications["grafana"].use_pkce = False


@fault(
    "argocd-redirect-of-before-dex",
    known_from="field/reports.md 8: a pull request of December 2025",
    turns_red=("OIDC-PROV-04[argocd]", "OIDC-AUTHZ-01[argocd]"),
    options=_in("argocd-by-dex"),
    blocks=("[argocd]",),
)
def argocd_redirect_of_before_dex(world: World) -> None:
    """ArgoCD asks Dex now, and its provider still has the redirect URI of before."""
    seeded.provider(world, "argocd").redirect_uris = [
        RedirectURI(f"https://{names.public_host('argocd')}/auth/callback")
    ]


@fault(
    "argocd-by-pkce-without-a-challenge",
    known_from="facts/argocd.md: a challenge only with enablePKCEAuthentication",
    turns_red=("OIDC-RP-01[argocd]",),
    options=_in("argocd-by-pkce"),
    blocks=("[argocd]",),
)
def argocd_by_pkce_without_a_challenge(world: World) -> None:
    """Somebody took enablePKCEAuthentication out of ArgoCD's settings: a public client without any proof."""
    world.applications["argocd"].use_pkce = False


@fault(
    "dex-elsewhere-not-registered",
    known_from="field/reports.md 8: the provider still has the redirect URI of before",
    turns_red=("OIDC-PROV-04[argocd]", "OIDC-AUTHZ-01[argocd]"),
    options=_in("argocd-by-a-dex-elsewhere"),
    blocks=("[argocd]",),
)
def dex_elsewhere_not_registered(world: World) -> None:
    """Dex moved to a host of its own, and the provider knows the address below ArgoCD alone."""
    seeded.provider(world, "argocd").redirect_uris = [
        RedirectURI(f"https://{names.public_host('argocd')}/api/dex/callback")
    ]


@fault(
    "domain-gate-of-another-domain",
    known_from="an estate whose domain moved",
    turns_red=("FWD-OUT-02", "FWD-GATE-06"),
    options=_in("domain-mode"),
    blocks=("FWD",),
)
def domain_gate_of_another_domain(world: World) -> None:
    """The gate's cookie domain is still the old one, so that it serves none of the applications."""
    gate: Any = world.authentik.provider_of(GATE)
    gate.cookie_domain = "cluster.derio.net"


@fault(
    "gate-before-grafana-unassigned",
    known_from="outpost assignments are in the database only, and lost by a restore",
    turns_red=("FWD-OUT-02[grafana-gate]", "FWD-GATE-06[grafana-gate]"),
    options=_in("gate-before-grafana"),
    blocks=("[grafana]", "FWD-PASS-04[whoami]"),
)
def gate_before_grafana_unassigned(world: World) -> None:
    """The outpost lost the provider of the gate in front of Grafana."""
    gate: Any = world.authentik.provider_of("grafana-gate")
    for outpost in world.authentik.outposts.values():
        outpost.providers = [pk for pk in outpost.providers if pk != gate.pk]


@fault(
    "client-back-to-its-own-issuer",
    known_from="facts: the issuer mode of a provider is one click",
    turns_red=("OIDC-DISC-02[grafana]",),
    options=_in("global-issuer"),
    blocks=("[grafana]",),
)
def client_back_to_its_own_issuer(world: World) -> None:
    """Grafana's provider was switched from the global issuer to one of its own, which Grafana does not expect."""
    provider: Any = world.authentik.provider_of("grafana")
    provider.issuer_mode = "per_provider"


@fault(
    "second-host-lost-its-route",
    known_from="facts: one Authentik answers by two host names while a domain moves, and a route is one object more",
    turns_red=(f"SMOKE-UP-01[{SECOND_HOST}]",),
    options=_in("second-domain"),
    blocks=(f"[{SECOND_HOST}]", "[argocd]", "[grafana]"),
)
def second_host_lost_its_route(world: World) -> None:
    """Nothing leads Authentik's second host to it any more: who logs in there logs in no more."""
    world.cluster.delete("ingressroutes", "authentik", "authentik-login")


@fault(
    "grafana-asks-the-first-host",
    known_from="facts: settings of before a domain moved (auth_url of grafana.ini)",
    turns_red=("OIDC-RP-01[grafana]",),
    options=_in("second-domain"),
    blocks=("[grafana]",),
)
def grafana_asks_the_first_host(world: World) -> None:
    """Grafana sends browsers to Authentik's first host, although it is to log in by the second."""
    world.applications["grafana"].authorize_url = f"{names.AUTH_URL}/application/o/authorize/"


@fault(
    "issuer-of-before-inside",
    known_from="facts/authentik-oidc.md: the issuer's path is the application's slug",
    turns_red=("OIDC-DISC-02[infisical]",),
    options=_in("issuer-inside-the-cluster"),
    blocks=("[infisical]",),
)
def issuer_of_before_inside(world: World) -> None:
    """Infisical's provider was switched to the global issuer, which Infisical does not expect of the Service either."""
    seeded.provider(world, "infisical").issuer_mode = "global"


@fault(
    "told-that-it-is-https",
    known_from="a headers middleware copied from an estate with TLS",
    turns_red=("OIDC-DISC-02", "OIDC-DISC-03", "FWD-GATE-02", "SMOKE-LOGIN-01"),
    options=_in("plain-http"),
    blocks=("OIDC", "FWD-PASS"),
)
def told_that_it_is_https(world: World) -> None:
    """A middleware of all routes tells everybody behind it that visitors came by https, where nobody can."""
    headers = world.cluster.get("middlewares.traefik.io", "traefik-system", "security-headers")["spec"]["headers"]
    headers["customRequestHeaders"] = {"X-Forwarded-Proto": "https"}


@fault(
    "secure-cookies-over-plain-http",
    known_from="GF_SECURITY_COOKIE_SECURE=true in an estate without TLS",
    turns_red=("OIDC-LOGIN-01[grafana]",),
    options=_in("plain-http"),
    blocks=("OIDC-LOGIN[grafana]",),
)
def secure_cookies_over_plain_http(world: World) -> None:
    """Grafana marks its cookies Secure, so that no browser sends them back: every login ends at its start."""

    def secure(request: Request, response: Response) -> Response:
        if request.url.hostname == names.public_host("grafana"):
            response.raw_headers = [
                (name, value + b"; Secure" if name == b"set-cookie" else value) for name, value in response.raw_headers
            ]
        return response

    world.edge.tampering.append(secure)


@fault(
    "rollout-aborted",
    known_from="argo-rollouts: docs/features/analysis.md, an aborted Rollout is Degraded and runs its stable form",
    turns_red=("SMOKE-PODS-01[grafana]",),
    options=_in("workloads-of-other-controllers"),
)
def rollout_aborted(world: World) -> None:
    """An analysis failed, and Grafana's new form was taken back: all pods are ready, and none of them is of it."""
    status = world.cluster.get("rollouts", "grafana", "grafana")["status"]
    why = 'RolloutAborted: Rollout aborted update to revision 4: Metric "success-rate" assessed Failed'
    status |= {"phase": "Degraded", "message": why, "updatedReplicas": 0, "abort": True}


@fault(
    "gate-below-a-path-lost",
    known_from="Sympozium, found open on 2026-08-02, with a path in place of a host",
    turns_red=("FWD-GATE-01[longhorn]", "FWD-ROUTE-01[longhorn]"),
    options=_in("gate-below-a-path"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
    root="FWD-ROUTE-01",
)
def gate_below_a_path_lost(world: World) -> None:
    """The route of Longhorn's path lost the gate; that of another path of the same host never had one."""
    rule = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"][0]
    rule["middlewares"] = [each for each in rule["middlewares"] if "forwardauth" not in each["name"]]


@fault(
    "authentik-lost-its-path",
    known_from="goauthentik/authentik internal/web/web.go: AUTHENTIK_WEB__PATH stands in the environment alone",
    turns_red=("SMOKE-UP-01",),
    options=_in("authentik-below-a-path"),
    blocks=("SMOKE", "OIDC", "FWD"),
)
def authentik_lost_its_path(world: World) -> None:
    """An update took AUTHENTIK_WEB__PATH away: Authentik answers at its host's root, where nobody looks for it."""
    world.authentik.rules.web_path = ""


@fault(
    "dashboard-past-its-gate",
    known_from="doc.traefik.io, operations/dashboard: its example leads /api and /dashboard by a rule of their own",
    turns_red=("FWD-ROUTE-01[dashboard]",),
    options=_in("gate-before-the-dashboard"),
    blocks=("FWD-ROUTE-06[dashboard]",),
)
def dashboard_past_its_gate(world: World) -> None:
    """A route from before the gate still leads /api of the dashboard's host to Traefik itself."""
    rule = f"{rule_of('traefik')} && PathPrefix(`/api`)"
    put_route(world, "api", "traefik-system", rule, {"name": "api@internal", "kind": "TraefikService"}, ())


@fault(
    "dashboard-by-another-host",
    known_from="a host that is tried first, and left when the gate has come",
    turns_red=("FWD-ROUTE-03[dashboard]",),
    options=_in("gate-before-the-dashboard"),
)
def dashboard_by_another_host(world: World) -> None:
    """A second host leads to Traefik's dashboard, without the gate."""
    backend = {"name": "api@internal", "kind": "TraefikService"}
    put_route(world, "edge", "traefik-system", rule_of("edge"), backend, ())
