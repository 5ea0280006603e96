"""Faults of hosts that are open or retired on purpose (runbook H4)."""

from __future__ import annotations

from copy import deepcopy

from lab import names
from lab.faults import fault
from lab.world import World


@fault(
    "open-host-gone",
    known_from="an exempt API host that a clean-up took along",
    red=("FWD-ROUTE-05[status.frank.derio.net/api/health]",),
)
def open_host_gone(world: World) -> None:
    """The route of the health page, which is open on purpose, was deleted."""
    world.cluster.delete("ingressroutes", "grafana", "status")


@fault(
    "retired-host-still-answers",
    known_from="2026-08-02: removed routes went on serving, for GitOps did not prune",
    red=("FWD-ROUTE-05[old.frank.derio.net]",),
)
def retired_host_still_answers(world: World) -> None:
    """The old host of the dashboards is retired, but its route was never deleted."""
    route = deepcopy(world.cluster.get("ingressroutes", "grafana", "grafana"))
    route["spec"]["routes"][0]["match"] = f"Host(`{names.public_host('old')}`)"
    route["metadata"] = {"name": "grafana-old", "namespace": "grafana"}
    world.cluster.put(route)
