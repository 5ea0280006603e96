"""What a process loses when its pod starts anew: what it had loaded, and what it held in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lab.applications.secrets import restart
from lab.cluster.questions import Question
from lab.cluster.rbac import allowed, service_account
from lab.cluster.state import Cluster, Object
from lab.world import World

_ROUTES: Final = Question("list", "", group="traefik.io", version="v1alpha1", plural="ingressroutes")


def beginning(world: World) -> Callable[[Object], None]:
    """What the cluster calls with each pod that has just started anew."""

    def begins(pod: Object) -> None:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        key = world.cluster.applications.get((namespace, name), "")
        _authentik_begins(world, pod)
        if key in world.applications.by_name:
            restart(world, key)
        if key == "traefik":
            _proxy_begins(world, pod)

    return begins


def _authentik_begins(world: World, pod: Object) -> None:
    """A server's outpost, and a standalone one, ask for their settings; a worker reports in."""
    authentik, name = world.authentik, pod["metadata"]["name"]
    for replica, server in zip(authentik.replicas, world.cluster.server_pods, strict=False):
        if server == name:
            replica.seen = None
    if name in world.cluster.worker_pods:
        for worker in authentik.operations.workers:
            worker.last_seen, worker.version = None, ""
    # What its Deployment says now is what it reads at its start (facts/authentik-outpost.md, its variables).
    given = {each["name"]: each["value"] for each in pod["spec"]["containers"][0].get("env", ()) if "value" in each}
    for process in authentik.outpost_processes:
        if process.pod == name:
            process.seen = None
            process.host_browser = given.get("AUTHENTIK_HOST_BROWSER", process.host_browser)


def _proxy_begins(world: World, pod: Object) -> None:
    """Traefik lists what it makes routers of; what it may not list is not there, and no older one either."""
    account = service_account(pod["metadata"]["namespace"], pod["spec"].get("serviceAccountName", "default"))
    world.edge.stale_objects = None if allowed(world.cluster, account, _ROUTES) else Cluster(world.clock.now)
