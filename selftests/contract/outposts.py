"""The recorded standalone outpost: one process after the other, each with another environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from lab.authentik.accounts import stable_uuid
from lab.authentik.outpost.model import OutpostInstance
from lab.shapes.outposts import OUTPOST, standalone_outpost
from selftests.contract import estate


def started(host: str, browser: str = "") -> Callable[[Any], AbstractContextManager[None]]:
    """The outpost, started anew with this AUTHENTIK_HOST and AUTHENTIK_HOST_BROWSER, with one application."""

    @contextmanager
    def held(stage: Any) -> Iterator[None]:
        authentik = stage.world.authentik
        if OUTPOST not in authentik.outposts:
            _plant(stage)
        (process,) = authentik.outpost_processes
        process.host, process.host_browser = stage.tell(host), stage.tell(browser)
        instances = authentik.outposts[OUTPOST].instances
        for instance in instances:
            instance.connected = False
        uid = stable_uuid("instance", f"{host} {browser}")
        instances.append(OutpostInstance(uid, authentik.version, hostname=process.pod))
        yield

    return held


def _plant(stage: Any) -> None:
    standalone_outpost(stage.world)
    client = stage.tell(estate.CLIENT_IDS["standalone"])
    made = estate.add_gated(stage.world, "standalone", "Standalone", client, "https://standalone.frank.derio.net")
    outpost = stage.world.authentik.outposts[OUTPOST]
    outpost.providers, outpost.instances = [made.pk], []
