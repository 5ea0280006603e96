"""What becomes of a router when it is loaded: its middlewares resolved, its errors, whether it serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from lab.cluster.state import Object
from lab.edge.loading import of_traefik_reading
from lab.edge.middlewares import KINDS, Middleware
from lab.edge.proxying import endpoints
from lab.edge.routers import ENTRY_POINTS, Backend, Router, called, full_name, routers
from lab.edge.rules import Facts, RuleError, compile_rule
from lab.world import World

Step = tuple[Middleware, Object]


@dataclass(frozen=True)
class Invalid(Exception):
    """Why a router is disabled, in Traefik's words."""

    reason: str


def selected(world: World, entry_point: str, facts: Facts) -> tuple[Router, list[Step]] | None:
    """The router that takes a request and the middlewares it passes, or None.

    Disabled routers are not there: a request then falls to the next one that matches.
    """
    matching = routers(world, partial(_matches, world.edge.knows_wildcards, facts), facts.host)
    serving = [router for router in matching if _serves(world, router, entry_point, facts)]
    for router in sorted(serving, key=lambda each: [(-layer.priority, layer.name) for layer in each.layers]):
        try:
            return router, steps(world, router, entry_point)
        except Invalid:
            continue
    return None


def _matches(wildcards: bool, facts: Facts, rule: str) -> bool:
    try:
        return compile_rule(rule, wildcards=wildcards)(facts)
    except RuleError:
        return False


def _serves(world: World, router: Router, entry_point: str, facts: Facts) -> bool:
    here = entry_point in router.entry_points
    if entry_point == "web":
        # A TLS router takes no plain connection; a host with plain HTTP allowed has its routers on both.
        here = (here and router.tls is None) or facts.host in world.edge.plain_http_hosts
    return here and bool(router.backends) and all(exists(world, each) for each in router.backends)


def exists(world: World, backend: Backend) -> bool:
    """Whether Traefik takes what a route leads to; else it does not load the route.

    Source: traefik/traefik 3.7.13, pkg/provider/kubernetes/crd/kubernetes_http.go (loadServers), and that release
    itself with the lab's objects (selftests/contract/traefik).
    """
    if backend.is_internal:
        return True
    service = world.cluster.find("services", backend.namespace, backend.name)
    if service and service["spec"].get("type") == "ExternalName":
        return world.edge.external_names_allowed
    ports = service["spec"].get("ports", ()) if service else ()
    # A number in quotation marks is a name (kubernetes.go, getServicePort).
    has_port = any(backend.port in (port["port"], port.get("name")) for port in ports)
    return has_port and (world.edge.empty_services_allowed or bool(endpoints(world, backend)))


def steps(world: World, router: Router, entry_point: str) -> list[Step]:
    """A router's middlewares in order, the entry point's own first. Raises Invalid when one is missing."""
    defaults = [full_name(*each) for each in world.edge.default_middlewares.get(entry_point, ())]
    own = [name for layer in router.layers for name in layer.middlewares]
    return [step for name in (*defaults, *own) for step in _resolved(name, world, ())]


def _resolved(name: str, world: World, above: tuple[str, ...]) -> Iterator[Step]:
    named = list(of_traefik_reading(world, "middlewares", _names, name))
    if not named:
        raise Invalid(f'middleware "{name}" does not exist')
    if name in above:
        raise Invalid(f"could not instantiate middleware {name}: recursion detected")
    found = named[-1]
    for kind, spec in (found.get("spec") or {}).items():
        if kind == "chain":
            for each in spec.get("middlewares") or ():
                inner = full_name(each.get("namespace") or found["metadata"]["namespace"], each["name"])
                yield from _resolved(inner, world, (*above, name))
        elif kind in KINDS:
            yield KINDS[kind], _checked(kind, spec or {}, name)
        else:
            raise Invalid(
                f'invalid middleware "{name}" configuration: invalid middleware type or middleware does not exist'
            )


def _names(middleware: Object) -> tuple[str]:
    return (called(middleware),)


def _checked(kind: str, spec: Object, name: str) -> Object:
    pattern = spec.get("authResponseHeadersRegex") if kind == "forwardAuth" else None
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise Invalid(f"error compiling regular expression {pattern} of {name}: {error}") from error
    return spec


def errors(world: World, router: Router) -> list[str]:
    """Everything that disables a router, as the API lists it; empty when it serves."""
    found: list[str] = []
    if not router.service and not any(each.parent == router for each in routers(world)):
        found += ["router has no service and no child routers", "router must have either a service or child routers"]
    if not set(router.entry_points) & set(ENTRY_POINTS):
        found += [f"EntryPoint doesn't exist entryPointName={each}" for each in router.entry_points]
    try:
        compile_rule(router.rule, wildcards=world.edge.knows_wildcards)
    except RuleError as error:
        found.append(f"error while adding rule {router.rule}: {error}")
    try:
        steps(world, router, router.entry_points[0])
    except Invalid as invalid:
        found.append(invalid.reason)
    return found
