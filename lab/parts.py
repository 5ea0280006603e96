"""The applications that the internal network leads to, by the names it knows them by.

They use the network themselves, so the network imports this module late, and nobody else does early.
"""

from __future__ import annotations

from lab.authentik.app import build as build_authentik
from lab.authentik.outpost.standalone import build as build_outpost
from lab.edge.app import build as build_edge
from lab.network import ASGIApp, Network
from lab.world import World


def build(world: World, network: Network, key: str) -> ASGIApp:
    """The application of a key such as `authentik-server/0`, `traefik/websecure` or `longhorn`.

    Raises KeyError for what serves nothing.
    """
    name, _, part = key.partition("/")
    if name == "authentik-server":
        return build_authentik(world, int(part))
    if name == "authentik-outpost":
        return build_outpost(world, int(part))
    if key == "traefik/traefik":
        from lab.edge.api import build as build_proxy_api  # noqa: PLC0415  # as the applications, below

        return build_proxy_api(world)
    if name == "traefik":
        return build_edge(world, network, part)
    from lab.applications.app import build as build_application  # noqa: PLC0415  # a fifth of a lab's start

    return build_application(world, network, name)
