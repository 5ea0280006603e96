"""Faults of the gate itself: open, shut, absent, or leading elsewhere (runbook H4, D5, D7, D8)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lab import names
from lab.arrangements import put_object
from lab.cluster.seed.routes import GATED, MIDDLEWARE_NAMESPACE, OPEN, TRAEFIK, rule_of
from lab.faults import fault
from lab.world import World

_AUTH = "/outpost.goauthentik.io/auth/traefik"


def _route(world: World, namespace: str, name: str) -> dict[str, Any]:
    """The only rule of an IngressRoute, to be changed in place."""
    rule: dict[str, Any] = world.cluster.get("ingressroutes", namespace, name)["spec"]["routes"][0]
    return rule


def _named(*middlewares: str) -> list[dict[str, str]]:
    return [{"name": name, "namespace": MIDDLEWARE_NAMESPACE} for name in middlewares]


def _refusing(host: str = "") -> Callable[[Request, Response], bool]:
    """Picks the gate's redirects, through the ingress, of one host or of all gated ones."""
    hosts = {host} if host else {names.public_host(name) for name in names.GATED_APPLICATIONS}
    return lambda request, response: response.status_code == 302 and request.headers.get("host") in hosts


def _instead(picked: Callable[[Request, Response], bool], make: Callable[[], Response]) -> Callable[..., Response]:
    return lambda request, response: make() if picked(request, response) else response


@fault(
    "middleware-missing-on-route",
    known_from="Sympozium, found open on 2026-08-02",
    turns_red=("FWD-GATE-01[sympozium]", "FWD-ROUTE-01[sympozium]"),
    blocks=("[sympozium]", "FWD-PASS-04[hubble]"),
    root="FWD-ROUTE-01",
)
def middleware_missing_on_route(world: World) -> None:
    """Sympozium's route lost the forward-auth middleware: whoever reaches the ingress reaches Sympozium."""
    _route(world, "sympozium-system", "sympozium")["middlewares"] = _named(*OPEN)


@fault(
    "page-cached-in-front",
    known_from="a CDN in front of an ingress",
    turns_red=("FWD-GATE-01[hubble]",),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def page_cached_in_front(world: World) -> None:
    """A cache in front of the ingress keeps the page that somebody logged in fetched, and gives it to everybody."""
    picked = _refusing(names.public_host("hubble"))
    page = "<!doctype html><title>Hubble UI</title>"
    world.edge.tampering.append(_instead(picked, lambda: HTMLResponse(page)))


@fault(
    "everything-is-a-skip-path",
    known_from="an exemption for an API, written as a prefix of everything",
    turns_red=("FWD-GATE-01[hubble]", "FWD-ROUTE-04[hubble]"),
    other_roots=("FWD-ROUTE-04",),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def everything_is_a_skip_path(world: World) -> None:
    """Hubble's provider leaves open every path: its expression is the slash that all of them begin with."""
    provider = next(each for each in world.authentik.proxy_providers() if each.host == names.public_host("hubble"))
    provider.skip_path_regex = "^/"


@fault(
    "allow-list-without-us",
    known_from="recordings/traefik/ip-allow-list-denies.json",
    turns_red=("FWD-GATE-06[longhorn]",),
    blocks=("[longhorn]", "FWD-PASS"),
)
def allow_list_without_us(world: World) -> None:
    """Longhorn's route got an allow-list of its own, in which the machine that runs the suite is not."""
    spec = {"ipAllowList": {"sourceRange": ["198.51.100.0/24"]}}
    put_object(world, TRAEFIK, "Middleware", "office-only", MIDDLEWARE_NAMESPACE, spec=spec)
    _route(world, "longhorn-system", "longhorn")["middlewares"] = _named("office-only", *GATED)


@fault(
    "gate-out-of-reach",
    known_from="recordings/traefik/auth-server-down.json",
    turns_red=("FWD-GATE-06",),
    blocks=("FWD",),
)
def gate_out_of_reach(world: World) -> None:
    """A NetworkPolicy keeps the proxy from the outpost's port: every gated host answers 500 with an empty body."""
    world.edge.tampering.append(_instead(_refusing(), lambda: Response(b"", 500)))


@fault(
    "route-deleted",
    known_from="recordings/traefik/unknown-host.json",
    turns_red=("FWD-ROUTE-01[sympozium]", "FWD-GATE-06[sympozium]"),
    blocks=("[sympozium]", "FWD-PASS-04[hubble]"),
)
def route_deleted(world: World) -> None:
    """Sympozium's IngressRoute is gone: the proxy answers its own 404."""
    world.cluster.delete("ingressroutes", "sympozium-system", "sympozium")


@fault(
    "gate-keeps-the-old-host",
    known_from="the incident of 2026-08-01, after the setting was corrected",
    turns_red=("FWD-GATE-02",),
    blocks=("FWD-PASS",),
)
def gate_keeps_the_old_host(world: World) -> None:
    """authentik_host was corrected, but the outposts keep the old one in memory: browsers go to the old domain."""
    for number, replica in enumerate(world.authentik.replicas):
        view = world.authentik.view(number)
        config = {**view.config, "authentik_host": "https://auth.cluster.derio.net"}
        replica.seen = replace(view, config=config)


@fault(
    "gate-judges-some-methods",
    known_from="forward-auth rules copied from nginx's limit_except",
    turns_red=("FWD-GATE-04",),
)
def gate_judges_some_methods(world: World) -> None:
    """Whoever asks by DELETE is let through: only the methods of a browser are judged."""

    def let_through(request: Request, response: Response) -> Response:
        asked = request.url.path == _AUTH and request.headers.get("x-forwarded-method") == "DELETE"
        return Response(b"", 200) if asked else response

    world.authentik.tampering.append(let_through)


def _bypass(world: World, application: str, namespace: str, condition: str) -> None:
    """A second route for an application's host, without the gate, for the requests that meet a condition."""
    route = deepcopy(world.cluster.get("ingressroutes", namespace, application))
    rule = route["spec"]["routes"][0]
    rule["match"] = f"{rule_of(application)} && {condition}"
    rule["middlewares"] = _named(*OPEN)
    route["metadata"] = {"name": f"{application}-bypass", "namespace": namespace}
    world.cluster.put(route)


@fault(
    "preflights-let-through",
    known_from="routes for CORS preflights",
    turns_red=("FWD-GATE-04[hubble]", "FWD-ROUTE-01[hubble]"),
    root="FWD-ROUTE-01",
    other_roots=("FWD-GATE-04",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def preflights_let_through(world: World) -> None:
    """A route of its own sends OPTIONS requests past the gate, so that preflights get an answer."""
    _bypass(world, "hubble", "kube-system", "Method(`OPTIONS`)")


@fault(
    "websockets-let-through",
    known_from="routes for WebSockets, which cannot follow a redirect",
    turns_red=("FWD-GATE-04[longhorn]", "FWD-ROUTE-01[longhorn]"),
    root="FWD-ROUTE-01",
    other_roots=("FWD-GATE-04",),
    blocks=("FWD-ROUTE-06[longhorn]",),
)
def websockets_let_through(world: World) -> None:
    """A route of its own sends WebSocket upgrades past the gate, because they cannot follow its redirect."""
    _bypass(world, "longhorn", "longhorn-system", "Header(`Upgrade`, `websocket`)")


@fault("dot-segments-kept", known_from="Traefik's sanitizePath=false", turns_red=("FWD-GATE-05[whoami]",))
def dot_segments_kept(world: World) -> None:
    """The entry point leaves `/../` in paths: `/public/../anything` looks open to the gate, and is not."""
    world.edge.sanitizes_paths = False
