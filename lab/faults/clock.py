"""Faults of clocks (runbook H3)."""

from __future__ import annotations

from datetime import timedelta

from lab.faults import fault
from lab.world import World


@fault("clock-a-little-fast", known_from="a node whose chronyd was stopped", turns_red=("SMOKE-TIME-01",), warns=True)
def clock_a_little_fast(world: World) -> None:
    """The estate's clocks are ten seconds fast: tokens count as not yet valid where clocks are exact."""
    world.clock.offset += timedelta(seconds=10)


@fault(
    "clock-ten-minutes-slow",
    known_from="a virtual machine resumed from a snapshot",
    turns_red=("SMOKE-TIME-01",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02", "SMOKE-LOGIN-01"),
)
def clock_ten_minutes_slow(world: World) -> None:
    """The estate's clocks are ten minutes behind: codes and tokens end before they begin."""
    world.clock.offset -= timedelta(minutes=10)


@fault(
    "machine-clock-ten-years-ahead",
    known_from="a machine whose battery is empty: to it the estate is ten years behind, and each certificate over",
    turns_red=("SMOKE-TIME-01[direct]", "SMOKE-TLS-01", "SMOKE-CLUSTER-01", "SMOKE-UP-01[public]"),
    root="SMOKE-TIME-01",
    blocks=(
        "FWD",
        "OIDC",
        "SMOKE-BP-02",
        "SMOKE-ESO",
        "SMOKE-GITOPS-01",
        "SMOKE-LOG",
        "SMOKE-LOGIN-01",
        "SMOKE-PODS",
        "SMOKE-PROV-02",
        "SMOKE-TIME-01[public]",
        "SMOKE-UP",
    ),
)
def machine_clock_ten_years_ahead(world: World) -> None:
    """The clock of the machine that the suite runs on is ten years ahead of everybody else's."""
    world.clock.offset -= timedelta(days=3653)
