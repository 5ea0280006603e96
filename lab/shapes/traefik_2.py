"""Traefik 2.11, which reads two API groups: objects that were never written anew, beside those of the new group."""

from __future__ import annotations

from copy import deepcopy
from typing import Final

from lab.arrangements import run_traefik
from lab.cluster.seed.routes import OPEN
from lab.cluster.state import Object
from lab.shapes import shape
from lab.world import World

OLD: Final = "traefik.containo.us/v1alpha1"


def of_the_old_group(obj: Object) -> Object:
    """The same object of Traefik's old API group, to be put beside the other or in its place."""
    made = deepcopy(obj)
    made["apiVersion"] = OLD
    del made["metadata"]["uid"]
    return made


def move(world: World, plural: str, namespace: str, name: str) -> None:
    """Have one of Traefik's objects in the old group alone."""
    world.cluster.put(of_the_old_group(world.cluster.delete(f"{plural}.traefik.io", namespace, name)))


@shape("traefik-2")
def traefik_2(world: World) -> None:
    """Traefik 2.11: the middlewares and Longhorn's route are of its old API group, the other routes of the new one;
    of Hubble's an old object without the gate is left, which the new one hides."""
    run_traefik(world, "2.11.57", aliases="delete")
    cluster = world.cluster
    for each in cluster.list("middlewares.traefik.io"):
        move(world, "middlewares", each["metadata"]["namespace"], each["metadata"]["name"])
    move(world, "ingressroutes", "longhorn-system", "longhorn")
    hidden = of_the_old_group(cluster.get("ingressroutes", "kube-system", "hubble"))
    (rule,) = hidden["spec"]["routes"]
    rule["middlewares"] = [each for each in rule["middlewares"] if each["name"] in OPEN]
    cluster.put(hidden)
