"""Other gates: one for a whole domain, or one that runs in pods of its own."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.arrangements import lead_outpost_path, put_object, put_route
from lab.authentik.accounts import stable_uuid
from lab.authentik.providers import PolicyBinding
from lab.cluster.seed.routes import GATED, IDENTITY_HEADERS, MIDDLEWARE_NAMESPACE, OPEN, TRAEFIK, rule_of
from lab.faults.rewriting import where
from lab.registry import Table, described
from lab.shapes import shape
from lab.shapes.routes import add_gated
from lab.world import World

GATE = "domain-gate"
CORE: Final = "http://authentik-server.authentik.svc.cluster.local:80"
_NGINX: Final = "longhorn"
# Who is led on by an outpost itself, and the Service that its provider names as the internal host.
CLEARING: Final = {"name": "no-identity-of-clients", "namespace": MIDDLEWARE_NAMESPACE}
PROXIED: Final = {"longhorn": "longhorn-frontend.longhorn-system", "whoami": "whoami.whoami"}
DASHBOARD: Final = "dashboard"
DASHBOARD_URL: Final = f"https://{names.public_host('traefik')}"
_START: Final = "/outpost.goauthentik.io/start"


def _one_gate(estate: Table) -> None:
    for app in estate["forward_auth"]:
        app |= {"slug": GATE, "mode": "domain", "cookie_domain": names.DOMAIN, "provider_url": names.AUTH_URL}
        app.pop("skip_paths", None)
    # Whom the gate refuses is refused everywhere.
    estate["excluded_user"]["applications"] = [app["name"] for app in estate["forward_auth"]]


@shape("domain-mode", describe=_one_gate)
def domain_mode(world: World) -> None:
    """One provider in domain mode stands before all gated applications; its logins are completed at Authentik's."""
    authentik = world.authentik
    for slug in names.GATED_APPLICATIONS:
        provider = seeded.provider(world, slug)
        del authentik.applications[slug], authentik.providers[provider.pk]
    for outpost in authentik.outposts.values():
        outpost.providers = []
    gate = add_gated(world, GATE, "Domain gate", names.AUTH_URL)
    gate.mode, gate.cookie_domain = "forward_domain", names.DOMAIN
    users = [authentik.directory.user(username) for username in ("conformance-probe", "svc-sso-conformance")]
    authentik.applications[GATE].bindings = [
        PolicyBinding(stable_uuid("binding", f"{GATE} {user.username}"), user=user.pk) for user in users if user
    ]


def _by_nginx(estate: Table) -> None:
    longhorn = described(estate, "longhorn")
    longhorn |= {"middleware": False, "route": "longhorn-system/ingress/longhorn"}


@shape("gate-by-nginx", describe=_by_nginx)
def gate_by_nginx(world: World) -> None:
    """Longhorn has an Ingress with nginx's annotations: who is refused is sent to the outpost's start on its own host.

    As Authentik's guide for ingress-nginx and Traefik's provider kubernetesIngressNGINX have it (field/reports.md 23).
    What serves here is still Traefik's route, dressed so: nginx adds no cookie to the redirect, the start sets it.
    """
    host = names.public_host(_NGINX)
    lead_outpost_path(world, {"name": "authentik-server", "port": 80})
    start = f"https://{host}{_START}"
    annotations = {
        "nginx.ingress.kubernetes.io/auth-url": f"{CORE}/outpost.goauthentik.io/auth/nginx",
        "nginx.ingress.kubernetes.io/auth-signin": f"{start}?rd=$scheme://$http_host$escaped_request_uri",
        "nginx.ingress.kubernetes.io/auth-response-headers": "Set-Cookie,X-authentik-username",
    }
    backend = {"service": {"name": "longhorn-frontend", "port": {"number": 80}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec = {"ingressClassName": "nginx", "rules": [{"host": host, "http": {"paths": paths}}]}
    made = put_object(world, "networking.k8s.io/v1", "Ingress", _NGINX, "longhorn-system", spec=spec)
    made["metadata"]["annotations"] = annotations
    controller = {"controller": "k8s.io/ingress-nginx"}
    put_object(world, "networking.k8s.io/v1", "IngressClass", "nginx", spec=controller)

    def refused(request: Request, response: Response) -> bool:
        to_login = "/application/o/authorize/" in response.headers.get("location", "")
        return request.url.hostname == host and to_login and not request.url.path.startswith(_START)

    def to_start(request: Request, response: Response) -> Response:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        response.headers["location"] = f"{start}?rd={quote(f'https://{host}{asked}', safe='')}"
        response.raw_headers = [pair for pair in response.raw_headers if pair[0] != b"set-cookie"]
        return response

    world.edge.tampering.append(where(refused, to_start))


def _by_proxying(estate: Table) -> None:
    for app in estate["forward_auth"]:
        if app["name"] in PROXIED:
            app |= {"mode": "proxy"}


@shape("proxy-mode", describe=_by_proxying)
def proxy_mode(world: World) -> None:
    """The routes of Longhorn and whoami lead to the outpost, which leads requests on itself: mode proxy, no Middleware.

    As Authentik's guide to proxy providers has it; whose answers they are is told by lab/authentik/outpost/leading.py.
    """
    # What the outpost overwrites for whoever is logged in is the client's own where a path is open to all.
    spec = {"headers": {"customRequestHeaders": dict.fromkeys(IDENTITY_HEADERS, "")}}
    put_object(world, TRAEFIK, "Middleware", CLEARING["name"], CLEARING["namespace"], spec=spec)
    for slug, internal in PROXIED.items():
        provider, namespace = seeded.gate(world, slug), internal.partition(".")[2]
        provider.mode, provider.internal_host = "proxy", f"http://{internal}.svc.cluster.local"
        (rule,) = world.cluster.get("ingressroutes", namespace, slug)["spec"]["routes"]
        rule["middlewares"] = [each for each in rule["middlewares"] if each["name"] in OPEN] + [CLEARING]
        rule["services"] = [{"name": "authentik-server", "namespace": "authentik", "port": 80}]


def _dashboard(estate: Table) -> None:
    workload = "traefik-system/deployment/traefik"
    route = f"traefik-system/ingressroute/{DASHBOARD}"
    estate["forward_auth"].append({"name": DASHBOARD, "url": DASHBOARD_URL, "route": route, "workload": workload})
    estate["service_account"]["applications"].append(DASHBOARD)


@shape("gate-before-the-dashboard", describe=_dashboard)
def gate_before_the_dashboard(world: World) -> None:
    """The gate stands before Traefik's own dashboard, behind which there is no Service (api@internal).

    As doc.traefik.io, "Secure the dashboard", and homelabs by the hundred have it. Traefik's chart makes the route for
    its neighbours as well (ingressRoute.dashboard), on the entry point traefik.
    """
    add_gated(world, DASHBOARD, "Traefik", DASHBOARD_URL)
    backend = {"name": "api@internal", "kind": "TraefikService"}
    put_route(world, DASHBOARD, "traefik-system", rule_of("traefik"), backend, GATED)
    neighbours = "PathPrefix(`/dashboard`) || PathPrefix(`/api`)"
    made = put_route(world, "traefik-dashboard", "traefik-system", neighbours, backend, ())
    made["spec"]["entryPoints"] = ["traefik"]
