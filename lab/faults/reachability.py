"""Faults by which Authentik is gone, not ready, or shut at one of its doors (runbook H1, H3, R3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lab import names
from lab.authentik.flows.model import AUTHENTICATION
from lab.authentik.state import Phase
from lab.faults import fault
from lab.faults.rewriting import at, becomes_page, where, with_header
from lab.registry import Table
from lab.world import World


def _all_replicas(world: World, phase: Phase) -> None:
    for replica in world.authentik.replicas:
        replica.phase = phase


def _short_deadlines(estate: Table) -> None:
    bounds = {"connect_deadline_seconds": 1, "exchange_deadline_seconds": 2, "retry_budget_seconds": 1}
    estate["bounds"] = {**estate.get("bounds", {}), **bounds}


@fault(
    "authentik-down",
    known_from="facts/estate.md: infra, 500 on all gated hosts; a default-deny NetworkPolicy in the namespace",
    turns_red=("SMOKE-UP-01",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def authentik_down(world: World) -> None:
    """Nobody reaches Authentik's server pods, which count as ready: each of its addresses is dead."""
    world.edge.silent |= {f"authentik-pod-{number}" for number in range(len(world.authentik.replicas))}


@fault(
    "authentik-starting",
    known_from="recordings/health/starting-*",
    turns_red=("SMOKE-UP-01",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def authentik_starting(world: World) -> None:
    """Every server process is starting: live answers 502, all else 503 with "authentik starting"."""
    _all_replicas(world, "starting")


@fault(
    "authentik-core-down",
    known_from="facts/measured.md: the router without its Django part",
    turns_red=("SMOKE-UP-01",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def authentik_core_down(world: World) -> None:
    """The Django part of every server process died; the Go router in front answers 502 in its place."""
    _all_replicas(world, "core-down")


@fault(
    "authentik-without-database",
    known_from="recordings/health/db-down-*",
    turns_red=("SMOKE-UP-02",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def authentik_without_database(world: World) -> None:
    """Postgres is gone: the servers are alive, not ready (503), and answer everything else with 500."""
    _all_replicas(world, "db-down")


@fault(
    "lan-address-gone",
    known_from="a LoadBalancer whose address pool ran dry",
    turns_red=("SMOKE-UP-01[direct]",),
    blocks=("FWD", "OIDC-AUTHZ", "OIDC-DISC-04", "OIDC-PROV", "SMOKE"),
)
def lan_address_gone(world: World) -> None:
    """The LoadBalancer's address on the LAN answers nobody; through the ingress Authentik works."""
    world.edge.silent.add("authentik-lb")


@fault(
    "ingress-down",
    known_from="facts/estate.md: 2026-06-20, the edge died",
    turns_red=("SMOKE-TLS-01", "SMOKE-UP-01[public]", "FWD-ROUTE-06"),
    other_roots=("FWD-ROUTE-06",),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
)
def ingress_down(world: World) -> None:
    """The proxy's only pod died: no public host takes a connection, Authentik itself works."""
    world.edge.silent |= {"ingress-https", "ingress-http", "traefik-api"}


@fault(
    "ingress-hangs-in-the-handshake",
    known_from="a proxy out of file descriptors: the kernel takes connections that it never accepts",
    turns_red=("SMOKE-TLS-01", "SMOKE-UP-01[public]"),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
    describe=_short_deadlines,
)
def ingress_hangs_in_the_handshake(world: World) -> None:
    """The proxy takes every connection to a public host, and says nothing: no handshake comes to an end."""
    world.edge.hanging.add("ingress-https")


@fault(
    "login-in-front-of-authentik",
    known_from="Cloudflare Access, and captive portals: 200 and a page, whatever is asked for",
    turns_red=("SMOKE-UP-01[public]",),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
)
def login_in_front_of_authentik(world: World) -> None:
    """Somebody put the public address behind another login, whose page answers everything, the health endpoints too."""

    def is_asked(request: Request, _: Response) -> bool:
        return request.url.hostname == names.AUTH_HOST and request.url.scheme == "https"

    world.edge.tampering.append(where(is_asked, becomes_page(200, "Sign in")))


@fault(
    "health-kept-by-a-cache",
    known_from="a CDN's rule that keeps everything: for two hours what says nothing of caching",
    turns_red=("SMOKE-UP-01[public]",),
    blocks=("FWD", "OIDC", "SMOKE-LOGIN-01", "SMOKE-TIME-01", "SMOKE-UP"),
)
def health_kept_by_a_cache(world: World) -> None:
    """A cache before the public address answers for Authentik's health with what it kept forty minutes ago."""
    is_health = at("/-/health/")
    world.edge.tampering.append(where(is_health, with_header("age", "2400")))


@fault(
    "admin-interface-answered-by-a-page", known_from="an error middleware for 404 and 5xx", turns_red=("SMOKE-UP-04",)
)
def admin_interface_answered_by_a_page(world: World) -> None:
    """A new route keeps /if/admin/ from the internet: 403, also for those who administer."""
    world.edge.tampering.append(where(at("/if/admin/"), becomes_page(403, "Forbidden")))


@fault("admin-interface-led-away", known_from="a redirectRegex on the auth host", turns_red=("SMOKE-UP-04",))
def admin_interface_led_away(world: World) -> None:
    """A middleware leads whoever asks for /if/admin/ to the page of their own applications."""
    users = f"{names.AUTH_URL}/if/user/"
    world.edge.tampering.append(where(at("/if/admin/"), lambda _request, _response: RedirectResponse(users, 302)))


@fault(
    "login-flow-deleted",
    known_from="a blueprint that replaced the default flows",
    turns_red=("SMOKE-UP-05",),
    blocks=("FWD-PASS", "OIDC", "SMOKE-LOGIN-01"),
)
def login_flow_deleted(world: World) -> None:
    """The login flow is gone; sessions that exist go on, and nobody gets a new one."""
    del world.authentik.flows[AUTHENTICATION]


@fault(
    "login-flow-without-stages",
    known_from="bindings lost in a restore",
    turns_red=("SMOKE-UP-05",),
    blocks=("FWD-PASS", "OIDC", "SMOKE-LOGIN-01"),
)
def login_flow_without_stages(world: World) -> None:
    """The login flow lost its stage bindings: its page still answers 200, and nobody is asked who he is."""
    world.authentik.flows[AUTHENTICATION].stages.clear()
