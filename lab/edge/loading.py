"""Which of the cluster's objects the proxy has loaded: all as they are now, or what it had when it went deaf."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

from lab.cluster.state import Cluster
from lab.world import World

_LOADED: Final = ("ingressroutes", "middlewares", "ingresses")


def loaded(world: World) -> Cluster:
    """What the proxy has loaded, of the objects that make routers: those of the cluster, unless it is stuck with older
    ones."""
    return world.edge.stale_objects or world.cluster


def freeze(world: World) -> None:
    """Make the proxy deaf to the cluster: from now on it keeps what it has loaded."""
    stale = Cluster(world.cluster.now)
    stale.objects = deepcopy({key: each for key, each in loaded(world).objects.items() if key[1] in _LOADED})
    world.edge.stale_objects = stale
