"""Other releases of Authentik. Emulated from what is known to differ from the recorded 2026.5.0-rc1, not recorded.

Known differences: a blank `authentik_host` leads to `http://0.0.0.0:9000` up to 2026.2; redirect URIs have no type
and discovery says nothing of front-channel logout before 2026.5; 2026.2 files a warning event about its own
deprecated `ak_groups`; before 2025.12 a group has one `parent`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab import names, seeded
from lab.authentik.audit_log import record_event
from lab.authentik.seed import CONFORMANCE
from lab.registry import Table
from lab.shapes import shape
from lab.world import World

_UNTYPED = {"redirect_uri_type": None}


@shape("authentik-2026.2")
def authentik_2026_2(world: World) -> None:
    """Authentik 2026.2.1 (emulated), whose own deprecations leave a warning event every month."""
    _release(world, "2026.2.1", _UNTYPED)
    context = {"deprecation": "authentik.core.models.User.ak_groups", "message": "ak_groups is deprecated. Use groups."}
    at = world.clock.started - timedelta(days=1)
    record_event(world, "configuration_warning", "authentik.events.models", context=context, at=at)


@shape("authentik-2025.10")
def authentik_2025_10(world: World) -> None:
    """Authentik 2025.10.3 (emulated): groups have one parent, and there is no document at RFC 8414's address."""
    _release(world, "2025.10.3", {**_UNTYPED, "parents": "parent", "parents_obj": "parent_name"})
    world.authentik.rules.serves_rfc8414 = False


def _never_refreshes(estate: Table) -> None:
    estate["client"]["scopes"] = ["openid", "profile", "email"]


@shape("grants-as-needed", describe=_never_refreshes)
def grants_as_needed(world: World) -> None:
    """Each provider of a release that limits grants (`--lab-authentik 2026.8`) allows what its client uses, no more."""
    for slug in names.OIDC_APPLICATIONS:
        refreshes = "offline_access" in world.applications[slug].scopes
        further = ["refresh_token"] if refreshes else []
        seeded.provider(world, slug).grant_types = ["authorization_code", *further]
    seeded.provider(world, CONFORMANCE).grant_types = ["authorization_code"]


def _release(world: World, version: str, older: Mapping[str, str | None]) -> None:
    """Make everything report `version`, and API and discovery answer as before 2026.5."""
    authentik = world.authentik
    seeded, authentik.version = authentik.version, version
    for instance in _instances(world):
        instance.version = version
    authentik.operations.history = [(at, version) for at, _ in authentik.operations.history]
    world.cluster.rewrite(lambda stored: json.loads(json.dumps(stored).replace(seeded, version)))
    authentik.rules.blank_host = "http://0.0.0.0:9000"
    authentik.rules.amend_discovery = _without_front_channel
    authentik.tampering.append(partial(_answered, partial(_renamed, older)))


def _instances(world: World) -> list[Any]:
    return [instance for outpost in world.authentik.outposts.values() for instance in outpost.instances]


def _without_front_channel(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if not name.startswith("frontchannel_")}


def _answered(change: Callable[[Any], Any], request: Request, response: Response) -> Response:
    if not request.url.path.startswith("/api/v3/") or response.media_type != "application/json":
        return response
    response.body = json.dumps(change(json.loads(bytes(response.body)))).encode()
    response.headers["content-length"] = str(len(response.body))
    return response


def _renamed(names: Mapping[str, str | None], value: Any) -> Any:  # noqa: ANN401
    """The JSON with keys renamed, or left out where the new name is None; of a list under a new name the first."""
    if isinstance(value, list):
        return [_renamed(names, each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, inner in value.items():
        name = names.get(key, key)
        if name is not None:
            changed[name] = _renamed(names, inner) if name == key else next(iter(inner or ()), None)
    return changed
