"""Which of the cluster's objects the proxy has loaded: all as they are now, or what it had when it went deaf."""

from __future__ import annotations

from copy import deepcopy

from lab.cluster.state import Object
from lab.edge.state import LoadedObjects
from lab.world import World


def loaded_objects(world: World) -> LoadedObjects:
    """What the proxy has loaded: the cluster's objects, unless it is stuck with older ones."""
    if world.edge.stale_objects is not None:
        return world.edge.stale_objects
    cluster = world.cluster
    return LoadedObjects(
        cluster.list("ingressroutes"), cluster.list("middlewares.traefik.io"), cluster.list("ingresses")
    )


def loaded_middlewares(world: World) -> list[Object]:
    """Of what the proxy has loaded, the Middleware objects."""
    stale = world.edge.stale_objects
    return stale.middlewares if stale is not None else world.cluster.list("middlewares.traefik.io")


def freeze(world: World) -> None:
    """Make the proxy deaf to the cluster: from now on it keeps what it has loaded."""
    world.edge.stale_objects = deepcopy(loaded_objects(world))
