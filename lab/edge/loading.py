"""Which of the cluster's objects the proxy has loaded: all as they are now, or what it had when it went deaf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Final

from lab.cluster.state import Cluster, Object, Reader
from lab.world import World

_LOADED: Final = ("ingressroutes", "middlewares", "ingresses")


def loaded(world: World) -> Cluster:
    """What the proxy has loaded, of the objects that make routers: those of the cluster, unless it is stuck with older
    ones."""
    return world.edge.stale_objects or world.cluster


def of_traefik(world: World, plural: str) -> Iterator[Object]:
    """The loaded objects of one of Traefik's kinds, of each API group that its version reads."""
    objects = loaded(world)
    return _once(objects, plural, (objects.list(f"{plural}.{group}") for group in world.edge.groups))


def of_traefik_reading(world: World, plural: str, reader: Reader, value: str) -> Iterator[Object]:
    """Those of which `reader` reads that value; to be looked at, not changed."""
    objects = loaded(world)
    return _once(objects, plural, (objects.read(f"{plural}.{group}", reader, value) for group in world.edge.groups))


def _once(objects: Cluster, plural: str, by_group: Iterable[Iterable[Object]]) -> Iterator[Object]:
    """Without those of the old group that the new one has as well (Traefik 2.11, client-containous.go)."""
    for number, found in enumerate(by_group):
        for each in found:
            metadata = each["metadata"]
            if not number or objects.find(plural, metadata["namespace"], metadata["name"]) is None:
                yield each


def freeze(world: World) -> None:
    """Make the proxy deaf to the cluster: from now on it keeps what it has loaded."""
    stale = Cluster(world.cluster.now)
    stale.objects = deepcopy({key: each for key, each in loaded(world).objects.items() if key[1] in _LOADED})
    world.edge.stale_objects = stale
