"""Faults of the forward-auth middleware: gone, asking nobody, or letting a client's own headers through."""

from __future__ import annotations

from typing import Any

from lab.arrangements import EMBEDDED_OBJECTS, put_embedded_objects, put_object
from lab.cluster.seed.routes import GATE_ADDRESS, IDENTITY_HEADERS, MIDDLEWARE_NAMESPACE, TRAEFIK
from lab.faults import fault
from lab.registry import Table
from lab.world import World

_NAME = "authentik-forwardauth"
# The list that most instructions give: the outpost's own, but for the entitlements.
_USUAL = [header for header in IDENTITY_HEADERS if "entitlements" not in header]


def _settings(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.cluster.get("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, _NAME)["spec"]
    return found["forwardAuth"]  # type: ignore[no-any-return]


@fault(
    "gate-middleware-missing",
    known_from="Traefik answers 404 for a router whose middleware does not exist",
    turns_red=("FWD-ROUTE-02", "FWD-GATE-06"),
    blocks=("FWD",),
)
def gate_middleware_missing(world: World) -> None:
    """The forward-auth Middleware was deleted, and the routes that name it are not served any more."""
    world.cluster.delete("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, _NAME)


@fault(
    "middleware-misspelt",
    known_from="facts/measured-2026.8.md: the router is disabled, and answers 404",
    turns_red=("FWD-ROUTE-01[hubble]", "FWD-GATE-06[hubble]"),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def middleware_misspelt(world: World) -> None:
    """Hubble's route names its gate by a name that no middleware has."""
    (rule,) = world.cluster.get("ingressroutes", "kube-system", "hubble")["spec"]["routes"]
    rule["middlewares"][-1]["name"] = "authentik-forwardath"


@fault(
    "gate-asks-the-container-port", known_from="runbook D9", turns_red=("FWD-ROUTE-02", "FWD-GATE-06"), blocks=("FWD",)
)
def gate_asks_the_container_port(world: World) -> None:
    """The middleware asks Authentik's Service at port 9000, which is the container's and not the Service's."""
    _settings(world)["address"] = GATE_ADDRESS.replace(":80/", ":9000/")


@fault(
    "gate-asks-an-old-service",
    known_from="a move to the embedded outpost",
    turns_red=("FWD-ROUTE-02", "FWD-GATE-06"),
    blocks=("FWD",),
)
def gate_asks_an_old_service(world: World) -> None:
    """The middleware still asks the Service of a standalone outpost that was taken down."""
    _settings(world)["address"] = (
        "http://ak-outpost-proxy.authentik.svc.cluster.local:9000/outpost.goauthentik.io/auth/traefik"
    )


@fault(
    "identity-header-of-the-client",
    known_from="authResponseHeaders shortened to what one application reads",
    turns_red=("FWD-SPOOF-01", "FWD-SPOOF-02[whoami]"),
    other_roots=("FWD-SPOOF-02",),
)
def identity_header_of_the_client(world: World) -> None:
    """The middleware does not overwrite X-authentik-email and X-authentik-groups: clients may say who they are."""
    kept = [header for header in IDENTITY_HEADERS if not header.endswith(("email", "groups"))]
    _settings(world)["authResponseHeaders"] = kept


@fault(
    "identity-expression-in-the-wrong-case",
    known_from="Go compares expressions with its own spelling of header names",
    turns_red=("FWD-SPOOF-01", "FWD-SPOOF-02[whoami]"),
    other_roots=("FWD-SPOOF-02",),
)
def identity_expression_in_the_wrong_case(world: World) -> None:
    """The middleware names the identity headers by ^X-authentik-, which matches none as Traefik spells them."""
    settings = _settings(world)
    del settings["authResponseHeaders"]
    settings["authResponseHeadersRegex"] = "^X-authentik-"


@fault(
    "entitlements-of-the-client",
    known_from="the usual list of eleven headers leaves them out",
    turns_red=("FWD-SPOOF-01", "FWD-SPOOF-02[whoami]"),
    warns=True,
    other_roots=("FWD-SPOOF-02",),
)
def entitlements_of_the_client(world: World) -> None:
    """The middleware lists the usual eleven headers, so that a client's own entitlements pass."""
    _settings(world)["authResponseHeaders"] = _USUAL


def _by_its_own(estate: Table) -> None:
    estate["traefik"]["middleware"] = f"authentik/{EMBEDDED_OBJECTS}"


@fault(
    "entitlements-past-authentiks-own-middleware",
    known_from="goauthentik/authentik, authentik/providers/proxy/controllers/k8s/traefik_3.py",
    turns_red=("FWD-SPOOF-01", "FWD-SPOOF-02[whoami]"),
    warns=True,
    other_roots=("FWD-SPOOF-02",),
    describe=_by_its_own,
)
def entitlements_past_authentiks_own_middleware(world: World) -> None:
    """The gate is the Middleware that Authentik makes, which lists eleven headers, and keeps no other that is added."""
    put_embedded_objects(world)
    for route in world.cluster.list("ingressroutes"):
        for named in (each for rule in route["spec"]["routes"] for each in rule.get("middlewares", ())):
            if named["name"] == _NAME:
                named |= {"name": EMBEDDED_OBJECTS, "namespace": "authentik"}


@fault(
    "identity-headers-trusted-to-somebody-else",
    known_from="a headers middleware that empties what clients must not send, for one application",
    turns_red=("FWD-SPOOF-01",),
)
def identity_headers_trusted_to_somebody_else(world: World) -> None:
    """The gate's middleware forgets X-authentik-email; on whoami's route another one empties it, on the others none."""
    settings = _settings(world)
    settings["authResponseHeaders"] = [header for header in IDENTITY_HEADERS if not header.endswith("email")]
    emptied = {"headers": {"customRequestHeaders": {"X-authentik-email": ""}}}
    put_object(world, TRAEFIK, "Middleware", "no-identity", MIDDLEWARE_NAMESPACE, spec=emptied)
    rule = world.cluster.get("ingressroutes", "whoami", "whoami")["spec"]["routes"][0]
    rule["middlewares"].append({"name": "no-identity", "namespace": MIDDLEWARE_NAMESPACE})
