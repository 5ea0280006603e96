"""Arrangements of the cluster that faults, their harmless variants and shapes share."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Final

from lab import names, seeded
from lab.cluster.objects import Age, new
from lab.cluster.seed.estate import ALIASES_DELETED, ALLOWS_EMPTY_SERVICES
from lab.cluster.seed.routes import (
    IDENTITY_HEADERS,
    MIDDLEWARE_NAMESPACE,
    OPEN,
    TRAEFIK,
    host_rule,
    ingress_route,
    rule_of,
)
from lab.cluster.seed.secret_objects import GRAFANA_KEY
from lab.cluster.state import Object, Value, timestamp
from lab.world import World

GATE_ROUTE: Final = "gate"
EMBEDDED_OBJECTS: Final = "ak-outpost-authentik-embedded-outpost"
ENVOY: Final = "/outpost.goauthentik.io/auth/envoy"
# What Gateways' controllers call themselves, as a GatewayClass names them.
ENVOYS: Final = "gateway.envoyproxy.io/gatewayclass-controller"
CILIUMS: Final = "io.cilium/gateway-controller"
_PREFIX: Final = "PathPrefix(`/outpost.goauthentik.io/`)"
_LONGHORN: Final = rule_of("longhorn")


def put_object(world: World, api_version: str, kind: str, name: str, namespace: str = "", **given: Value) -> Object:
    """Put an object into the cluster that is as old as the estate; `given` is what else `new` takes."""
    created = Age(world.clock.now()).created
    return world.cluster.put(new(api_version, kind, name, namespace, created=created, **given))


def put_route(
    world: World, name: str, namespace: str, match: str, backend: Object, chain: tuple[str, ...] = OPEN
) -> Object:
    """Put an IngressRoute of one rule into the cluster; without a `chain` of its own it has no gate."""
    created = Age(world.clock.now()).created
    return world.cluster.put(ingress_route(name, namespace, match, chain, backend, created=created))


def lead_outpost_path(world: World, service: Object, namespace: str = "authentik") -> None:
    """A route of its own for the outpost's path on Longhorn's host, without the gate: the login needs it open."""
    put_route(world, "longhorn-outpost", namespace, f"{_LONGHORN} && {_PREFIX}", service, ())


def put_outpost_service(world: World, name: str, namespace: str, like: tuple[str, str]) -> None:
    """A Service of the name that Authentik's integration gives, in front of the pods of the Service `like`."""
    cluster = world.cluster
    source = cluster.get("services", *like)
    spec = deepcopy(source["spec"])
    spec["ports"] = [{**spec["ports"][0], "name": "http", "port": 9000}]
    put_object(world, "v1", "Service", name, namespace, spec=spec)
    for piece in cluster.list("endpointslices", like[0]):
        if piece["metadata"]["labels"].get("kubernetes.io/service-name") == like[1]:
            labels = {"kubernetes.io/service-name": name}
            ends = {"endpoints": deepcopy(piece["endpoints"]), "ports": [{**piece["ports"][0], "name": "http"}]}
            ends |= {"addressType": "IPv4"}
            kind = ("discovery.k8s.io/v1", "EndpointSlice", f"{name}-lab", namespace)
            put_object(world, *kind, labels=labels, **ends)


def put_parent_route(world: World, chain: tuple[str, ...]) -> None:
    """Put a parent with Longhorn's host and these middlewares; Longhorn's own route becomes its child."""
    parent = put_route(world, GATE_ROUTE, MIDDLEWARE_NAMESPACE, _LONGHORN, {}, chain)
    del parent["spec"]["routes"][0]["services"]
    child = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")
    (rule,) = child["spec"]["routes"]
    route = {"kind": "Rule", "match": "PathPrefix(`/`)", "services": rule["services"]}
    child["spec"] = {"parentRefs": [{"name": GATE_ROUTE, "namespace": MIDDLEWARE_NAMESPACE}], "routes": [route]}


def run_traefik(world: World, version: str, *, aliases: str = "") -> None:
    """Traefik of that release; `aliases` is the strategy for look-alike headers, which none has that says nothing."""
    world.edge.version = version
    container = traefik_container(world)
    container["image"] = f"docker.io/traefik:v{version}"
    container["args"] = [each for each in container["args"] if each != ALIASES_DELETED]
    if aliases:
        container["args"].append(ALIASES_DELETED.replace("delete", aliases))


def traefik_container(world: World) -> Object:
    """Traefik's container, as its Deployment has it."""
    return seeded.container(world, "traefik-system", "traefik")


def allow_external_names(world: World) -> None:
    """Traefik leads requests to ExternalName Services, which it does not unasked."""
    world.edge.external_names_allowed = True
    traefik_container(world)["args"].append("--providers.kubernetescrd.allowExternalNameServices=true")


def leave_out_empty_services(world: World) -> None:
    """Traefik loads no route to a Service without ready pods: what it does unasked, and its chart changes."""
    world.edge.empty_services_allowed = False
    traefik_container(world)["args"].remove(ALLOWS_EMPTY_SERVICES)


def mount_grafana_secret(world: World, name: str, source: Object, *, sub_path: str = "") -> Object:
    """Mount Grafana's Secret by this source of a volume at /etc/secrets/`name`, in place of handing it over in the
    environment; the container.

    As the `extraSecretMounts` of Grafana's chart do (grafana/helm-charts, charts/grafana/templates/_pod.tpl).
    """
    spec = seeded.pod_spec(world, "grafana", "grafana")
    container: Object = spec["containers"][0]
    container.pop("envFrom", None)
    spec.setdefault("volumes", []).append({"name": name, **source})
    mount = {"name": name, "mountPath": f"/etc/secrets/{name}", "readOnly": True}
    container.setdefault("volumeMounts", []).append(mount | ({"subPath": sub_path} if sub_path else {}))
    return container


def give_grafana_secret_by_variable(world: World, name: str) -> None:
    """Hand Grafana's Secret over in a variable of that name; its setting expands SSO_SECRET."""
    container = seeded.container(world, "grafana", "grafana")
    container.pop("envFrom", None)
    source = {"secretKeyRef": {"name": "grafana-oidc", "key": GRAFANA_KEY}}
    container["env"] += [{"name": name, "valueFrom": source}, {"name": GRAFANA_KEY, "value": "$__env{SSO_SECRET}"}]


def secret_files(*items: tuple[str, str]) -> Object:
    """A volume of Grafana's Secret: these keys as these files, or all keys."""
    listed = {"items": [{"key": key, "path": path} for key, path in items]} if items else {}
    return {"secret": {"secretName": "grafana-oidc", "defaultMode": 256, **listed}}


def write_grafana_secret_anew(world: World) -> None:
    """Grafana's Secret was written an hour ago, long after Grafana's container was started."""
    managers = world.cluster.get("secrets", "grafana", "grafana-oidc")["metadata"]["managedFields"]
    managers[0]["time"] = timestamp(world.cluster.now() - timedelta(hours=1))


def _accepted_by(controller: str) -> Object:
    """What a controller says, in an object's status, of what it takes for its Gateway."""
    said = {"type": "Accepted", "status": "True", "reason": "Accepted", "message": "", "observedGeneration": 1}
    gateway = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "public"}
    return {"controllerName": controller, "conditions": [said], "parentRef": gateway}


def put_http_route(world: World, *filters: Object, controller: str = "") -> None:
    """A second way to Hubble, by the Gateway API, with these filters, and led by a Gateway's controller."""
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"name": "hubble-ui", "port": 80}],
        "filters": list(filters),
    }
    spec = {"hostnames": [names.public_host("hubble")], "rules": [rule]}
    kind = ("gateway.networking.k8s.io/v1", "HTTPRoute", "hubble-new", "kube-system")
    made = put_object(world, *kind, spec=spec)
    if controller:
        made["status"] = {"parents": [_accepted_by(controller)]}


def put_route_of_a_listener(world: World, host: str) -> None:
    """An HTTPRoute to Hubble that names no host, at a Gateway whose listener has this one (Gateway API)."""
    group = "gateway.networking.k8s.io/v1"
    listener = {"name": "https", "port": 443, "protocol": "HTTPS", "hostname": host}
    gateway = {"gatewayClassName": "traefik", "listeners": [listener]}
    put_object(world, group, "Gateway", "public", "kube-system", spec=gateway)
    rule = {"backendRefs": [{"name": "grafana", "namespace": "grafana", "port": 80}]}
    spec = {"parentRefs": [{"name": "public", "sectionName": "https"}], "rules": [rule]}
    put_object(world, group, "HTTPRoute", "hubble-of-listener", "kube-system", spec=spec)


def put_weighted(world: World, backend: str, namespace: str, host: str) -> None:
    """A TraefikService with one Service in it, and a route that leads a host there without the gate."""
    spec = {"weighted": {"services": [{"name": backend, "port": 80, "weight": 1}]}}
    put_object(world, TRAEFIK, "TraefikService", "canary", namespace, spec=spec)
    service = {"name": "canary", "kind": "TraefikService"}
    put_route(world, "canary", namespace, host_rule(host), service, ())


def put_security_policy(world: World, route: str, controller: str = "") -> None:
    """Envoy Gateway's own gate, for the HTTPRoute of that name, and accepted by one of its controllers."""
    backend = {"name": "authentik-server", "namespace": "authentik", "port": 80}
    spec = {
        "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": route}],
        "extAuth": {"http": {"backendRefs": [backend], "path": ENVOY}},
    }
    kind = ("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", "hubble-gate", "kube-system")
    made = put_object(world, *kind, spec=spec)
    if controller:
        accepted = _accepted_by(controller)
        made["status"] = {"ancestors": [accepted | {"ancestorRef": accepted.pop("parentRef")}]}


def select_nothing(world: World, namespace: str, service: str) -> None:
    """Give a Service a selector that fits no pod, so that its EndpointSlices and Endpoints are empty.

    As the endpoint controllers leave them: the slice stays with no endpoints, the Endpoints object has no subsets.
    """
    cluster = world.cluster
    cluster.get("services", namespace, service)["spec"]["selector"] = {"app.kubernetes.io/name": "gone"}
    for piece in cluster.list("endpointslices", namespace):
        if piece["metadata"]["labels"].get("kubernetes.io/service-name") == service:
            piece["endpoints"] = []
    cluster.get("endpoints", namespace, service).pop("subsets", None)


def put_tunnel(world: World, name: str, namespace: str, service: str, *hosts: str, target: str = "") -> None:
    """A TunnelBinding of cloudflare-operator's, whose subjects stand beside its metadata; a `target` takes the place of
    the Service."""
    more = {"target": target} if target else {}
    subjects = [{"kind": "Service", "name": service, "spec": {"fqdn": host} | more} for host in hosts]
    put_object(
        world,
        "networking.cfargotunnel.com/v1alpha1",
        "TunnelBinding",
        name,
        namespace,
        subjects=subjects,
        tunnelRef={"kind": "ClusterTunnel", "name": "home"},
    )


def put_tailnet_ingress(world: World, namespace: str, service: str, machine: str) -> None:
    """An Ingress of Tailscale's operator, whose default backend is that Service, and whose machine is called so."""
    group = "networking.k8s.io/v1"
    put_object(world, group, "IngressClass", "tailscale", spec={"controller": "tailscale.com/ts-ingress"})
    backend = {"service": {"name": service, "port": {"number": 80}}}
    spec = {"ingressClassName": "tailscale", "defaultBackend": backend, "tls": [{"hosts": [machine]}]}
    put_object(world, group, "Ingress", f"{machine}-tailnet", namespace, spec=spec)


def put_embedded_objects(world: World) -> None:
    """What Authentik's Kubernetes integration makes for the embedded outpost: a Service, an Ingress and a Middleware.

    Source: goauthentik/authentik, authentik/providers/proxy/controllers/k8s (ingress.py, traefik_3.py), and
    authentik/outposts/controllers/k8s/service.py. The Middleware lists no entitlements.
    """
    name, labels = EMBEDDED_OBJECTS, {"app.kubernetes.io/managed-by": "goauthentik.io"}
    put_outpost_service(world, name, "authentik", ("authentik", "authentik-server"))
    world.cluster.get("services", "authentik", name)["metadata"]["labels"] = labels
    backend = {"service": {"name": name, "port": {"name": "http"}}}
    paths = [{"path": "/outpost.goauthentik.io", "pathType": "Prefix", "backend": backend}]
    hosts = map(names.public_host, names.GATED_APPLICATIONS)
    rules = [{"host": host, "http": {"paths": paths}} for host in hosts]
    ingress = put_object(
        world, "networking.k8s.io/v1", "Ingress", name, "authentik", labels=labels, spec={"rules": rules}
    )
    ingress["metadata"]["annotations"] = {"traefik.ingress.kubernetes.io/router.tls": "true"}
    asked = {
        "address": f"http://{name}.authentik:9000/outpost.goauthentik.io/auth/traefik",
        "authResponseHeaders": [each for each in IDENTITY_HEADERS if not each.endswith("entitlements")],
        "authResponseHeadersRegex": "",
        "trustForwardHeader": True,
    }
    put_object(world, TRAEFIK, "Middleware", name, "authentik", labels=labels, spec={"forwardAuth": asked})
