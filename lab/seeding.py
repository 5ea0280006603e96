"""The runbook's estate, healthy: what a world is filled with at its start, and again when it heals."""

from __future__ import annotations

from lab.applications import seed as applications
from lab.authentik import seed as authentik
from lab.cluster import seed as cluster
from lab.edge.state import Edge
from lab.processes import beginning
from lab.world import World


def seed(world: World) -> None:
    """Replace every part of `world` by a fresh one; a later one refers to earlier ones."""
    world.authentik = authentik.seed(world)
    world.cluster = cluster.seed(world)
    world.edge = Edge(started=world.clock.started)
    world.applications = applications.seed(world)
    world.cluster.starts.append(beginning(world))
