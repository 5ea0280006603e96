"""Faults of applications that an outpost leads requests on to itself (`--lab-shape proxy-mode`)."""

from __future__ import annotations

from typing import Any, Final

from lab import seeded
from lab.faults import fault
from lab.faults.gate_sessions import app_password_wrong
from lab.shapes.gates import CLEARING
from lab.world import World

_ASKS: Final = ("--lab-shape", "proxy-mode")


def _rule(world: World, namespace: str, name: str) -> dict[str, Any]:
    (rule,) = world.cluster.get("ingressroutes", namespace, name)["spec"]["routes"]
    return rule  # type: ignore[no-any-return]


@fault(
    "proxied-route-past-the-outpost",
    known_from="a move from mode proxy to a gate of Traefik's, half done",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-GATE-01[longhorn]"),
    options=_ASKS,
    blocks=("[longhorn]", "FWD-PASS-04[whoami]"),
)
def proxied_route_past_the_outpost(world: World) -> None:
    """Longhorn's route leads to Longhorn itself, where it should lead to the outpost."""
    _rule(world, "longhorn-system", "longhorn")["services"] = [{"name": "longhorn-frontend", "port": 80}]


@fault(
    "proxied-internal-host-gone",
    known_from="goauthentik/authentik, mode_proxy.go: newProxyErrorHandler answers 502 by a page of its own",
    turns_red=("FWD-PASS-01[longhorn]", "FWD-PASS-02[longhorn]"),
    options=_ASKS,
    blocks=("FWD-PASS-04[longhorn]",),
)
def proxied_internal_host_gone(world: World) -> None:
    """The internal host of Longhorn's provider is a Service that was renamed: the login works, and then 502."""
    seeded.gate(world, "longhorn").internal_host = "http://longhorn-ui.longhorn-system.svc.cluster.local"


@fault(
    "proxied-app-password-wrong",
    known_from="goauthentik/authentik, redirectToStart: who shows an Authorization header gets a 401 and a page",
    turns_red=("FWD-PASS-02",),
    options=_ASKS,
)
def proxied_app_password_wrong(world: World) -> None:
    """The app password is another one: gates of Traefik's lead to a login, those that lead on themselves say 401."""
    app_password_wrong(world)


@fault(
    "proxied-open-path-believes-clients",
    known_from="goauthentik/authentik, mode_proxy.go: addHeaders is for claims alone, and an open path has none",
    turns_red=("FWD-SPOOF-02[whoami]",),
    options=_ASKS,
)
def proxied_open_path_believes_clients(world: World) -> None:
    """Nothing takes a client's own X-authentik headers out of requests to a path that the outpost leaves open."""
    rule = _rule(world, "whoami", "whoami")
    rule["middlewares"] = [each for each in rule["middlewares"] if each["name"] != CLEARING["name"]]
