"""Authentik outside the cluster: on a machine of its own, or in another cluster."""

from __future__ import annotations

from typing import Final

from lab import names, seeded
from lab.arrangements import put_object
from lab.cluster.state import Object
from lab.registry import Table
from lab.shapes import shape
from lab.shapes.outposts import DEPLOYMENT, describe_own_outpost, standalone_outpost
from lab.world import World

_SERVICE: Final = "authentik-elsewhere"
_SERVER: Final = ("authentik-server", "authentik-worker")


def _elsewhere(estate: Table) -> None:
    describe_own_outpost(estate)
    # Of its addresses, the public one is all that there is.
    estate["authentik"] |= {"in_cluster": False, "url": names.AUTH_URL}
    estate["authentik"].pop("server_replicas", None)
    estate["workloads"] = [each for each in estate["workloads"] if not _of_authentik(each["ref"])]


def _of_authentik(ref: str) -> bool:
    return ref.rpartition("/")[2] in _SERVER


@shape("authentik-elsewhere", describe=_elsewhere)
def authentik_elsewhere(world: World) -> None:
    """Authentik runs on a machine of its own (a Service without a selector leads there), the outpost in this cluster.

    As goauthentik/authentik issues 9122 (a virtual machine) and 3498, and the chart authentik-remote-cluster have it.
    """
    standalone_outpost(world)
    for process in world.authentik.outpost_processes:
        process.host = names.AUTH_URL
    cluster = world.cluster
    for variable in seeded.container(world, "authentik", DEPLOYMENT)["env"]:
        if variable["name"] == "AUTHENTIK_HOST":
            variable["value"] = names.AUTH_URL
    for kind in ("deployments", "replicasets", "pods", "services", "endpointslices", "endpoints"):
        for each in list(cluster.list(kind, "authentik")):
            if each["metadata"]["name"].startswith(_SERVER):
                cluster.delete(kind, "authentik", each["metadata"]["name"])
    cluster.server_pods, cluster.worker_pods = [], []
    cluster.machines = {address: f"authentik-server/{number}" for number, address in enumerate(names.SERVER_POD_IPS)}
    ports = [{"name": "http", "port": 80, "targetPort": 9000, "protocol": "TCP"}]
    spec = {"type": "ClusterIP", "clusterIP": "10.43.99.9", "clusterIPs": ["10.43.99.9"], "ports": ports}
    put_object(world, "v1", "Service", _SERVICE, "authentik", spec=spec)
    ends: Object = {
        "addressType": "IPv4",
        "endpoints": [{"addresses": [each], "conditions": {"ready": True}} for each in names.SERVER_POD_IPS],
        "ports": [{"name": "http", "port": 9000, "protocol": "TCP"}],
    }
    labels = {"kubernetes.io/service-name": _SERVICE}
    piece = ("discovery.k8s.io/v1", "EndpointSlice", f"{_SERVICE}-1", "authentik")
    put_object(world, *piece, labels=labels, **ends)
    (rule,) = cluster.get("ingressroutes", "authentik", "authentik")["spec"]["routes"]
    rule["services"] = [{"name": _SERVICE, "port": 80}]
