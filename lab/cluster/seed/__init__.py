"""The runbook's cluster as objects."""

from __future__ import annotations

from lab.cluster import external_secrets, rollouts
from lab.cluster.objects import Age
from lab.cluster.seed import access, authentik, estate, gitops, log_lines, routes, secret_objects
from lab.cluster.state import Cluster
from lab.world import World


def seed(world: World) -> Cluster:
    """The healthy estate of `world`, installed some weeks before the world's now."""
    cluster = Cluster(now=world.clock.now)
    age = Age(world.clock.now())
    estate.plant(world, cluster, age)
    authentik.plant(world, cluster, age)
    secret_objects.plant(world, cluster, age)
    routes.plant(world, cluster, age)
    gitops.plant(world, cluster, age)
    access.plant(world, cluster, age)
    log_lines.plant(world, cluster, age)
    cluster.reconcilers += [external_secrets.reconciler(cluster), rollouts.reconciler(cluster)]
    return cluster
