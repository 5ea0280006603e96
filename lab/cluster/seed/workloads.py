"""Workloads as the cluster shows them: Deployment, ReplicaSet, running pods."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from lab.cluster.objects import Age, new, owned_by, suffix
from lab.cluster.state import Object

NODES: Final = {"mini-1": "192.168.55.21", "mini-2": "192.168.55.22", "mini-3": "192.168.55.23"}

Port = tuple[str, int]


@dataclass(frozen=True)
class Workload:
    """A Deployment to plant: `ips` gives one pod each, `keys` the application that answers in each of them."""

    namespace: str
    name: str
    image: str
    ips: Sequence[str]
    keys: Sequence[str] = ()
    container: str = ""
    ports: Sequence[Port] = ()
    labels: dict[str, str] = field(default_factory=dict)
    env: Sequence[Object] = ()
    env_from: Sequence[Object] = ()
    args: Sequence[str] = ()
    volumes: Sequence[Object] = ()
    mounts: Sequence[Object] = ()
    probe: tuple[str, str] | None = None
    service_account: str = "default"
    strategy: str = "RollingUpdate"

    @property
    def selector(self) -> dict[str, str]:
        """The labels that pick this workload's pods."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/instance": self.name, **self.labels}


def _probe(path: str, port: str) -> Object:
    return {
        "httpGet": {"path": path, "port": port, "scheme": "HTTP"},
        "periodSeconds": 10,
        "timeoutSeconds": 3,
    }


def _container(workload: Workload) -> Object:
    container: Object = {"name": workload.container or workload.name, "image": workload.image}
    if workload.args:
        container["args"] = list(workload.args)
    container["ports"] = [{"name": n, "containerPort": p, "protocol": "TCP"} for n, p in workload.ports]
    if workload.env_from:
        container["envFrom"] = [dict(source) for source in workload.env_from]
    if workload.env:
        container["env"] = [dict(variable) for variable in workload.env]
    container["resources"] = {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "1Gi"}}
    if workload.mounts:
        container["volumeMounts"] = [dict(mount) for mount in workload.mounts]
    if workload.probe:
        live, ready = workload.probe
        container |= {"livenessProbe": _probe(live, "http"), "readinessProbe": _probe(ready, "http")}
    return container | {
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "IfNotPresent",
    }


def _pod_spec(workload: Workload) -> Object:
    spec: Object = {"volumes": [dict(volume) for volume in workload.volumes]} if workload.volumes else {}
    return spec | {
        "containers": [_container(workload)],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": workload.service_account,
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }


def deployment(workload: Workload, age: Age) -> Object:
    """The Deployment of a workload, rolled out and available."""
    count = len(workload.ips)
    spec = {
        "replicas": count,
        "selector": {"matchLabels": workload.selector},
        "template": {"metadata": {"labels": workload.selector}, "spec": _pod_spec(workload)},
        "strategy": _strategy(workload.strategy),
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    labels = workload.selector | {"app.kubernetes.io/managed-by": "Helm"}
    made = new(
        "apps/v1",
        "Deployment",
        workload.name,
        workload.namespace,
        created=age.created,
        labels=labels,
        spec=spec,
        status=_deployment_status(workload, count, age),
    )
    made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "1"}
    return made


def _strategy(kind: str) -> Object:
    if kind == "Recreate":
        return {"type": kind}
    return {"type": kind, "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}


def _deployment_status(workload: Workload, count: int, age: Age) -> Object:
    progress = f'ReplicaSet "{replicaset_name(workload)}" has successfully progressed.'
    available = "Deployment has minimum availability."
    return {
        "observedGeneration": 1,
        "replicas": count,
        "updatedReplicas": count,
        "readyReplicas": count,
        "availableReplicas": count,
        "conditions": [
            _deployment_condition("Available", "MinimumReplicasAvailable", available, age.rolled_out),
            _deployment_condition("Progressing", "NewReplicaSetAvailable", progress, age.rolled_out),
        ],
    }


def _deployment_condition(kind: str, reason: str, message: str, time: str) -> Object:
    times = {"lastUpdateTime": time, "lastTransitionTime": time}
    return {"type": kind, "status": "True", **times, "reason": reason, "message": message}


def replicaset_name(workload: Workload) -> str:
    """The name of the ReplicaSet that a workload's Deployment made."""
    return f"{workload.name}-{suffix(workload.namespace + workload.name, 10)}"


def replicaset(workload: Workload, owner: Object, age: Age) -> Object:
    """The current ReplicaSet of a Deployment."""
    name, count = replicaset_name(workload), len(workload.ips)
    labels = workload.selector | {"pod-template-hash": name.rpartition("-")[2]}
    template = {"metadata": {"labels": labels}, "spec": _pod_spec(workload)}
    made = new(
        "apps/v1",
        "ReplicaSet",
        name,
        workload.namespace,
        created=age.rolled_out,
        labels=labels,
        manager="kube-controller-manager",
        spec={"replicas": count, "selector": {"matchLabels": labels}, "template": template},
        status={
            "replicas": count,
            "fullyLabeledReplicas": count,
            "readyReplicas": count,
            "availableReplicas": count,
            "observedGeneration": 1,
        },
    )
    made["metadata"]["ownerReferences"] = owned_by(owner)
    return made


def pods(workload: Workload, owner: Object, age: Age) -> list[Object]:
    """One running, ready pod for each address of the workload."""
    return [_pod(workload, owner, ip, age) for ip in workload.ips]


def _pod(workload: Workload, owner: Object, ip: str, age: Age) -> Object:
    name = f"{owner['metadata']['name']}-{suffix(owner['metadata']['name'] + ip, 5)}"
    node = f"mini-{int(ip.split('.')[2]) % len(NODES) + 1}"
    account = workload.service_account
    spec = _pod_spec(workload) | {"serviceAccount": account, "nodeName": node, "enableServiceLinks": True}
    made = new(
        "v1",
        "Pod",
        name,
        workload.namespace,
        created=age.rolled_out,
        labels=owner["metadata"]["labels"],
        manager="kube-controller-manager",
        spec=spec,
        status=_pod_status(spec["containers"][0], name, ip, NODES[node], age),
    )
    made["metadata"]["ownerReferences"] = owned_by(owner)
    return made


def _pod_status(container: Object, name: str, ip: str, host: str, age: Age) -> Object:
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    since = {"lastProbeTime": None, "lastTransitionTime": age.rolled_out}
    return {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True", **since} for kind in kinds],
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "startTime": age.rolled_out,
        "containerStatuses": [_container_status(container, name, age)],
        "qosClass": "Burstable",
    }


def _container_status(container: Object, pod: str, age: Age) -> Object:
    repository = container["image"].rpartition(":")[0]
    digest = hashlib.sha256(container["image"].encode()).hexdigest()
    return {
        "name": container["name"],
        "state": {"running": {"startedAt": age.rolled_out}},
        "lastState": {},
        "ready": True,
        "restartCount": 0,
        "image": container["image"],
        "imageID": f"{repository}@sha256:{digest}",
        "containerID": f"containerd://{hashlib.sha256(pod.encode()).hexdigest()}",
        "started": True,
    }
