"""Harmless variants of ways to an application's pods that no route names: ports of nodes, a tailnet, tunnels, a default
backend."""

from __future__ import annotations

from lab import names
from lab.arrangements import put_embedded_objects, put_object, put_tailnet_ingress, put_tunnel
from lab.variants import variant
from lab.world import World


@variant("port-of-the-node-alone", of=("node-network-past-the-gate",))
def port_of_the_node_alone(world: World) -> None:
    """Sympozium's pods have a port of their nodes for nobody but the node itself, and one for metrics."""
    for pod in world.cluster.list("pods", "sympozium-system"):
        (port,) = pod["spec"]["containers"][0]["ports"]
        own = {**port, "hostPort": port["containerPort"], "hostIP": "127.0.0.1"}
        metrics = {"name": "metrics", "containerPort": 9100, "hostPort": 9100, "protocol": "TCP"}
        pod["spec"]["containers"][0]["ports"] = [own, metrics]


@variant("tailnet-of-another-service", of=("tailnet-past-the-gate",))
def tailnet_of_another_service(world: World) -> None:
    """Grafana, which has a login of its own, is shown to a tailnet; Hubble's Service says that it is not."""
    for name, shown in (("grafana", "true"), ("hubble-ui", "false")):
        namespace = "grafana" if name == "grafana" else "kube-system"
        metadata = world.cluster.get("services", namespace, name)["metadata"]
        metadata["annotations"] = {**metadata.get("annotations", {}), "tailscale.com/expose": shown}


@variant("tailnet-ingress-of-another-service", of=("tailnet-ingress-past-the-gate",))
def tailnet_ingress_of_another_service(world: World) -> None:
    """An Ingress of a tailnet, which names no host, leads all that its proxies take to Grafana."""
    put_tailnet_ingress(world, "grafana", "grafana", "grafana")


@variant("tunnels-to-the-proxy", of=("tunnel-past-the-gate",))
def tunnels_to_the_proxy(world: World) -> None:
    """Tunnels of Cloudflare's lead the gated hosts to Traefik, by its Service's name or its address, and one leads to a
    database's page."""
    hosts = [names.public_host(name) for name in ("hubble", "longhorn")]
    put_tunnel(world, "gated", "traefik-system", "traefik", *hosts)
    proxy = "https://traefik.traefik-system.svc:443"
    put_tunnel(world, "wild", "kube-system", "hubble-ui", f"*.{names.DOMAIN}", target=proxy)
    put_tunnel(world, "database", "authentik", "postgres", names.public_host("database"))


@variant("default-backend-beside-a-rule", of=("default-backend-past-the-gate",))
def default_backend_beside_a_rule(world: World) -> None:
    """An Ingress names whoami as its default backend, which Traefik does not read of one that has a rule."""
    service = {"service": {"name": "whoami", "port": {"number": 80}}}
    rules = [{"host": names.public_host("whoami-default")}]
    spec = {"ingressClassName": "traefik", "defaultBackend": service, "rules": rules}
    put_object(world, "networking.k8s.io/v1", "Ingress", "whoami-default", "whoami", spec=spec)


@variant("objects-of-authentiks-integration", of=("path-past-the-gate",))
def objects_of_authentiks_integration(world: World) -> None:
    """Authentik keeps a Service, an Ingress for the outpost's paths and a Middleware, which no route names."""
    put_embedded_objects(world)
