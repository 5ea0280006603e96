"""Other ways to lead hosts to applications and to put the gate before them."""

from __future__ import annotations

from lab import names
from lab.arrangements import put_object, put_route, run_traefik
from lab.authentik.accounts import stable_uuid
from lab.authentik.flows import model as flows
from lab.authentik.outpost.model import Outpost
from lab.authentik.providers import PROXY_SCOPES, Application, ProxyProvider
from lab.cluster.objects import new
from lab.cluster.seed.access import ACCOUNT
from lab.cluster.seed.routes import GATED, MIDDLEWARE_NAMESPACE, TRAEFIK, host_rule
from lab.cluster.state import Object
from lab.edge.routers import full_name
from lab.registry import Table, described
from lab.shapes import shape
from lab.world import World

CHAIN = "gated"
ENTRY_POINTS = "traefik.ingress.kubernetes.io/router.entrypoints"
MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"


def _by_ingress(estate: Table) -> None:
    for app in estate["forward_auth"]:
        app["route"] = app["route"].replace("/ingressroute/", "/ingress/")


@shape("ingress", describe=_by_ingress)
def ingress(world: World) -> None:
    """Every host is led by an Ingress with Traefik's annotations; there are no IngressRoutes."""
    cluster = world.cluster
    for route in cluster.list("ingressroutes"):
        metadata = route["metadata"]
        cluster.delete("ingressroutes", metadata["namespace"], metadata["name"])
        cluster.put(_ingress(route))


def _ingress(route: Object) -> Object:
    """The Ingress that Traefik makes the same router of."""
    metadata, (rule,) = route["metadata"], route["spec"]["routes"]
    host = rule["match"].removeprefix("Host(`").removesuffix("`)")
    listed = ",".join(full_name(each["namespace"], each["name"]) for each in rule["middlewares"])
    (service,) = rule["services"]
    backend = {"service": {"name": service["name"], "port": {"number": service["port"]}}}
    made = new(
        "networking.k8s.io/v1",
        "Ingress",
        metadata["name"],
        metadata["namespace"],
        created=metadata["creationTimestamp"],
        spec={
            "ingressClassName": "traefik",
            "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
            "tls": [{"hosts": [host], "secretName": "wildcard-tls"}],
        },
    )
    made["metadata"]["annotations"] = {ENTRY_POINTS: "websecure", MIDDLEWARES: listed}
    return made


@shape("middleware-chain")
def middleware_chain(world: World) -> None:
    """The gated routes name one middleware: a chain of the allow-list, the headers and the gate."""
    cluster = world.cluster
    members = [{"name": each, "namespace": MIDDLEWARE_NAMESPACE} for each in GATED]
    spec = {"chain": {"middlewares": members}}
    put_object(world, TRAEFIK, "Middleware", CHAIN, MIDDLEWARE_NAMESPACE, spec=spec)
    for route in cluster.list("ingressroutes"):
        (rule,) = route["spec"]["routes"]
        if rule["middlewares"] == members:
            rule["middlewares"] = [{"name": CHAIN, "namespace": MIDDLEWARE_NAMESPACE}]


@shape("traefik-3-6")
def traefik_3_6(world: World) -> None:
    """Traefik 3.6, to which a wildcard in Host is a host that nobody has: such a route opens nothing."""
    run_traefik(world, "3.6.8")
    rule = f"{host_rule(f'*.{names.DOMAIN}')} && PathPrefix(`/status-page`)"
    put_route(world, "status-page", "grafana", rule, {"name": "grafana", "port": 80})


def _as_daemon_set(estate: Table) -> None:
    estate["traefik"]["workload"] = "traefik-system/daemonset/traefik"
    for workload in estate["workloads"]:
        workload["ref"] = workload["ref"].replace("traefik-system/deployment/", "traefik-system/daemonset/")


@shape("traefik-as-a-daemon-set", describe=_as_daemon_set)
def traefik_as_a_daemon_set(world: World) -> None:
    """Traefik is a DaemonSet, and takes its options from the environment (field/reports.md 17)."""
    cluster = world.cluster
    deployment = cluster.get("deployments", "traefik-system", "traefik")
    cluster.delete("deployments", "traefik-system", "traefik")
    spec = deployment["spec"]
    pods = spec.pop("replicas", 1)
    container = spec["template"]["spec"]["containers"][0]
    options = [each.lstrip("-").partition("=") for each in container.pop("args", ())]
    container["env"] = [
        {"name": f"TRAEFIK_{name.upper().replace('.', '_')}", "value": value or "true"} for name, _, value in options
    ]
    counted = ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberReady")
    made = new("apps/v1", "DaemonSet", "traefik", "traefik-system", created=deployment["metadata"]["creationTimestamp"])
    made |= {"spec": spec, "status": dict.fromkeys((*counted, "numberAvailable"), pods)}
    made["metadata"]["labels"] = deployment["metadata"].get("labels", {})
    cluster.put(made)
    see = {"apiGroups": ["apps"], "resources": ["daemonsets"], "verbs": ["list"]}
    cluster.get("clusterroles", "", ACCOUNT)["rules"].append(see)


def _grafana_gated(estate: Table) -> None:
    grafana = described(estate, "grafana")
    grafana |= {"behind_gate": "grafana-gate", "direct_url": f"http://{names.GRAFANA_SERVICE}"}
    gate = {
        "name": "grafana-gate",
        "url": grafana["url"],
        "route": "grafana/ingressroute/grafana",
        "backend": "grafana/service/grafana",
        "workload": grafana["workload"],
        "other_ways": [{"ref": "grafana/ingressroute/status", "reason": "monitoring reads its health page"}],
    }
    estate["forward_auth"].append(gate)


@shape("gate-before-grafana", describe=_grafana_gated)
def gate_before_grafana(world: World) -> None:
    """The gate stands in front of Grafana too, which logs people in by OpenID Connect behind it."""
    add_gated(world, "grafana-gate", "Grafana (gate)", f"https://{names.public_host('grafana')}")
    (rule,) = world.cluster.get("ingressroutes", "grafana", "grafana")["spec"]["routes"]
    rule["middlewares"] = [{"name": each, "namespace": MIDDLEWARE_NAMESPACE} for each in GATED]


def add_gated(world: World, slug: str, title: str, external_host: str) -> ProxyProvider:
    """One more proxy provider with its application, on the outpost that serves the others."""
    authentik = world.authentik
    provider = ProxyProvider(
        max(authentik.providers) + 1,
        title,
        f"client-of-{slug}",
        world.secrets.client_secret(slug),
        authentik.flows[flows.IMPLICIT_CONSENT].pk,
        authentik.flows[flows.PROVIDER_INVALIDATION].pk,
        property_mappings=[stable_uuid("scope", scope) for scope in PROXY_SCOPES],
        external_host=external_host,
        cookie_secret=world.secrets.client_secret(f"cookie of {slug}"),
    )
    provider.follow_external_host()
    authentik.providers[provider.pk] = provider
    authentik.applications[slug] = Application(stable_uuid("application", slug), title, slug, provider.pk)
    _serving(world).providers.append(provider.pk)
    return provider


def _serving(world: World) -> Outpost:
    return next(iter(world.authentik.outposts.values()))


@shape("gate-on-a-wildcard")
def gate_on_a_wildcard(world: World) -> None:
    """Longhorn's only route, with its gate, is for a wildcard that Traefik 3.7 understands (field/reports.md 5)."""
    route = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"][0]
    route["match"] = f"Host(`*.{names.DOMAIN}`) && !(HostRegexp(`^(?:{'|'.join(_other_hosts())})$`))"


def _other_hosts() -> list[str]:
    labels = (*names.OIDC_APPLICATIONS, *names.GATED_APPLICATIONS, "auth", "status", "old")
    return [names.public_host(each).replace(".", r"\.") for each in labels if each != "longhorn"]
