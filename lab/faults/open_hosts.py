"""Faults of hosts that are open or retired on purpose (runbook H4)."""

from __future__ import annotations

from copy import deepcopy

from lab.cluster.seed.routes import GATED, MIDDLEWARE_NAMESPACE, rule_of
from lab.faults import fault
from lab.world import World


@fault(
    "open-host-gone",
    known_from="an exempt API host that a clean-up took along",
    turns_red=("FWD-ROUTE-05[status.frank.derio.net/api/health]",),
)
def open_host_gone(world: World) -> None:
    """The route of the health page, which is open on purpose, was deleted."""
    world.cluster.delete("ingressroutes", "grafana", "status")


@fault(
    "open-host-behind-the-gate",
    known_from="2026-08: the gate on an API host, whose clients cannot log in",
    turns_red=("FWD-ROUTE-05[status.frank.derio.net/api/health]", "SMOKE-PROV-02[routes]"),
)
def open_host_behind_the_gate(world: World) -> None:
    """The route of the health page, which is open on purpose, got the gate like all others."""
    rule = world.cluster.get("ingressroutes", "grafana", "status")["spec"]["routes"][0]
    rule["middlewares"] = [{"name": each, "namespace": MIDDLEWARE_NAMESPACE} for each in GATED]


@fault(
    "retired-host-still-answers",
    known_from="2026-08-02: removed routes went on serving, for GitOps did not prune",
    turns_red=("FWD-ROUTE-05[old.frank.derio.net]",),
)
def retired_host_still_answers(world: World) -> None:
    """The old host of the dashboards is retired, but its route was never deleted."""
    route = deepcopy(world.cluster.get("ingressroutes", "grafana", "grafana"))
    route["spec"]["routes"][0]["match"] = rule_of("old")
    route["metadata"] = {"name": "grafana-old", "namespace": "grafana"}
    world.cluster.put(route)
