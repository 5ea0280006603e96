"""What the seed put into the world, for changes that need it to be there.

Each function raises LookupError where another change took the thing away.
"""

from __future__ import annotations

from typing import TypeVar

from lab.authentik.accounts import Group, User
from lab.authentik.outpost.model import Outpost
from lab.authentik.providers import OAuth2Provider, ProxyProvider
from lab.authentik.records import Schedule
from lab.cluster.state import Object
from lab.world import World

Found = TypeVar("Found")


def user(world: World, username: str) -> User:
    """The account of that name."""
    return _there(world.authentik.directory.user(username), username)


def group(world: World, name: str) -> Group:
    """The group of that name."""
    return _there(world.authentik.directory.group(name), name)


def provider(world: World, slug: str) -> OAuth2Provider:
    """The provider of an application, of either kind."""
    return _there(world.authentik.provider_of(slug), slug)


def gate(world: World, slug: str) -> ProxyProvider:
    """The proxy provider of a gated application."""
    found = provider(world, slug)
    return _there(found if isinstance(found, ProxyProvider) else None, slug)


def outpost(world: World) -> Outpost:
    """The embedded outpost."""
    return _there(world.authentik.embedded_outpost(), "the embedded outpost")


def schedule(world: World, actor: str) -> Schedule:
    """The schedule of an actor."""
    return _there(world.authentik.operations.schedule(actor), actor)


def pod_spec(world: World, namespace: str, deployment: str) -> Object:
    """What the pods of a Deployment are made of."""
    found: Object = world.cluster.get("deployments", namespace, deployment)["spec"]["template"]["spec"]
    return found


def container(world: World, namespace: str, deployment: str) -> Object:
    """The first container of such a pod."""
    found: Object = pod_spec(world, namespace, deployment)["containers"][0]
    return found


def _there(found: Found | None, name: str) -> Found:
    if found is None:
        raise LookupError(f"{name} is not there any more: two changes do not go together")
    return found
