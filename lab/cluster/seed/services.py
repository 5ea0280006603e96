"""Services, and the EndpointSlices that say which pods stand behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from lab.cluster.objects import Age, new, owned_by, suffix
from lab.cluster.seed.workloads import Workload
from lab.cluster.state import Object


def _cluster_ip(namespace: str, name: str) -> str:
    digest = hashlib.sha256(f"{namespace}/{name}".encode()).digest()
    return f"10.43.{digest[0]}.{digest[1] % 250 + 2}"


def service(
    workload: Workload,
    name: str,
    ports: Sequence[tuple[str, int, str | int]],
    age: Age,
    *,
    load_balancer: str = "",
) -> Object:
    """A Service in front of a workload; `ports` are (name, port, target)."""
    address = _cluster_ip(workload.namespace, name)
    spec: Object = {
        "ports": [{"name": n, "protocol": "TCP", "port": p, "targetPort": t} for n, p, t in ports],
        "selector": workload.selector,
        "clusterIP": address,
        "clusterIPs": [address],
        "type": "LoadBalancer" if load_balancer else "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    status: Object = {"loadBalancer": {}}
    if load_balancer:
        spec |= {"externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": True}
        status = {"loadBalancer": {"ingress": [{"ip": load_balancer, "ipMode": "VIP"}]}}
    created, labels = age.created, workload.selector
    return new("v1", "Service", name, workload.namespace, created=created, labels=labels, spec=spec, status=status)


def endpoint_slice(owner: Object, members: Sequence[Object], age: Age) -> Object:
    """The EndpointSlice of a Service: its pods, and its target ports as numbers."""
    name, namespace = owner["metadata"]["name"], owner["metadata"]["namespace"]
    made = new(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        f"{name}-{suffix(namespace + name, 5)}",
        namespace,
        created=age.created,
        labels={
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": name,
        },
        manager="kube-controller-manager",
        addressType="IPv4",
        endpoints=[_endpoint(pod) for pod in members],
        ports=[_resolved(port, members) for port in owner["spec"]["ports"]],
    )
    made["metadata"]["ownerReferences"] = owned_by(owner)
    return made


def _endpoint(pod: Object) -> Object:
    metadata = pod["metadata"]
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "targetRef": {"kind": "Pod", **{key: metadata[key] for key in ("namespace", "name", "uid")}},
        "nodeName": pod["spec"]["nodeName"],
    }


def _resolved(port: Object, members: Sequence[Object]) -> Object:
    target = port["targetPort"]
    if isinstance(target, str):
        declared = members[0]["spec"]["containers"][0]["ports"]
        target = next(entry["containerPort"] for entry in declared if entry["name"] == target)
    return {"name": port["name"], "protocol": "TCP", "port": target}


def endpoints(owner: Object, members: Sequence[Object], age: Age) -> Object:
    """The deprecated Endpoints object that mirrors an EndpointSlice."""
    ports = [_resolved(port, members) for port in owner["spec"]["ports"]]
    addresses = [
        {"ip": entry["addresses"][0], "nodeName": entry["nodeName"], "targetRef": entry["targetRef"]}
        for entry in map(_endpoint, members)
    ]
    return new(
        "v1",
        "Endpoints",
        owner["metadata"]["name"],
        owner["metadata"]["namespace"],
        created=age.created,
        manager="kube-controller-manager",
        subsets=[{"addresses": addresses, "ports": ports}],
    )
