"""Nobody tells an application who he is but the gate (runbook H4)."""

from typing import Final

from fixtures.engine.checks import because, check
from fixtures.estate.authentik import Traefik
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.model.remedy import Remedy, editing, read
from fixtures.model.signals import NotApplicable, NotVerified, Signal
from fixtures.topics.gate.questions import Echo
from fixtures.topics.gate.rules import its_route
from fixtures.topics.gate.spoofing import BESIDES, IDENTITY, arrived, in_a_copy
from fixtures.topics.routes.look_alikes import advice, exposed
from fixtures.topics.routes.middleware_rules import Middlewares, gate_middleware
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rules import Route

_BY_TRAEFIK: Final = (
    "on a route of Traefik's by a Middleware with headers.customRequestHeaders, each with an empty value"
)
# nginx overwrites what auth-response-headers lists even where the outpost says nothing (proxy_set_header with an empty
# value is not sent on); Envoy only what the outpost says (ext_authz, AuthorizationResponse.allowed_upstream_headers),
# and a filter of the route's own would take out the outpost's word as well.
_BY_OTHERS: Final = (
    "nginx does for what auth-response-headers lists; Envoy Gateway by a ClientTrafficPolicy, under "
    "headers.earlyRequestHeaders.remove, for headersToBackend overwrites only what the outpost says"
)


@check(
    "FWD-SPOOF-02",
    trouble="Forged identity headers reach the application",
    claim="a client's own X-authentik-* headers do not reach an application that echoes (username, groups, email, uid, "
    "name and jwt are errors, the others that the outpost emits are warnings)",
    runbook="H4",
    blind="requests after a login, other spellings (FWD-SPOOF-03), and headers of the outpost's own invention "
    "(additionalHeaders)",
    optional=("middlewares",),
    leaves="session",
)
def test_forged_identity(
    echoed_identity: Echo, middlewares: Middlewares | Signal, gate: ForwardAuthApplication, estate: Estate
) -> None:
    """The application believes these headers; where they are not overwritten, anybody is anybody."""
    echo, mark = echoed_identity.answer.text, echoed_identity.mark
    forged, besides = arrived(echo, mark, IDENTITY), arrived(echo, mark, BESIDES)
    remedy = _overwrite(estate, gate, {} if isinstance(middlewares, Signal) else middlewares, (*forged, *besides))
    assert not forged, because(f"{gate.name} receives a client's own {', '.join(forged)}", remedy=remedy)
    assert not besides, because(
        f"{gate.name} receives a client's own {', '.join(besides)}", remedy=remedy, severity="warning"
    )


def _overwrite(estate: Estate, gate: ForwardAuthApplication, known: Middlewares, headers: tuple[str, ...]) -> Remedy:
    listed = ", ".join(headers)
    if gate.mode == "proxy" or gate.middleware is None:
        where = _BY_OTHERS if gate.gated_otherwise else _BY_TRAEFIK
        return Remedy(
            f"take them out before the gate is asked, which says nothing on paths that it leaves open: {listed} "
            f"({where}); or close the unauthenticated paths of the provider of {gate.slug!r}",
            its_route(estate, gate),
        )
    asking = gate_middleware(gate, known)
    holder = asking.holder
    besides = (
        f"if they stand there, look for a route to {gate.host} without the gate, and whether the proxy clears what is "
        "listed"
    )
    if asking.by_authentik:
        return Remedy(f"{in_a_copy(headers)}; {besides}", its_route(estate, gate), asking.shown_by)
    return Remedy(
        f"add to authResponseHeaders of the forward-auth middleware {listed}; {besides}",
        its_route(estate, gate),
        *editing(holder.namespace, asking.kind, holder.name),
    )


@check(
    "FWD-SPOOF-03",
    trouble="Look-alike identity headers reach the application",
    claim="the entry points of gated routes drop headers that look like the gate's (X_authentik_username)",
    runbook="H4",
    blind="which applications take such headers for the gate's (PHP, WSGI, CGI do), and gates that are no Middleware",
    needs=("cluster",),
)
def test_look_alike_headers(routes: tuple[Route, ...], proxy: Proxy, estate: Estate) -> None:
    """forwardAuth overwrites X-authentik-username, and passes on a client's X_authentik_username beside it."""
    gated = [route for route in routes if proxy.is_gated_by_middleware(route)]
    by_middleware = [gate for gate in estate.gated if not gate.gated_otherwise]
    if not gated and not (by_middleware and proxy.unknown):
        raise NotApplicable("no route has a Middleware of Traefik's for its gate")
    ref = (estate.traefik or Traefik()).workload_ref
    shown = read("kubectl -n {} get {} {} -o yaml", ref.namespace, ref.kind, ref.name)
    if proxy.unknown:
        raise NotVerified(
            f"whether look-alikes of the gate's headers are dropped cannot be told: {proxy.unknown}",
            Remedy("say where Traefik is, or let the suite read its options", shown),
            need="cluster",
        )
    open_to = exposed(gated, proxy)
    examples = "; ".join(f"{name} lets in {example}" for name, example in open_to.items())
    assert not open_to, because(
        f"a client's headers that look like the gate's reach the applications (CVE-2026-88011): the entry point "
        f"{examples}, which an application in PHP, WSGI or CGI takes for X-authentik-username",
        remedy=Remedy(advice(open_to, proxy.version), shown),
        severity="warning",
    )
