"""Faults by which a client tells an application who he is (runbook H4)."""

from __future__ import annotations

from copy import deepcopy

from lab.arrangements import run_traefik
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE, OPEN, rule_of
from lab.faults import fault
from lab.world import World


@fault(
    "identity-headers-not-cleared",
    known_from="proxies that copy what the gate says, and clear nothing (Caddy's copy_headers)",
    turns_red=("FWD-SPOOF-02[whoami]",),
)
def identity_headers_not_cleared(world: World) -> None:
    """Where the gate says nothing, as on an open path, a client's own identity headers reach the application."""
    world.edge.clears_identity_headers = False


@fault(
    "open-path-by-a-route",
    known_from="recordings/traefik/open-route-no-middleware.json",
    turns_red=("FWD-ROUTE-01[whoami]", "FWD-SPOOF-02[whoami]"),
    other_roots=("FWD-SPOOF-02",),
    blocks=("FWD-ROUTE-06[whoami]",),
)
def open_path_by_a_route(world: World) -> None:
    """Somebody opened /public by a route without the gate, where nothing overwrites what a client says he is."""
    route = deepcopy(world.cluster.get("ingressroutes", "whoami", "whoami"))
    rule = route["spec"]["routes"][0]
    rule["match"] = f"{rule_of('whoami')} && PathPrefix(`/public/`)"
    rule["middlewares"] = [{"name": name, "namespace": MIDDLEWARE_NAMESPACE} for name in OPEN]
    route["metadata"] = {"name": "whoami-public", "namespace": "whoami"}
    world.cluster.put(route)


@fault(
    "traefik-before-its-header-protection",
    known_from="CVE-2026-88011: what protects came with Traefik 3.7.12 and 2.11.56 (field/reports.md 30)",
    turns_red=("FWD-SPOOF-03",),
    warns=True,
)
def traefik_before_its_header_protection(world: World) -> None:
    """Traefik is of a release that has nothing against headers that look like the gate's (X_authentik_username)."""
    run_traefik(world, "3.6.8")


@fault(
    "look-alike-headers-kept",
    known_from="doc.traefik.io, security/header-alias: the option's default is to keep them",
    turns_red=("FWD-SPOOF-03",),
    warns=True,
)
def look_alike_headers_kept(world: World) -> None:
    """Traefik could drop headers that look like the gate's, and nobody told it to."""
    run_traefik(world, "3.7.12")
