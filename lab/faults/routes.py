"""Faults of routes: paths and hosts past the gate, and a proxy that has loaded something else."""

from __future__ import annotations

from copy import deepcopy

from lab import names
from lab.arrangements import (
    CILIUMS,
    put_http_route,
    put_object,
    put_route,
    put_route_of_a_listener,
    put_security_policy,
    put_tailnet_ingress,
    put_tunnel,
    put_weighted,
)
from lab.cluster.objects import Age
from lab.cluster.seed.access import PROXY
from lab.cluster.seed.routes import GATED, TRAEFIK, rule_of
from lab.cluster.seed.services import endpoint_slice
from lab.edge.loading import freeze
from lab.faults import fault
from lab.world import World

_LONGHORN = {"name": "longhorn-frontend", "port": 80}
_HUBBLE = {"name": "hubble-ui", "port": 80}


@fault(
    "path-past-the-gate",
    known_from="an exemption for an API client",
    turns_red=("FWD-ROUTE-01[longhorn]",),
    blocks=("FWD-ROUTE-06[longhorn]",),
)
def path_past_the_gate(world: World) -> None:
    """A second IngressRoute opens a path of Longhorn's host, without the gate."""
    put_route(world, "longhorn-api", "longhorn-system", f"{rule_of('longhorn')} && PathPrefix(`/v1/ws`)", _LONGHORN)


@fault(
    "wildcard-route-past-the-gate",
    known_from="a status page for every host",
    turns_red=("FWD-ROUTE-01",),
    blocks=("FWD-ROUTE-06",),
)
def wildcard_route_past_the_gate(world: World) -> None:
    """A route for all hosts of the domain opens a path on the gated ones too."""
    rule = r"HostRegexp(`^[a-z]+\.frank\.derio\.net$`) && PathPrefix(`/.well-known/status-page`)"
    put_route(world, "status-page", "grafana", rule, {"name": "grafana", "port": 80})


@fault(
    "ingress-past-the-gate",
    known_from="charts that bring an Ingress",
    turns_red=("FWD-ROUTE-01[sympozium]",),
    blocks=("FWD-ROUTE-06[sympozium]",),
)
def ingress_past_the_gate(world: World) -> None:
    """Sympozium's chart made an Ingress of its own for its health page, which names no middleware."""
    service = {"name": "sympozium-apiserver", "port": {"number": 8080}}
    path = {"path": "/healthz", "pathType": "Exact", "backend": {"service": service}}
    spec = {
        "ingressClassName": "traefik",
        "rules": [{"host": names.public_host("sympozium"), "http": {"paths": [path]}}],
    }
    put_object(world, "networking.k8s.io/v1", "Ingress", "sympozium", "sympozium-system", spec=spec)


@fault(
    "http-route-past-the-gate",
    known_from="a move to the Gateway API",
    turns_red=("FWD-ROUTE-01[hubble]",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def http_route_past_the_gate(world: World) -> None:
    """An HTTPRoute left from a trial leads Hubble's host to it, without the gate's filter."""
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"name": "hubble-ui", "port": 80}],
    }
    spec = {"hostnames": [names.public_host("hubble")], "rules": [rule]}
    put_object(world, "gateway.networking.k8s.io/v1", "HTTPRoute", "hubble-trial", "kube-system", spec=spec)


@fault(
    "http-route-of-a-listener-past-the-gate",
    known_from="Gateway API, HTTPRouteSpec.hostnames: without any the listener's count",
    turns_red=("FWD-ROUTE-01[hubble]",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def http_route_of_a_listener_past_the_gate(world: World) -> None:
    """An HTTPRoute without hostnames has Hubble's host from its Gateway's listener, and no gate."""
    put_route_of_a_listener(world, names.public_host("hubble"))


@fault(
    "annotations-of-nginx-left-behind",
    known_from="moves from ingress-nginx; doc.traefik.io: the provider kubernetesIngress reads annotations of its own",
    turns_red=("FWD-ROUTE-01[whoami]",),
    blocks=("FWD-ROUTE-06[whoami]",),
)
def annotations_of_nginx_left_behind(world: World) -> None:
    """An Ingress for a path of whoami's host was moved to Traefik's class, and has its gate in nginx's annotations."""
    backend = {"service": {"name": "whoami", "port": {"number": 80}}}
    path = {"path": "/old", "pathType": "Prefix", "backend": backend}
    rule = {"host": names.public_host("whoami"), "http": {"paths": [path]}}
    spec = {"ingressClassName": "traefik", "rules": [rule]}
    made = put_object(world, "networking.k8s.io/v1", "Ingress", "whoami-old", "whoami", spec=spec)
    asks = "http://authentik-server.authentik.svc.cluster.local:80/outpost.goauthentik.io/auth/nginx"
    made["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/auth-url": asks}


@fault(
    "weighted-service-past-the-gate",
    known_from="a canary by a TraefikService that stayed",
    turns_red=("FWD-ROUTE-03[whoami]",),
)
def weighted_service_past_the_gate(world: World) -> None:
    """Another host leads to whoami without the gate, by way of a TraefikService."""
    put_weighted(world, "whoami", "whoami", names.public_host("whoami-canary"))


@fault(
    "route-of-another-class",
    known_from="doc.traefik.io, kubernetesCRD: without ingressClass, other classes than traefik are passed over",
    turns_red=("FWD-ROUTE-01[hubble]", "FWD-GATE-06[hubble]"),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def route_of_another_class(world: World) -> None:
    """Hubble's route was given the class of a Traefik that this cluster does not have."""
    route = world.cluster.get("ingressroutes", "kube-system", "hubble")
    route["metadata"].setdefault("annotations", {})["kubernetes.io/ingress.class"] = "internal"


@fault(
    "load-balancer-past-the-gate", known_from="longhorn-ui-lb of the real estate", turns_red=("FWD-ROUTE-03[longhorn]",)
)
def load_balancer_past_the_gate(world: World) -> None:
    """A LoadBalancer from before the gate still gives Longhorn an address of its own on the LAN."""
    cluster = world.cluster
    made = deepcopy(cluster.get("services", "longhorn-system", "longhorn-frontend"))
    made["metadata"] |= {"name": "longhorn-ui-lb", "uid": "6d6a1c1e-0000-4000-8000-000000000201"}
    made["spec"] |= {"type": "LoadBalancer", "clusterIP": "10.43.200.201", "clusterIPs": ["10.43.200.201"]}
    made["status"] = {"loadBalancer": {"ingress": [{"ip": "192.168.55.201"}]}}
    cluster.put(made)
    pods = [pod for pod in cluster.list("pods", "longhorn-system") if "longhorn-ui" in pod["metadata"]["name"]]
    cluster.put(endpoint_slice(made, pods, Age(world.clock.now())))


@fault("node-port-past-the-gate", known_from="a quick look at Hubble", turns_red=("FWD-ROUTE-03[hubble]",))
def node_port_past_the_gate(world: World) -> None:
    """Hubble's Service was made a NodePort, so that every node answers for it."""
    spec = world.cluster.get("services", "kube-system", "hubble-ui")["spec"]
    spec["type"] = "NodePort"
    spec["ports"][0]["nodePort"] = 31235


@fault(
    "node-network-past-the-gate",
    known_from="a chart that asks for hostNetwork to find devices on the LAN",
    turns_red=("FWD-ROUTE-03[sympozium]",),
)
def node_network_past_the_gate(world: World) -> None:
    """Sympozium's pods have their nodes' network, so that each node answers at their port."""
    cluster = world.cluster
    workload = cluster.get("deployments", "sympozium-system", "sympozium-apiserver")
    pods = cluster.list("pods", "sympozium-system")
    for spec in (workload["spec"]["template"]["spec"], *(each["spec"] for each in pods)):
        spec["hostNetwork"] = True


@fault(
    "tailnet-ingress-past-the-gate",
    known_from="tailscale.com, Kubernetes operator: expose cluster workloads with Ingress",
    turns_red=("FWD-ROUTE-03[longhorn]",),
)
def tailnet_ingress_past_the_gate(world: World) -> None:
    """An Ingress of Tailscale's operator shows Longhorn to a tailnet, as its default backend."""
    put_tailnet_ingress(world, "longhorn-system", "longhorn-frontend", "longhorn")


@fault("tailnet-past-the-gate", known_from="tailscale.com, Kubernetes operator", turns_red=("FWD-ROUTE-03[hubble]",))
def tailnet_past_the_gate(world: World) -> None:
    """Hubble's Service is shown to a tailnet, past the proxy."""
    metadata = world.cluster.get("services", "kube-system", "hubble-ui")["metadata"]
    metadata["annotations"] = {**metadata.get("annotations", {}), "tailscale.com/expose": "true"}


@fault(
    "tunnel-past-the-gate",
    known_from="adyanth/cloudflare-operator, internal/controller/tunnelbinding_controller.go",
    turns_red=("FWD-ROUTE-03[hubble]",),
)
def tunnel_past_the_gate(world: World) -> None:
    """A tunnel of Cloudflare's leads a host of its own to Hubble's Service."""
    put_tunnel(world, "hubble", "kube-system", "hubble-ui", names.public_host("hubble-quick"))


@fault("second-host-past-the-gate", known_from="debugging that stayed", turns_red=("FWD-ROUTE-03[whoami]",))
def second_host_past_the_gate(world: World) -> None:
    """Another host leads to whoami without the gate."""
    put_route(world, "whoami-debug", "whoami", rule_of("whoami-debug"), {"name": "whoami", "port": 80})


@fault(
    "default-backend-past-the-gate",
    known_from="traefik/traefik, pkg/provider/kubernetes/ingress/kubernetes.go: the router of all hosts without one",
    turns_red=("FWD-ROUTE-03[whoami]", "FWD-ROUTE-05[old.frank.derio.net]"),
    other_roots=("FWD-ROUTE-05",),
)
def default_backend_past_the_gate(world: World) -> None:
    """Whoever asks the proxy by its address, or by a host that nobody has, is led to whoami without the gate."""
    spec = {"ingressClassName": "traefik", "defaultBackend": {"service": {"name": "whoami", "port": {"number": 80}}}}
    put_object(world, "networking.k8s.io/v1", "Ingress", "whoami-default", "whoami", spec=spec)


@fault(
    "tcp-route-past-the-gate", known_from="TLS passed through to an application", turns_red=("FWD-ROUTE-03[sympozium]",)
)
def tcp_route_past_the_gate(world: World) -> None:
    """An IngressRouteTCP passes any connection of an entry point through to Sympozium."""
    route = {"match": "HostSNI(`*`)", "services": [{"name": "sympozium-apiserver", "port": 8080}]}
    spec = {"entryPoints": ["sympozium"], "routes": [route]}
    put_object(world, TRAEFIK, "IngressRouteTCP", "sympozium", "sympozium-system", spec=spec)


@fault(
    "security-policy-before-another-controller",
    known_from="envoyproxy/gateway, internal/gatewayapi/securitypolicy.go: a target of no Gateway of its own is passed "
    "over without a word",
    turns_red=("FWD-ROUTE-01[hubble]",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def security_policy_before_another_controller(world: World) -> None:
    """Hubble's HTTPRoute was moved from Envoy Gateway to Cilium's Gateway, which passes over the SecurityPolicy."""
    put_http_route(world, controller=CILIUMS)
    put_security_policy(world, "hubble-new")


@fault(
    "proxy-is-deaf",
    known_from="a ClusterRole that lost its rules for traefik.io",
    turns_red=("FWD-ROUTE-06[longhorn]",),
)
def proxy_is_deaf(world: World) -> None:
    """Traefik may not read the cluster any more: Longhorn's new route is declared, gated, and not loaded."""
    freeze(world)
    rules = world.cluster.get("clusterroles", "", PROXY)["rules"]
    rules[:] = [rule for rule in rules if "traefik.io" not in rule["apiGroups"]]
    put_route(world, "longhorn-v2", "longhorn-system", f"{rule_of('longhorn')} && PathPrefix(`/v2`)", _LONGHORN, GATED)


@fault(
    "proxy-keeps-a-removed-route",
    known_from="2026-08-02: removed routes still served",
    turns_red=("FWD-ROUTE-06[hubble]",),
)
def proxy_keeps_a_removed_route(world: World) -> None:
    """Traefik still serves a route of Hubble's host without the gate that is gone from the cluster."""
    put_route(world, "hubble-debug", "kube-system", f"{rule_of('hubble')} && PathPrefix(`/debug/pprof`)", _HUBBLE)
    freeze(world)
    world.cluster.delete("ingressroutes", "kube-system", "hubble-debug")
