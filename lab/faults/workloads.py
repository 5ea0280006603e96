"""Faults of what is deployed: rollouts, containers, versions (runbook S1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lab import seeded
from lab.cluster.state import Object, timestamp
from lab.faults import fault
from lab.world import World

_OLDER = "ghcr.io/goauthentik/server:2026.2.1"


def pods_of(world: World, namespace: str, prefix: str) -> list[Object]:
    """The pods of a namespace whose names begin with `prefix`, as stored."""
    found = [pod for pod in world.cluster.list("pods", namespace) if pod["metadata"]["name"].startswith(prefix)]
    if not found:
        raise KeyError(f"no pod {namespace}/{prefix}…")
    return found


def ended(world: World, pod: Object, reason: str, ago: timedelta, *, code: int, times: int = 1) -> None:
    """Let a pod's first container have ended so long ago, and run again since."""
    finished = world.cluster.now() - ago
    end: dict[str, Any] = {"exitCode": code, "reason": reason, "finishedAt": timestamp(finished)}
    end["startedAt"] = timestamp(finished - timedelta(hours=1))
    again = {"running": {"startedAt": timestamp(finished + timedelta(seconds=2))}}
    pod["status"]["containerStatuses"][0] |= {"restartCount": times, "lastState": {"terminated": end}, "state": again}


@fault("worker-rollout-stuck", known_from="runbook S1", turns_red=("SMOKE-PODS-01[authentik-worker]",))
def worker_rollout_stuck(world: World) -> None:
    """A new version of the worker never gets ready; the old pod still runs, so everything seems to work."""
    worker = world.cluster.get("deployments", "authentik", "authentik-worker")
    worker["status"] |= {"replicas": 2, "updatedReplicas": 1, "unavailableReplicas": 1}
    stuck = {
        "status": "False",
        "reason": "ProgressDeadlineExceeded",
        "message": "ReplicaSet has timed out progressing.",
    }
    worker["status"]["conditions"][1] |= stuck


def rollout_state(world: World, status: str, reason: str, *, paused: bool) -> None:
    """Pause the worker's rollout, or resume it, as `kubectl rollout` does, and let its controller say so."""
    worker = world.cluster.get("deployments", "authentik", "authentik-worker")
    worker["spec"]["paused"] = paused
    worker["status"]["conditions"][1] |= {
        "status": status,
        "reason": reason,
        "message": f"Deployment is {reason[10:].lower()}",
    }


@fault(
    "worker-rollout-paused",
    known_from="kubectl rollout pause, on a night when nothing was to restart",
    turns_red=("SMOKE-PODS-01[authentik-worker]",),
    warns=True,
)
def worker_rollout_paused(world: World) -> None:
    """Somebody paused the worker's Deployment, and forgot it: the next image never runs, and no restart is taken."""
    rollout_state(world, "Unknown", "DeploymentPaused", paused=True)


@fault(
    "hubble-not-deployed",
    known_from="runbook H4",
    turns_red=("SMOKE-PODS-01[hubble-ui]",),
    blocks=("SMOKE-PODS-02[hubble-ui]",),
)
def hubble_not_deployed(world: World) -> None:
    """The Deployment of the Hubble UI is gone, as after a chart was renamed; its last pods still answer."""
    world.cluster.delete("deployments", "kube-system", "hubble-ui")


@fault("operator-crash-loops", known_from="runbook S1", turns_red=("SMOKE-PODS-02[external-secrets]",))
def operator_crash_loops(world: World) -> None:
    """External Secrets Operator starts, fails and starts again; between two starts it counts as ready."""
    (pod,) = pods_of(world, "external-secrets", "external-secrets")
    ended(world, pod, "Error", timedelta(minutes=3), code=2, times=57)
    message = "back-off 5m0s restarting failed container=external-secrets"
    pod["status"]["containerStatuses"][0]["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}


@fault("worker-out-of-memory", known_from="runbook S1", turns_red=("SMOKE-PODS-02[authentik-worker]",))
def worker_out_of_memory(world: World) -> None:
    """The worker was killed for its memory ten minutes ago, and runs again."""
    (pod,) = pods_of(world, "authentik", "authentik-worker")
    ended(world, pod, "OOMKilled", timedelta(minutes=10), code=137, times=4)


@fault("server-replica-cannot-start", known_from="runbook S1", turns_red=("SMOKE-PODS-02[authentik-server]",))
def server_replica_cannot_start(world: World) -> None:
    """The last of the server's pods has a sidecar whose ConfigMap was renamed; its server runs."""
    pod = pods_of(world, "authentik", "authentik-server")[-1]
    message = 'configmap "log-shipper" not found'
    waiting = {"waiting": {"reason": "CreateContainerConfigError", "message": message}}
    shipper = {"name": "log-shipper", "ready": False, "restartCount": 0, "state": waiting, "lastState": {}}
    pod["spec"]["containers"].append({"name": "log-shipper", "image": "fluent/fluent-bit:4.0"})
    pod["status"]["containerStatuses"].append(shipper)


@fault("grafana-restarted", known_from="runbook S1", turns_red=("SMOKE-PODS-02[grafana]",), warns=True)
def grafana_restarted(world: World) -> None:
    """Grafana's container ended with an error two hours ago, and runs again."""
    (pod,) = pods_of(world, "grafana", "grafana")
    ended(world, pod, "Error", timedelta(hours=2), code=1)


@fault("worker-left-behind", known_from="facts/deploy.md: upgrades by halves", turns_red=("SMOKE-PODS-03",))
def worker_left_behind(world: World) -> None:
    """The server was upgraded, the worker still runs the image of the version before."""
    (pod,) = pods_of(world, "authentik", "authentik-worker")
    for spec in (pod["spec"], seeded.pod_spec(world, "authentik", "authentik-worker")):
        spec["containers"][0]["image"] = _OLDER
