"""Faults of a standalone outpost, which only an estate with one can have (`--lab-shape standalone-outpost`)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Final

from lab import seeded
from lab.arrangements import select_nothing
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE
from lab.faults import fault
from lab.faults.workloads import pods_of
from lab.registry import Table, described
from lab.shapes.outposts import CORE_URL, DEPLOYMENT, NAMESPACE, OUTPOST
from lab.world import World

_OLDER: Final = "ghcr.io/goauthentik/proxy:2026.2.1"
_ASKS: Final = ("--lab-shape", "standalone-outpost")


@fault(
    "outpost-pod-down",
    known_from="a node that went away: the outpost has one pod, and every gated host depends on it",
    turns_red=(
        "FWD-OUT-03",
        "SMOKE-PODS-01[ak-outpost-gate]",
        "SMOKE-PODS-02[ak-outpost-gate]",
        "FWD-OUT-01",
        "FWD-ROUTE-02",
        "FWD-GATE-06",
    ),
    options=_ASKS,
    other_roots=("SMOKE-PODS-01", "SMOKE-PODS-02", "FWD-OUT-01"),
    blocks=("FWD",),
)
def outpost_pod_down(world: World) -> None:
    """The outpost's only pod cannot be scheduled any more: the proxy answers 500 for every gated host."""
    cluster = world.cluster
    (pod,) = pods_of(world, NAMESPACE, DEPLOYMENT)
    pod["status"] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False"}]}
    status: dict[str, Any] = cluster.get("deployments", NAMESPACE, DEPLOYMENT)["status"]
    status |= {"readyReplicas": 0, "availableReplicas": 0, "unavailableReplicas": 1}
    for piece in cluster.list("endpointslices", NAMESPACE):
        if piece["metadata"]["labels"]["kubernetes.io/service-name"] == DEPLOYMENT:
            piece["endpoints"] = []
    for instance in world.authentik.outposts[OUTPOST].instances:
        instance.connected = False


@fault(
    "middleware-asks-a-gone-outpost",
    known_from="an outpost that was renamed: its Service follows, the middleware's address does not",
    turns_red=("FWD-ROUTE-02", "FWD-GATE-06"),
    options=_ASKS,
    blocks=("FWD",),
)
def middleware_asks_a_gone_outpost(world: World) -> None:
    """The middleware still has the address of an outpost that was renamed, where no Service is any more."""
    middleware = world.cluster.get("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, "authentik-forwardauth")
    spec = middleware["spec"]["forwardAuth"]
    spec["address"] = spec["address"].replace(DEPLOYMENT, "ak-outpost-old")


@fault(
    "outpost-sends-browsers-inside",
    known_from="recordings/standalone-outpost/host-internal-unauth.json",
    turns_red=("FWD-GATE-02", "FWD-HOST-01[outpost]"),
    options=_ASKS,
    other_roots=("FWD-HOST-01",),
    blocks=("FWD-PASS",),
)
def outpost_sends_browsers_inside(world: World) -> None:
    """The outpost has AUTHENTIK_HOST alone, the in-cluster address: it sends browsers there, too."""
    for process in world.authentik.outpost_processes:
        process.host_browser = ""
    container = seeded.container(world, NAMESPACE, DEPLOYMENT)
    container["env"] = [variable for variable in container["env"] if variable["name"] != "AUTHENTIK_HOST_BROWSER"]
    assert any(variable.get("value") == CORE_URL for variable in container["env"])


@fault(
    "deployed-outpost-keeps-the-old-host",
    known_from="the incident of 2026-08-01, with an outpost that Authentik's worker deploys",
    turns_red=("FWD-HOST-02", "FWD-GATE-02"),
    options=("--lab-shape", "outpost-deployed-by-authentik"),
    blocks=("FWD-PASS",),
)
def deployed_outpost_keeps_the_old_host(world: World) -> None:
    """The outpost's persisted host is the old domain's, and so is that of the pods which Authentik made of it."""
    world.authentik.outposts[OUTPOST].config["authentik_host"] = "https://auth.cluster.derio.net"
    for process in world.authentik.outpost_processes:
        process.host = "https://auth.cluster.derio.net"


@fault(
    "standalone-outpost-cannot-work",
    known_from="runbook D8: the outpost's log is where its pods are",
    turns_red=("SMOKE-LOG-03",),
    options=_ASKS,
)
def standalone_outpost_cannot_work(world: World) -> None:
    """The outpost could not fetch its providers five minutes ago: only its own pod's log tells."""
    (process,) = world.authentik.outpost_processes
    moment = world.cluster.now() - timedelta(minutes=5)
    line = {"event": "Failed to fetch providers", "level": "error", "logger": "authentik.outpost.ak-api-controller"}
    world.cluster.log_at(moment, NAMESPACE, process.pod, json.dumps(line | {"timestamp": moment.isoformat()[:26]}))


@fault(
    "standalone-outpost-left-behind",
    known_from="an upgrade by the chart, which does not know of outposts deployed beside it",
    turns_red=("SMOKE-PODS-03", "FWD-OUT-01"),
    options=_ASKS,
    other_roots=("FWD-OUT-01",),
)
def standalone_outpost_left_behind(world: World) -> None:
    """Server and worker were upgraded, the outpost beside them still runs the release before."""
    for pod in pods_of(world, NAMESPACE, DEPLOYMENT):
        for container in (*pod["spec"]["containers"], *pod["status"]["containerStatuses"]):
            container["image"] = _OLDER
    for running in world.authentik.outpost_processes:
        running.build_version = "2026.2.1"
    for instance in world.authentik.outposts[OUTPOST].instances:
        instance.version = "2026.2.1"


@fault(
    "outpost-service-selects-nothing",
    known_from="a chart's label that changed with its release: the Service kept the selector of before",
    turns_red=("FWD-OUT-03", "FWD-ROUTE-02", "FWD-GATE-06"),
    options=_ASKS,
    blocks=("FWD",),
)
def outpost_service_selects_nothing(world: World) -> None:
    """The outpost's pod runs and is ready, but the Service's selector is of other labels: nothing is behind it."""
    select_nothing(world, NAMESPACE, DEPLOYMENT)


@fault(
    "second-outpost-lost-its-provider",
    known_from="outpost assignments are in the database only, and lost by a restore",
    turns_red=("FWD-OUT-02[longhorn]", "FWD-GATE-06[longhorn]"),
    options=("--lab-shape", "second-outpost"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def second_outpost_lost_its_provider(world: World) -> None:
    """Longhorn's provider was given to the embedded outpost, and its gate still asks the other one."""
    for outpost in world.authentik.outposts.values():
        outpost.providers = []
    embedded = seeded.outpost(world)
    embedded.providers = [provider.pk for provider in world.authentik.proxy_providers()]


@fault(
    "second-outpost-sends-elsewhere",
    known_from="AUTHENTIK_HOST_BROWSER of the host of before, in the manifest of an outpost beside the embedded one",
    turns_red=("FWD-GATE-02[longhorn]",),
    options=("--lab-shape", "second-outpost"),
    blocks=("[longhorn]",),
)
def second_outpost_sends_elsewhere(world: World) -> None:
    """The outpost of Longhorn's gate sends browsers to the old host; the embedded one is right."""
    for process in world.authentik.outpost_processes:
        process.host_browser = "https://sso.frank.derio.net"


def _not_named(estate: Table) -> None:
    del described(estate, "longhorn")["outpost"]


@fault(
    "second-outpost-not-named",
    known_from="two outposts serve one provider, as Authentik allows: the one that the middleware asks judges",
    turns_red=("FWD-ROUTE-02[longhorn]",),
    options=("--lab-shape", "second-outpost"),
    blocks=("FWD-SPOOF-01[longhorn]", "FWD-ROUTE-06[longhorn]", "FWD-PASS-05[longhorn]"),
    describe=_not_named,
)
def second_outpost_not_named(world: World) -> None:
    """Both outposts serve Longhorn's provider, and its gate asks the one that the estate file does not name."""
    embedded = seeded.outpost(world)
    embedded.providers = [provider.pk for provider in world.authentik.proxy_providers()]


@fault(
    "outpost-replicas-keep-sessions-apart",
    known_from="goauthentik/authentik issues 18098 and 25248 (field/reports.md 31): loops every other request",
    turns_red=("FWD-PASS-05",),
    options=("--lab-shape", "outpost-of-two-replicas"),
)
def outpost_replicas_keep_sessions_apart(world: World) -> None:
    """The outpost's Service leads each connection to one of two pods, and each knows its own sessions alone."""
    world.edge.keeps_connections = True
    del world.cluster.get("services", NAMESPACE, DEPLOYMENT)["spec"]["sessionAffinity"]
