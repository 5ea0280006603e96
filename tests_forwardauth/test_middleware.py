"""The forward-auth middleware: whom it asks, and what it tells the application (runbook H4, D9)."""

from collections.abc import Iterable

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import patching
from fixtures.exchange.services import Endpoints, Service, Services
from fixtures.model.kinds import at_the_gate, no_forward_auth, nothing_behind
from fixtures.model.remedy import Remedy, editing, read
from fixtures.model.signals import NotVerified
from fixtures.topics.expressions.go import NoExpression
from fixtures.topics.gate.spoofing import BESIDES, IDENTITY, in_a_copy
from fixtures.topics.routes.addresses import address_complaint, asked_service, down_at, or_another_outpost
from fixtures.topics.routes.bypasses import gates_before
from fixtures.topics.routes.middleware_rules import (
    AUTH_PATHS,
    ForwardAuth,
    GateMiddleware,
    Middlewares,
    gate_middleware,
    not_overwritten,
)
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rules import Route
from fixtures.topics.services.rules import nobody_behind, outpost_ref

# Where a Middleware says whom it asks; what a patch changes is compared with it first.
ADDRESS = "/spec/forwardAuth/address"


@check(
    "FWD-ROUTE-02",
    trouble="The forward-auth middleware does not ask the outpost",
    claim="the middleware exists, its address resolves to the outpost's Service, and that Service has endpoints",
    runbook="D9",
    blind="NetworkPolicies and DNS between the proxy and the outpost (FWD-GATE-06 asks through the proxy)",
    requires=("direct_ready",),
    needs=("cluster",),
)
def test_middleware_asks_the_outpost(
    middlewares: Middlewares,
    services: Services,
    service_endpoints: Endpoints,
    gate: ForwardAuthApplication,
    estate: Estate,
) -> None:
    """Traefik answers 500 for every gated host when the address leads nowhere, and 404 when the object is missing."""
    middleware = gate_middleware(gate, middlewares)
    ref, settings = middleware.ref, middleware.settings
    assert middleware.exists, because(
        f"there is no Middleware {ref.name} in namespace {ref.namespace}: Traefik answers 404 on every route that "
        "names it",
        remedy=Remedy(
            "restore it, or correct traefik.middleware in the estate file",
            read("kubectl -n {} get {}", ref.namespace, middleware.kind),
        ),
        kind=at_the_gate("no route"),
    )
    assert settings is not None, because(
        f"the Middleware {ref} asks nobody: it has no forwardAuth, nor has any other in its chain",
        remedy=Remedy("a middleware for the gate has spec.forwardAuth and nothing else", middleware.shown_by),
        kind=no_forward_auth(ref),
    )
    down = down_at(settings.address, estate, services, service_endpoints)
    assert down is None, because(
        f"the Middleware {ref} asks {settings.address!r}: {down.why}",
        remedy=nobody_behind(down.service),
        kind=nothing_behind(down.service),
    )
    complaint = address_complaint(estate, settings.address, services, service_endpoints, gate)
    assert not complaint, because(
        f"the Middleware {ref} asks {settings.address!r}: {complaint}",
        remedy=_right_address(middleware, estate, services, gate, asked_service(gate, estate, middlewares, services)),
        kind=at_the_gate("gate down"),
    )


def _right_address(
    middleware: GateMiddleware,
    estate: Estate,
    services: Services,
    gate: ForwardAuthApplication,
    asked: Service | None,
) -> Remedy:
    wanted, holder, settings = outpost_ref(estate, gate), middleware.holder, middleware.settings
    service = services.get(wanted)
    port = service.http_port if service else None
    shown = middleware.shown_by, read("kubectl -n {} get services,endpointslices", wanted.namespace)
    if service is None or port is None or settings is None:
        told = f"its address must be http://<Service of the outpost>:<a port of that Service>{AUTH_PATHS[0]}"
        return Remedy(told, *shown)
    address = f"{service.url(port)}{AUTH_PATHS[0]}"
    lead = [
        {"op": "test", "path": ADDRESS, "value": settings.address},
        {"op": "replace", "path": ADDRESS, "value": address},
    ]
    told = f"its address must be that of the outpost's Service: {address}"
    if other := or_another_outpost(gate, asked, wanted):
        # Which of the two is right nobody here knows: the change is not laid ready to be typed.
        return Remedy(f"{told}{other}", *shown, *editing(holder.namespace, middleware.kind, holder.name))
    return Remedy(told, *shown, patching(holder.namespace, middleware.kind, holder.name, lead))


@check(
    "FWD-SPOOF-01",
    trouble="The middleware lets forged identity headers through",
    claim="the middleware overwrites the identity headers: an error for username, groups, email, uid, name, jwt; (w) "
    "for the others the outpost emits",
    runbook="H4",
    blind="headers that look alike (X-Authentik_Username), which some applications take for the same (FWD-SPOOF-03)",
    requires=("FWD-ROUTE-02",),
    needs=("cluster",),
)
def test_identity_headers_are_overwritten(
    routes: tuple[Route, ...], proxy: Proxy, gate: ForwardAuthApplication
) -> None:
    """What is not listed is passed on as the client sent it: anybody who may log in can call himself somebody else."""
    gates = gates_before(gate, routes, proxy)
    for each in gates:
        identity = _passed_on(each, IDENTITY)
        assert not identity, because(
            f"{_through(each)} {', '.join(identity)}, by which they know their users", remedy=_list_headers(each)
        )
    for each in gates:
        details = _passed_on(each, BESIDES)
        assert not details, because(
            f"{_through(each)} {', '.join(details)}", remedy=_list_headers(each), severity="warning"
        )


def _through(middleware: GateMiddleware) -> str:
    return f"a client's own headers pass the middleware {middleware.ref} and reach the applications:"


def _passed_on(middleware: GateMiddleware, names: Iterable[str]) -> list[str]:
    settings = middleware.settings or ForwardAuth()
    try:
        return not_overwritten(settings, names)
    except NoExpression as error:
        raise NotVerified(
            f"authResponseHeadersRegex of {middleware.ref} cannot be read: {settings.auth_response_headers_regex!r} "
            f"({error})",
            "list the headers in authResponseHeaders instead",
            need="cluster",
        ) from None


def _list_headers(middleware: GateMiddleware) -> Remedy:
    lacking, settings = _passed_on(middleware, (*IDENTITY, *BESIDES)), middleware.settings or ForwardAuth()
    ref = middleware.holder
    if middleware.by_authentik:
        return Remedy(in_a_copy(lacking), middleware.shown_by)
    return Remedy(
        f"add to authResponseHeaders: {', '.join(lacking)}",
        middleware.shown_by,
        patching(
            ref.namespace,
            middleware.kind,
            ref.name,
            [
                {"op": "test", "path": ADDRESS, "value": settings.address},
                {
                    "op": "add",
                    "path": "/spec/forwardAuth/authResponseHeaders",
                    "value": [*settings.auth_response_headers, *lacking],
                },
            ],
        ),
    )
