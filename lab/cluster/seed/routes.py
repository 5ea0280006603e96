"""What Traefik reads: middlewares, and one IngressRoute for each public host."""

from __future__ import annotations

from typing import Final

from lab import names
from lab.cluster.objects import Age, new
from lab.cluster.seed.estate import COMPONENTS, extra_names
from lab.cluster.state import Cluster, Object
from lab.world import World

TRAEFIK: Final = "traefik.io/v1alpha1"
MIDDLEWARE_NAMESPACE: Final = "traefik-system"
OPEN: Final = ("ip-allowlist", "security-headers")
GATED: Final = (*OPEN, "authentik-forwardauth")
GATE_ADDRESS: Final = "http://authentik-server.authentik.svc.cluster.local:80/outpost.goauthentik.io/auth/traefik"
# Everything the outpost emits; the usual eleven leave out the entitlements, which a client could then forge.
IDENTITY_HEADERS: Final = tuple(
    f"X-authentik-{name}"
    for name in (
        "username",
        "groups",
        "entitlements",
        "email",
        "name",
        "uid",
        "jwt",
        "meta-jwks",
        "meta-outpost",
        "meta-provider",
        "meta-app",
        "meta-version",
    )
)


def _middlewares(age: Age) -> list[Object]:
    specs: dict[str, Object] = {
        "ip-allowlist": {
            "ipAllowList": {"sourceRange": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"]}
        },
        "security-headers": {
            "headers": {
                "stsSeconds": 31536000,
                "stsIncludeSubdomains": True,
                "contentTypeNosniff": True,
                "customRequestHeaders": {"X-Forwarded-Proto": "https"},
            }
        },
        "authentik-forwardauth": {
            "forwardAuth": {
                "address": GATE_ADDRESS,
                "trustForwardHeader": True,
                "authResponseHeaders": list(IDENTITY_HEADERS),
            }
        },
    }
    return [
        new(TRAEFIK, "Middleware", name, MIDDLEWARE_NAMESPACE, created=age.created, spec=spec)
        for name, spec in specs.items()
    ]


def host_rule(host: str) -> str:
    """What a router matches that leads all of a host."""
    return f"Host(`{host}`)"


def rule_of(application: str) -> str:
    """What a router matches that leads all of an application's public host."""
    return host_rule(names.public_host(application))


def ingress_route(
    name: str, namespace: str, match: str, middlewares: tuple[str, ...], backend: Object, *, created: str
) -> Object:
    """An IngressRoute on `websecure` for what `match` says; `backend` is the service reference of its only rule."""
    rule = {
        "kind": "Rule",
        "match": match,
        "middlewares": [{"name": each, "namespace": MIDDLEWARE_NAMESPACE} for each in middlewares],
        "services": [backend],
    }
    tls = {"certResolver": "cloudflare", "domains": [{"main": f"*.{names.DOMAIN}"}]}
    spec = {"entryPoints": ["websecure"], "routes": [rule], "tls": tls}
    return new(TRAEFIK, "IngressRoute", name, namespace, created=created, spec=spec)


def _backends(world: World) -> dict[str, tuple[str, Object]]:
    """Application -> (namespace, service reference)."""
    found: dict[str, tuple[str, Object]] = {}
    for component in COMPONENTS:
        if component.key in (*names.OIDC_APPLICATIONS, *names.GATED_APPLICATIONS):
            front = component.fronts[0]
            found[component.key] = (
                component.workload.namespace,
                {"name": front.name, "port": front.ports[0][1]},
            )
    for name in extra_names(world):
        found[name] = name, {"name": name, "port": 80}
    return found


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put the middlewares and the routes: Authentik's and the relying parties' open, the others gated.

    `status` leads to Grafana's health page, which monitoring reads without a login.
    """
    for middleware in _middlewares(age):
        cluster.put(middleware)
    backend = {"name": "authentik-server", "port": 80}
    created = age.created
    # Traefik's chart makes it, and Traefik takes an Ingress by it (ingress/kubernetes.go, shouldProcessIngress).
    controller = {"controller": "traefik.io/ingress-controller"}
    cluster.put(new("networking.k8s.io/v1", "IngressClass", "traefik", created=created, spec=controller))
    cluster.put(ingress_route("authentik", "authentik", host_rule(names.AUTH_HOST), OPEN, backend, created=created))
    backends = _backends(world)
    for name, (namespace, reference) in backends.items():
        gated = name in names.GATED_APPLICATIONS or name in world.extra_gated
        chain = GATED if gated else OPEN
        host = names.public_host(name)
        cluster.put(ingress_route(name, namespace, host_rule(host), chain, reference, created=created))
    namespace, reference = backends["grafana"]
    cluster.put(ingress_route("status", namespace, rule_of("status"), OPEN, reference, created=created))
