"""The Deployment controller, as far as the lab needs it: a changed template restarts the pods."""

from __future__ import annotations

import copy
from collections.abc import Callable

from lab.cluster.resources import Resource
from lab.cluster.state import Cluster, Object


def reconciler(cluster: Cluster) -> Callable[[Resource, Object], None]:
    """What is called after each write: a Deployment whose generation moved is observed and rolled out."""

    def reconcile(resource: Resource, obj: Object) -> None:
        status = obj.get("status", {})
        generation = obj["metadata"].get("generation")
        if resource.plural == "deployments" and status.get("observedGeneration") != generation:
            roll_out(cluster, obj)
            obj.setdefault("status", {})["observedGeneration"] = generation

    return reconcile


def roll_out(cluster: Cluster, deployment: Object) -> None:
    """Give the Deployment's pods its template, and start them now if that changes them."""
    template = deployment["spec"]["template"]
    annotations = template["metadata"].get("annotations", {})
    for pod in _pods_of(cluster, deployment):
        before = (pod["metadata"].get("annotations", {}), pod["spec"]["containers"])
        if before == (annotations, template["spec"]["containers"]):
            continue
        pod["metadata"]["annotations"] = dict(annotations)
        pod["spec"]["containers"] = copy.deepcopy(template["spec"]["containers"])
        cluster.start(pod)


def _pods_of(cluster: Cluster, deployment: Object) -> list[Object]:
    wanted = deployment["spec"]["selector"]["matchLabels"].items()
    members = cluster.list("pods", deployment["metadata"]["namespace"])
    return [pod for pod in members if wanted <= (pod["metadata"].get("labels") or {}).items()]
