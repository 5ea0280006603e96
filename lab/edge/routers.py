"""Routers, derived from the IngressRoutes and Ingresses that the proxy has loaded."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

from lab.cluster.state import Cluster, Object
from lab.edge.loading import loaded, of_traefik, of_traefik_reading
from lab.edge.rules import sole_host
from lab.world import World

ENTRY_POINTS: Final = ("web", "websecure")
MOST_LAYERS: Final = 8
_ANNOTATION: Final = "traefik.ingress.kubernetes.io/router."
_CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"


class Backend(NamedTuple):
    """A reference to a Kubernetes Service and one of its ports, by number or name; or to the proxy's own API and
    dashboard (`api@internal`), in no namespace."""

    namespace: str
    name: str
    port: int | str

    @property
    def is_internal(self) -> bool:
        """Whether the proxy itself answers."""
        return self.name.endswith("@internal")


@dataclass(frozen=True)
class Router:
    """One router as loaded; `middlewares` are full names (`ns-name@kubernetescrd`), unresolved.

    One with a `parent` takes what that one took and let through, and has its entry points and TLS (Traefik 3.6,
    multi-layer routing).
    """

    name: str
    provider: str
    rule: str
    priority: int
    entry_points: tuple[str, ...]
    middlewares: tuple[str, ...] = ()
    service: str = ""
    backends: tuple[Backend, ...] = field(default=())
    tls: dict[str, Any] | None = None
    parent: Router | None = None

    @property
    def layers(self) -> tuple[Router, ...]:
        """The router below those above it, the first one first."""
        return (*self.parent.layers, self) if self.parent else (self,)

    @property
    def root(self) -> Router:
        """The router that an entry point hands requests to."""
        return self.layers[0]


def _any_rule(_: str) -> bool:
    return True


def routers(world: World, wanted: Callable[[str], bool] = _any_rule, host: str | None = None) -> Iterator[Router]:
    """The routers of the estate's routes whose rule is `wanted`, in no particular order.

    Without those that take no request for `host`, if it is given.
    """
    objects = loaded(world)
    for route in of_traefik(world, "ingressroutes") if host is None else _for_host(world, host):
        if any(wanted(entry.get("match", "")) for entry in route.get("spec", {}).get("routes") or ()):
            yield from _layered(world, route, objects, wanted)
    for ingress in objects.list("ingresses") if world.edge.reads_ingresses else ():
        if _is_ours(world, ingress):
            yield from (router for router in _of_ingress(ingress) if wanted(router.rule))


def _for_host(world: World, host: str) -> Iterable[Object]:
    """The IngressRoutes of which a rule may take a request for that host: hundreds would each be tried otherwise."""
    found = (each for name in (host, "") for each in of_traefik_reading(world, "ingressroutes", _hosts, name))
    return {id(each): each for each in found}.values()


def _hosts(route: Object) -> Iterator[str]:
    """The hosts that its rules take requests for, each alone; empty where one may take those of others."""
    return (sole_host(entry.get("match", "")) for entry in route.get("spec", {}).get("routes") or ())


def _layered(
    world: World, route: Object, objects: Cluster, wanted: Callable[[str], bool], depth: int = 0
) -> Iterator[Router]:
    """The routers of an IngressRoute, below each router of each of its parents; of a parent that is not there, none."""
    references = route.get("spec", {}).get("parentRefs") or ()
    if not references:
        yield from _of_ingress_route(world, route, wanted)
        return
    home = route["metadata"]["namespace"]
    named = {(each.get("namespace") or home, each["name"]) for each in references}
    above = [parent for each in sorted(named) if (parent := objects.find("ingressroutes", *each))]
    for parent in above if depth < MOST_LAYERS else ():
        for router in _layered(world, parent, objects, wanted, depth + 1):
            for child in _of_ingress_route(world, route, wanted):
                yield replace(child, parent=router, tls=router.root.tls, entry_points=router.root.entry_points)


def called(middleware: Object) -> str:
    """The full name by which routers call a Middleware object."""
    return full_name(middleware["metadata"]["namespace"], middleware["metadata"]["name"])


@lru_cache(maxsize=4096)
def full_name(namespace: str, name: str) -> str:
    """`traefik-system-ip-allowlist@kubernetescrd` for that namespace and name; a qualified name stays."""
    return name if "@" in name else f"{_normalized(f'{namespace}-{name}')}@kubernetescrd"


def _of_ingress_route(world: World, route: Object, wanted: Callable[[str], bool]) -> Iterator[Router]:
    namespace, name = route["metadata"]["namespace"], route["metadata"]["name"]
    spec = route.get("spec", {})
    # Without the option ingressClass (traefik/traefik, pkg/provider/kubernetes/crd/kubernetes.go).
    if (route["metadata"].get("annotations") or {}).get(_CLASS_ANNOTATION) not in (None, "", "traefik"):
        return
    for entry in spec.get("routes") or ():
        rule = entry.get("match", "")
        if not wanted(rule):
            continue
        references = entry.get("middlewares") or ()
        if not world.edge.cross_namespace_allowed and _crosses(namespace, references):
            continue
        backends = _backends(namespace, entry.get("services") or ())
        key = _router_key(namespace, name, rule)
        internal = next((each.name for each in backends if each.is_internal), "")
        yield Router(
            f"{key}@kubernetescrd",
            "kubernetescrd",
            rule,
            int(entry.get("priority") or len(rule)),
            tuple(spec.get("entryPoints") or ENTRY_POINTS),
            tuple(full_name(each.get("namespace") or namespace, each["name"]) for each in references),
            # Whatever the Service is called: recordings-2026.8/traefik/traefik-api-routers.
            internal or (key if backends else ""),
            backends,
            spec.get("tls"),
        )


def _crosses(namespace: str, references: Iterable[dict[str, str]]) -> bool:
    return any(each.get("namespace") not in (None, "", namespace) for each in references)


def _backends(namespace: str, services: Iterable[dict[str, Any]]) -> tuple[Backend, ...]:
    return tuple(Backend(each.get("namespace") or namespace, each["name"], each.get("port", 80)) for each in services)


def service_name(backend: Backend) -> str:
    """The proxy's name for a Kubernetes Service's port."""
    return _normalized(f"{backend.namespace}-{backend.name}-{backend.port}")


def _is_ours(world: World, ingress: Object) -> bool:
    """By the object of the class that it names; by the annotation where it names none (Traefik 3.7.13, as above)."""
    if wanted := ingress.get("spec", {}).get("ingressClassName"):
        found = world.cluster.find("ingressclasses", "", wanted)
        return found is not None and found["spec"]["controller"] == "traefik.io/ingress-controller"
    return (ingress["metadata"].get("annotations") or {}).get(_CLASS_ANNOTATION, "") in ("", "traefik")


def _of_ingress(ingress: Object) -> Iterator[Router]:
    default = ingress.get("spec", {}).get("defaultBackend")
    if default and not ingress["spec"].get("rules"):
        # Behind all others: math.MinInt32 (traefik/traefik, pkg/provider/kubernetes/ingress/kubernetes.go), and left
        # out where there are rules (loadConfigurationFromIngresses, the same).
        backend = _ingress_backend(ingress["metadata"]["namespace"], default["service"])
        own = (service_name(backend), (backend,))
        yield Router("default-router@kubernetes", "kubernetes", "PathPrefix(`/`)", -(2**31), ENTRY_POINTS, (), *own)
    made = list(_of_rules(ingress))
    alike = Counter(router.name for router in made)
    for router in made:
        # `*.host` and `host` give the same name (makeRouterKeyWithHash, as above).
        key = router.name.removesuffix("@kubernetes")
        yield router if alike[router.name] == 1 else replace(router, name=f"{key}-{_hash(router.rule)}@kubernetes")


def _of_rules(ingress: Object) -> Iterator[Router]:
    namespace, name = ingress["metadata"]["namespace"], ingress["metadata"]["name"]
    annotations = ingress["metadata"].get("annotations") or {}
    listed = annotations.get(f"{_ANNOTATION}middlewares", "")
    for rule in ingress.get("spec", {}).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            host, where = rule.get("host", ""), path.get("path", "")
            backend = _ingress_backend(namespace, path["backend"]["service"])
            text = _ingress_rule(host, where, path.get("pathType", "ImplementationSpecific"))
            yield Router(
                f"{_normalized(f'{namespace}-{name}-{host}{where}')}@kubernetes",
                "kubernetes",
                text,
                int(annotations.get(f"{_ANNOTATION}priority") or len(text)),
                _names(annotations.get(f"{_ANNOTATION}entrypoints", "")) or ENTRY_POINTS,
                tuple(full_name(namespace, each) for each in _names(listed)),
                service_name(backend),
                (backend,),
                {} if ingress["spec"].get("tls") else None,
            )


def _names(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def _ingress_backend(namespace: str, service: dict[str, Any]) -> Backend:
    port = service.get("port") or {}
    return Backend(namespace, service["name"], port.get("number") or port.get("name", 80))


def _ingress_rule(host: str, path: str, path_type: str) -> str:
    """In quotation marks, as Traefik 3.7.13 writes it of the lab's Ingresses; earlier releases wrote backticks."""
    where = f'Path("{path}")' if path_type == "Exact" else f'PathPrefix("{path}")'
    named = f'Host("{host}")'
    if host.startswith("*."):
        suffix = host[1:].replace(".", r"\.")
        named = f"HostRegexp(`^[a-zA-Z0-9-]+{suffix}$`)"
    # loadRouter, the same: what is not said is no part of the rule.
    return " && ".join([*([named] if host else []), *([where] if path else [])]) or 'PathPrefix("/")'


@lru_cache(maxsize=4096)
def _router_key(namespace: str, name: str, rule: str) -> str:
    # The hash tells apart the routes of one object.
    return _normalized(f"{namespace}-{name}-{_hash(rule)}")


def _hash(rule: str) -> str:
    return hashlib.sha256(rule.encode()).hexdigest()[:20]


@lru_cache(maxsize=8192)
def _normalized(name: str) -> str:
    return "-".join(part for part in re.split(r"[^A-Za-z0-9]+", name) if part)
