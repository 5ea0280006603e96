"""What Traefik's API shows, as plain data: routers, middlewares, services, entry points, the overview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from lab.cluster.state import Object
from lab.edge.loading import of_traefik
from lab.edge.proxying import endpoints
from lab.edge.routers import ENTRY_POINTS, Router, called, full_name, routers, service_name
from lab.edge.runtime import errors, exists
from lab.world import World

INTERNAL_PRIORITY: Final = 9223372036854775806
ADDRESSES: Final = {"traefik": ":8080/tcp", "web": ":8000/tcp", "websecure": ":8443/tcp"}
OBSERVABILITY: Final = {"accessLogs": True, "metrics": True, "tracing": True, "traceVerbosity": "minimal"}
REDIRECT: Final = "redirect-web-to-websecure@internal"


def router_entries(world: World) -> list[Object]:
    """Every router by name, with what is wrong with it."""
    loaded = (router for router in routers(world) if all(exists(world, backend) for backend in router.backends))
    made = [
        _router(each, wrong)
        for router, wrong in ((router, errors(world, router)) for router in loaded)
        for each in _by_entry_point(world, router)
    ]
    return sorted([*made, *_internal_routers(world)], key=lambda entry: entry["name"])


def _by_entry_point(world: World, router: Router) -> Iterator[Router]:
    """The routers that Traefik makes of one: for each entry point that has TLS or middlewares of its own, a router that
    has them, called after it where there are several (traefik/traefik 3.7.13, pkg/server/aggregator.go, applyModel, and
    that release itself with the lab's objects)."""
    if router.parent:
        yield router
        return
    points = [point for point in router.entry_points if point == "websecure" or point in world.edge.default_middlewares]
    for point in points:
        before = tuple(full_name(*each) for each in world.edge.default_middlewares.get(point, ()))
        name = f"{point}-{router.name}" if len(router.entry_points) > 1 else router.name
        yield replace(router, name=name, entry_points=(point,), middlewares=(*before, *router.middlewares))
    if others := tuple(point for point in router.entry_points if point not in points):
        yield replace(router, entry_points=others)


def _router(router: Router, wrong: list[str]) -> Object:
    secure = router.tls is not None or "websecure" in router.entry_points
    entry: Object = {} if router.parent else {"entryPoints": list(router.entry_points)}
    if router.middlewares:
        entry["middlewares"] = list(router.middlewares)
    if router.service:
        entry["service"] = router.service
    if router.parent:
        entry["parentRefs"] = [router.parent.name]
    entry |= {"rule": router.rule, "priority": router.priority}
    if secure and not router.parent:
        resolver = (router.tls or {}).get("certResolver")
        entry["tls"] = {"options": "default"} | ({"certResolver": resolver} if resolver else {})
    entry["observability"] = OBSERVABILITY
    if wrong:
        entry["error"] = wrong
    if not router.parent:
        entry["using"] = [each for each in router.entry_points if each in ADDRESSES]
    return entry | {
        "status": "disabled" if wrong else "enabled",
        "name": router.name,
        "provider": router.provider,
        "priorityStr": str(router.priority),
    }


def _internal_routers(world: World) -> list[Object]:
    made = [_internal("api@internal", "traefik", "PathPrefix(`/api`)", "api@internal", ())]
    if world.edge.redirects_plain_http:
        redirect = _internal("web-to-websecure@internal", "web", "HostRegexp(`^.+$`)", "noop@internal", (REDIRECT,))
        made.append(redirect)
    return made


def _internal(name: str, entry_point: str, rule: str, service: str, middlewares: tuple[str, ...]) -> Object:
    entry: Object = {"entryPoints": [entry_point]}
    if middlewares:
        entry["middlewares"] = list(middlewares)
    return entry | {
        "service": service,
        "rule": rule,
        "ruleSyntax": "default",
        "priority": INTERNAL_PRIORITY,
        "observability": OBSERVABILITY,
        "status": "enabled",
        "using": [entry_point],
        "name": name,
        "provider": "internal",
        "priorityStr": str(INTERNAL_PRIORITY),
    }


def middleware_entries(world: World) -> list[Object]:
    """Every loaded middleware by name, and the routers that name it."""
    used: dict[str, list[str]] = {}
    for router in routers(world):
        for name in router.middlewares:
            used.setdefault(name, []).append(router.name)
    objects = {called(each): each for each in of_traefik(world, "middlewares")}
    made = [_middleware(name, each, used.get(name, [])) for name, each in objects.items()]
    if world.edge.redirects_plain_http:
        made.append(_redirect(world))
    return sorted(made, key=lambda entry: entry["name"])


def _middleware(name: str, loaded: Object, used_by: list[str]) -> Object:
    spec = loaded.get("spec") or {}
    kind = next(iter(spec), "")
    shown = dict(spec)
    if kind == "chain":
        # The members by their full names; those of a chain are not "usedBy" its routers.
        home = loaded["metadata"]["namespace"]
        members = spec[kind].get("middlewares") or ()
        shown[kind] = {"middlewares": [full_name(each.get("namespace") or home, each["name"]) for each in members]}
    if kind == "forwardAuth":
        shown[kind] = {**spec[kind], "maxBodySize": spec[kind].get("maxBodySize", -1)}
    entry: Object = {**shown, "status": "enabled"}
    if used_by:
        entry["usedBy"] = sorted(used_by)
    return entry | {"name": name, "provider": name.partition("@")[2], "type": kind.lower()}


def _redirect(world: World) -> Object:
    port, permanent = str(world.edge.redirect_port), world.edge.redirect_permanent
    return {
        "redirectScheme": {"scheme": "https", "port": port, "permanent": permanent},
        "status": "enabled",
        "usedBy": ["web-to-websecure@internal"],
        "name": REDIRECT,
        "provider": "internal",
        "type": "redirectscheme",
    }


def service_entries(world: World) -> list[Object]:
    """Every service that a router uses, with its servers."""
    made: dict[str, Object] = {}
    for router in routers(world):
        for backend in router.backends:
            if backend.is_internal or not exists(world, backend):
                continue
            # Only where it has to choose among several is a Service's name seen (facts/measured-2026.8.md).
            known_as = router.service if len(router.backends) == 1 else service_name(backend)
            name = f"{known_as}@{router.provider}"
            urls = [f"http://{address}:{port}" for address, port in endpoints(world, backend)]
            entry = made.setdefault(name, _service(name, router.provider, urls))
            entry["usedBy"].append(router.name)
    internal = [
        {"status": "enabled", "name": f"{each}@internal", "provider": "internal", "usedBy": [used]}
        for each, used in (("api", "api@internal"), ("noop", "web-to-websecure@internal"))
    ]
    return sorted([*made.values(), *internal], key=lambda entry: str(entry["name"]))


def _service(name: str, provider: str, urls: list[str]) -> Object:
    balancer = {
        "servers": [{"url": url} for url in urls],
        "strategy": "wrr",
        "passHostHeader": True,
        "responseForwarding": {"flushInterval": "100ms"},
    }
    return {
        "loadBalancer": balancer,
        "status": "enabled",
        "usedBy": [],
        "serverStatus": dict.fromkeys(urls, "UP"),
        "name": name,
        "provider": provider,
        "type": "loadbalancer",
    }


KINDS: Final[dict[str, Callable[[World], list[Object]]]] = {
    "routers": router_entries,
    "middlewares": middleware_entries,
    "services": service_entries,
}


def entry_points(world: World) -> list[Object]:
    """The entry points with what is configured on them."""
    return [_entry_point(world, name, address) for name, address in ADDRESSES.items()]


def _entry_point(world: World, name: str, address: str) -> Object:
    forwarded = {"insecure": True} if world.edge.forwarded_headers_trusted and name in ENTRY_POINTS else {}
    http: Object = {"sanitizePath": world.edge.sanitizes_paths, "maxHeaderBytes": 1048576}
    if defaults := world.edge.default_middlewares.get(name):
        http["middlewares"] = [f"{namespace}-{each}@kubernetescrd" for namespace, each in defaults]
    if name == "web" and world.edge.redirects_plain_http:
        to = f":{world.edge.redirect_port}"
        redirect = {"to": to, "scheme": "https", "permanent": world.edge.redirect_permanent}
        http["redirections"] = {"entryPoint": {**redirect, "priority": INTERNAL_PRIORITY}}
    if name == "websecure":
        http["tls"] = {}
    return {"name": name, "address": address, "forwardedHeaders": forwarded, "http": http}


def overview(world: World) -> Object:
    """Counts of everything, and of what is wrong."""
    none = {"total": 0, "warnings": 0, "errors": 0}
    http = {kind: _counted(made(world)) for kind, made in KINDS.items()}
    return {
        "http": {kind: http[kind] for kind in ("routers", "services", "middlewares")},
        "tcp": {"routers": none, "services": none, "middlewares": none},
        "udp": {"routers": none, "services": none},
        "certificates": {"total": 1, "warnings": 0, "errors": 0},
        "features": {"tracing": "", "metrics": "Prometheus", "accessLog": True},
        "providers": ["KubernetesIngress", "KubernetesCRD"],
    }


def _counted(entries: list[Object]) -> dict[str, int]:
    disabled = sum(entry["status"] == "disabled" for entry in entries)
    return {"total": len(entries), "warnings": 0, "errors": disabled}


def raw_data(world: World) -> Object:
    """Everything at once, keyed by name."""

    def keyed(entries: list[Object]) -> dict[str, Object]:
        hidden = ("name", "provider", "priorityStr", "type")
        return {entry["name"]: {key: value for key, value in entry.items() if key not in hidden} for entry in entries}

    return {kind: keyed(made(world)) for kind, made in KINDS.items()}
