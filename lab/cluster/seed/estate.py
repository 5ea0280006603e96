"""Namespaces, nodes, and the workloads around Authentik with their Services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lab.cluster.objects import Age, new
from lab.cluster.seed.services import endpoint_slice, endpoints, service
from lab.cluster.seed.workloads import NODES, Workload, deployment, pods, replicaset
from lab.cluster.state import Cluster, Object
from lab.world import World

# The chart's default (facts/measured-2026.8.md: 503, and not 404, where no pod is ready).
ALLOWS_EMPTY_SERVICES: Final = "--providers.kubernetescrd.allowEmptyServices=true"
# What Traefik has from 3.7.12 on against headers that look like another's (traefik/traefik pull request 13720).
ALIASES_DELETED: Final = "--entryPoints.websecure.http.aliasHeadersStrategy=delete"
TRAEFIK_ADDRESS: Final = "192.168.55.220"
NAMESPACES: Final = (
    "argocd",
    "authentik",
    "default",
    "external-secrets",
    "grafana",
    "infisical",
    "kube-system",
    "longhorn-system",
    "sso-conformance",
    "sympozium-system",
    "traefik-system",
    "whoami",
)


class Front(NamedTuple):
    """A Service in front of a workload: (name, port, target) triples, and an outside address if any."""

    name: str
    ports: tuple[tuple[str, int, str | int], ...]
    load_balancer: str = ""


@dataclass(frozen=True)
class Component:
    """One application of the estate: the key that the internal network knows it by, and where it runs."""

    key: str
    workload: Workload
    fronts: tuple[Front, ...] = field(default=())


def _http(name: str, port: int = 80) -> Front:
    return Front(name, (("http", port, "http"),))


_GRAFANA = Workload(
    "grafana",
    "grafana",
    "docker.io/grafana/grafana:12.3.0",
    ("10.42.2.31",),
    ("grafana",),
    ports=(("grafana", 3000),),
    env=({"name": "GF_SERVER_ROOT_URL", "value": "https://grafana.frank.derio.net"},),
    env_from=({"secretRef": {"name": "grafana-oidc"}},),
    # As Grafana's chart mounts what its values have below grafana.ini (templates/_pod.tpl).
    mounts=({"name": "config", "mountPath": "/etc/grafana/grafana.ini", "subPath": "grafana.ini"},),
    volumes=({"name": "config", "configMap": {"name": "grafana", "defaultMode": 420}},),
    strategy="Recreate",
)
_ARGOCD = Workload(
    "argocd",
    "argocd-server",
    "quay.io/argoproj/argocd:v3.3.2",
    ("10.42.2.30",),
    ("argocd",),
    container="server",
    ports=(("server", 8080), ("metrics", 8083)),
    labels={"app.kubernetes.io/part-of": "argocd", "app.kubernetes.io/component": "server"},
    service_account="argocd-server",
)
_TRAEFIK = Workload(
    "traefik-system",
    "traefik",
    "docker.io/traefik:v3.7.12",
    ("10.42.0.5",),
    ("traefik",),
    ports=(("web", 8000), ("websecure", 8443), ("traefik", 8080)),
    args=(
        "--entryPoints.web.address=:8000/tcp",
        "--entryPoints.web.http.redirections.entryPoint.to=websecure",
        "--entryPoints.websecure.address=:8443/tcp",
        "--entryPoints.websecure.http.tls=true",
        ALIASES_DELETED,
        "--providers.kubernetescrd",
        "--providers.kubernetescrd.allowCrossNamespace=true",
        ALLOWS_EMPTY_SERVICES,
        "--providers.kubernetesingress",
        "--providers.kubernetesingress.allowEmptyServices=true",
        "--api.insecure",
    ),
    service_account="traefik",
    strategy="Recreate",
)

# Key, namespace/Deployment, image, pod address and port, Service and its port.
_PLAIN: Final = (
    (
        "infisical",
        "infisical/infisical",
        "docker.io/infisical/infisical:v0.151.0",
        ("10.42.2.32", 8080),
        ("infisical", 8080),
    ),
    (
        "longhorn",
        "longhorn-system/longhorn-ui",
        "docker.io/longhornio/longhorn-ui:v1.11.2",
        ("10.42.2.33", 8000),
        ("longhorn-frontend", 80),
    ),
    (
        "hubble",
        "kube-system/hubble-ui",
        "quay.io/cilium/hubble-ui:v0.13.3",
        ("10.42.2.34", 8081),
        ("hubble-ui", 80),
    ),
    (
        "sympozium",
        "sympozium-system/sympozium-apiserver",
        "ghcr.io/sympozium/apiserver:v0.1.3",
        ("10.42.2.35", 8080),
        ("sympozium-apiserver", 8080),
    ),
    ("whoami", "whoami/whoami", "docker.io/traefik/whoami:v1.11.0", ("10.42.2.36", 80), ("whoami", 80)),
)


# What runs the relying parties of other kinds; mod_auth_openidc is a part of an Apache of one's own.
_RELYING_PARTIES: Final = {
    "jupyterhub": "quay.io/jupyterhub/k8s-hub:4.3.1",
    "miniflux": "docker.io/miniflux/miniflux:2.2.14",
    "mod-auth-openidc": "docker.io/library/httpd:2.4.65",
    "node-red": "docker.io/nodered/node-red:4.1.1",
    "oauth2-proxy": "quay.io/oauth2-proxy/oauth2-proxy:v7.13.0",
    "pgadmin": "docker.io/dpage/pgadmin4:9.10",
}


def _plain(key: str, path: str, image: str, pod: tuple[str, int], front: tuple[str, int]) -> Component:
    namespace, _, name = path.partition("/")
    workload = Workload(namespace, name, image, (pod[0],), (key,), ports=(("http", pod[1]),))
    return Component(key, workload, (_http(*front),))


COMPONENTS: Final = (
    Component("argocd", _ARGOCD, (Front("argocd-server", (("http", 80, "server"), ("https", 443, "server"))),)),
    Component("grafana", _GRAFANA, (Front("grafana", (("service", 80, "grafana"),)),)),
    *(_plain(*row) for row in _PLAIN),
    Component(
        "traefik",
        _TRAEFIK,
        (
            Front(
                "traefik",
                (("web", 80, "web"), ("websecure", 443, "websecure"), ("traefik", 8080, "traefik")),
                TRAEFIK_ADDRESS,
            ),
        ),
    ),
    Component(
        "external-secrets",
        Workload(
            "external-secrets",
            "external-secrets",
            "ghcr.io/external-secrets/external-secrets:v2.1.0",
            ("10.42.2.37",),
            ports=(("metrics", 8080),),
            service_account="external-secrets",
        ),
    ),
)


def extra_names(world: World) -> list[str]:
    """The names of the world's additional applications; each has a namespace of its own."""
    return [*world.extra_oidc, *world.extra_gated]


def extra_component(name: str, index: int, *, keeps_secret: bool) -> Component:
    """An additional application; one that `keeps_secret` reads it from the Secret `oidc-client`."""
    ip = f"10.42.{4 + index // 200}.{index % 200 + 10}"
    env: tuple[Object, ...] = ()
    if keeps_secret:
        reference = {"name": "oidc-client", "key": "OIDC_CLIENT_SECRET"}
        env = ({"name": "OIDC_CLIENT_SECRET", "valueFrom": {"secretKeyRef": reference}},)
    image = _RELYING_PARTIES.get(name, "docker.io/traefik/whoami:v1.11.0")
    workload = Workload(name, name, image, (ip,), (name,), ports=(("http", 8080),), env=env)
    return Component(name, workload, (_http(name),))


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put the namespaces, the nodes and all components but Authentik into the cluster."""
    extras = extra_names(world)
    for name in (*NAMESPACES, *extras):
        labels = {"kubernetes.io/metadata.name": name}
        status = {"phase": "Active"}
        namespace = new("v1", "Namespace", name, created=age.created, labels=labels, spec={}, status=status)
        cluster.put(namespace)
    for name, address in NODES.items():
        cluster.put(_node(name, address, age))
    additional = [
        extra_component(name, index, keeps_secret=name in world.extra_oidc) for index, name in enumerate(extras)
    ]
    for component in (*COMPONENTS, *additional):
        plant_component(cluster, component, age)


def _node(name: str, address: str, age: Age) -> Object:
    addresses = [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}]
    ready = {
        "type": "Ready",
        "status": "True",
        "lastHeartbeatTime": age.ago(minutes=1),
        "lastTransitionTime": age.created,
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
    }
    info = {"kubeletVersion": "v1.35.10", "operatingSystem": "linux", "architecture": "amd64"}
    status = {"addresses": addresses, "conditions": [ready], "nodeInfo": info}
    labels = {"kubernetes.io/hostname": name}
    return new("v1", "Node", name, created=age.created, labels=labels, spec={}, status=status)


def plant_component(cluster: Cluster, component: Component, age: Age) -> list[Object]:
    """Put one component's Deployment, ReplicaSet, pods, Services and EndpointSlices; returns the pods."""
    workload = component.workload
    owner = cluster.put(deployment(workload, age))
    replicas = cluster.put(replicaset(workload, owner, age))
    members = [cluster.put(pod) for pod in pods(workload, replicas, age)]
    for pod, key in zip(members, workload.keys, strict=False):
        cluster.applications[workload.namespace, pod["metadata"]["name"]] = key
    for front in component.fronts:
        made = service(workload, front.name, front.ports, age, load_balancer=front.load_balancer)
        cluster.put(made)
        cluster.put(endpoint_slice(made, members, age))
        cluster.put(endpoints(made, members, age))
    return members
