"""The ways to a gated application: its routes, and what goes past them (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import RouteRef
from fixtures.exchange.services import Endpoints, Services
from fixtures.exchange.workloads import Pod
from fixtures.model.kinds import ROUTE_LEFT_OUT, declared_route, ungated
from fixtures.model.remedy import Remedy, change, read
from fixtures.model.signals import NotDescribed, NotVerified
from fixtures.topics.routes.bypasses import (
    backends_of,
    ways_past,
    ways_to_gate,
)
from fixtures.topics.routes.closing import close_or_declare, put_gate_into
from fixtures.topics.routes.inventory import hosts_without_gate
from fixtures.topics.routes.loaded_rules import Declared, Loaded, loading_complaints
from fixtures.topics.routes.middleware_rules import Middlewares, gate_middleware
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rules import Route
from fixtures.topics.routes.tunnels import Tunnelled
from fixtures.topics.routes.unserved import restore


@check(
    "FWD-ROUTE-01",
    trouble="A route leads past the gate",
    claim="every route to the protected host (IngressRoute, Ingress, HTTPRoute; HostRegexp and paths too) carries the "
    "forward-auth middleware, chains and entry points resolved",
    runbook="H4",
    blind="routes that no object of the cluster declares (FWD-ROUTE-06), other ingress controllers, and what nginx's "
    "own ConfigMap leaves open (no-auth-locations)",
    needs=("cluster",),
)
def test_every_route_is_gated(
    routes: tuple[Route, ...], middlewares: Middlewares, proxy: Proxy, gate: ForwardAuthApplication, estate: Estate
) -> None:
    """A second route with a longer rule opens a path without a trace in anything that looks at the first."""
    wanted = gate.route
    ways = ways_to_gate(gate, routes, proxy)
    own = any(route.is_of(wanted) for route in ways.open)  # Then FWD-GATE-01 sees the application itself.
    past = "; ".join(f"{route}{' by TCP' if route.is_tcp else ''}" for route in ways.open)
    missing = f"the middleware {gate.middleware}" if gate.middleware else "any gate of Authentik's"
    assert not ways.open, because(
        f"requests get past the gate by {past}: without {missing}, and no other route comes before it",
        remedy=put_gate_into(ways.open[0], gate, middlewares, partly=ways.open[0] in ways.partly),
        kind=ungated(gate.name, wanted) if own else None,
    )
    unserved = [each for each in ways.unserved if each.route.is_of(wanted) or not ways.leading]
    assert not unserved, because(
        f"the proxy does not serve {'; '.join(f'{each.route}: {each.why}' for each in unserved)}, and whoever asks "
        f"for {gate.host} gets a 404",
        remedy=restore(unserved[0], middlewares, estate),
        kind=ROUTE_LEFT_OUT,
    )
    if ways.unreadable:
        raise NotVerified(
            f"whether every route to {gate.host} passes the gate cannot be told: {'; '.join(ways.unreadable)}",
            "FWD-GATE-01 asks what an anonymous visitor meets; to have the route judged, write its rule in a form that "
            "the suite reads (Host, HostRegexp, Path, PathPrefix, PathRegexp, && || !), and put its gate there as "
            "a Middleware, ExternalAuth, a SecurityPolicy or nginx's auth-url",
        )
    assert wanted is None or any(route.is_of(wanted) for route in ways.leading), because(
        f"{wanted.kind} {wanted.name} in namespace {wanted.namespace} does not lead {gate.host} anywhere: it does not "
        "exist, or has no rule for that host",
        remedy=_restore(wanted, gate),
        kind=declared_route(gate.name) if ways.leading else ROUTE_LEFT_OUT,
    )
    if not ways.leading:
        raise _leads_nowhere(gate)


def _restore(wanted: RouteRef, gate: ForwardAuthApplication) -> Remedy:
    told = f"restore it, or correct route of {gate.name} in the estate file"
    return Remedy(told, read("kubectl -n {} get {}", wanted.namespace, wanted.kind))


def _leads_nowhere(gate: ForwardAuthApplication) -> NotDescribed:
    return NotDescribed(
        f"no object of the cluster leads {gate.host} anywhere, so that its way cannot be judged",
        f'add to [[forward_auth]] {gate.name}: route = "namespace/ingressroute/name"',
        key="forward_auth.route",
        of=gate.name,
    )


@check(
    "FWD-ROUTE-03",
    trouble="Another way to the application has no gate",
    claim="no other way leads to the same backend (second host, TCP route, LoadBalancer, NodePort, a tailnet, a "
    "TunnelBinding, ports of nodes) unless the file says so",
    runbook="H4",
    blind="neighbours in the cluster, who reach every pod that no NetworkPolicy guards; tunnels that name Services "
    "elsewhere than in a TunnelBinding or a tailnet's Ingress; gates of other controllers' routes; Traefik's dashboard "
    "by its own port (api.insecure)",
    needs=("cluster",),
)
def test_no_way_past_the_gate(
    routes: tuple[Route, ...],
    proxy: Proxy,
    services: Services,
    service_endpoints: Endpoints,
    pod_objects: tuple[Pod, ...],
    tunnels: tuple[Tunnelled, ...],
    gate: ForwardAuthApplication,
    estate: Estate,
) -> None:
    """A LoadBalancer made for a quick look years ago still answers everybody on the LAN."""
    own = backends_of(gate, ways_to_gate(gate, routes, proxy))
    missing = ", ".join(str(each) for each in own if each.namespace and each not in services)
    assert not missing, because(
        f"there is no Service {missing}, which the estate file or a route names as what is behind {gate.host}",
        remedy=Remedy(
            f"correct backend of {gate.name} in the estate file, or the route", read("kubectl get services -A")
        ),
    )
    declared = hosts_without_gate(estate)
    ways = ways_past(gate, own, routes, proxy, services, service_endpoints, pod_objects, tunnels, declared)
    others = [way for way in ways if str(way.ref) not in gate.allowed_ways]
    found = [way for way in others if not way.problem]
    if others and not found:
        raise NotVerified(
            f"whether {gate.name} is reached without the gate cannot be told: "
            + "; ".join(f"{way.ref}: {way.problem}" for way in others),
            "look at what it leads to: say where Traefik is, or put the gate on it as a Middleware; if it is meant, "
            f'add to [[forward_auth]] {gate.name}: other_ways = [{{ ref = "{others[0].ref}", reason = "…" }}]',
        )
    assert not found, because(
        f"{gate.name} is reached without the gate: " + "; ".join(f"{way.ref} {way.how}" for way in found),
        remedy=close_or_declare(found[0], gate),
    )


@check(
    "FWD-ROUTE-06",
    trouble="The proxy has not loaded what the cluster declares",
    claim="the proxy has loaded what the cluster declares (its API, where the estate gives the address)",
    runbook="H4",
    blind="other replicas of the proxy: its Service leads to one of them",
    requires=("FWD-ROUTE-01", "FWD-ROUTE-02"),
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
)
def test_proxy_has_loaded_the_routes(
    loaded_configuration: Loaded,
    routes: tuple[Route, ...],
    middlewares: Middlewares,
    proxy: Proxy,
    gate: ForwardAuthApplication,
) -> None:
    """ArgoCD calls an IngressRoute healthy whatever Traefik thinks of it, which keeps what it could not replace."""
    middleware = gate_middleware(gate, middlewares)
    leading = ways_to_gate(gate, routes, proxy).leading
    asked, meant = Requests(gate.host, gate.whole_paths), gate.allowed_ways
    declared = Declared(asked, leading, middleware.full_name, middleware.settings, routes, meant)
    unlike = loading_complaints(declared, loaded_configuration, proxy)
    ref = loaded_configuration.traefik.workload_ref
    proxy_itself = (ref.namespace, f"{ref.kind}/{ref.name}")
    assert not unlike, because(
        f"Traefik has loaded something else than the cluster declares: {'; '.join(unlike)}",
        remedy=Remedy(
            "its log says why it does not load them; start it anew, unless it may not list them any more: without "
            "that right, which its ClusterRole has to give it again first, it would come back with no route at all",
            read("kubectl -n {} logs {} --tail=100", *proxy_itself),
            change(
                "kubectl auth can-i list ingressroutes.{} -A --as=system:serviceaccount:{}:$("
                "kubectl -n {} get {} -o 'jsonpath={{.spec.template.spec.serviceAccountName}}'"
                ") && kubectl -n {} rollout restart {}",
                middleware.kind.partition(".")[2],
                ref.namespace,
                *proxy_itself,
                *proxy_itself,
            ),
        ),
    )
