"""What an outpost writes when it takes a configuration over."""

from __future__ import annotations

from typing import Final

from lab.authentik.exchange import write_line
from lab.authentik.outpost.application import timestamp
from lab.world import World

_BLANK: Final = "Outpost has localhost/blank API Connection but no authentik_host is configured."
_LOGGER: Final = "authentik.outpost.proxyv2"


def log_loading(world: World) -> None:
    """Let each replica write that it loaded its applications, and its warning for a blank authentik_host."""
    now = timestamp(world.clock.now())
    for replica in range(len(world.authentik.replicas)):
        view = world.authentik.view(replica)
        if not view.config.get("authentik_host"):
            write_line(world, replica, {"event": _BLANK, "level": "warning", "timestamp": now})
        for provider in view.providers:
            line = {"event": "Loaded application", "host": provider.host, "level": "info", "logger": _LOGGER}
            write_line(world, replica, {**line, "name": provider.name, "timestamp": now})
