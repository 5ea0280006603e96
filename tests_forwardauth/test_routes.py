"""The ways to a gated application: its routes, and what goes past them (runbook H4)."""

from fixtures.engine.checks import because, check


@check(
    "FWD-ROUTE-01",
    claim="every route to the protected host (IngressRoute, Ingress, HTTPRoute; HostRegexp and paths too) carries the "
    "forward-auth middleware, chains and entry points resolved",
    runbook="H4",
    blind="routes that no object of the cluster declares (FWD-ROUTE-06), and other ingress controllers",
)
def test_every_route_is_gated(gated_route):
    """A second route with a longer rule opens a path without a trace in anything that looks at the first."""
    assert gated_route


@check(
    "FWD-ROUTE-03",
    claim="no other way leads to the same backend (second host, TCP route, LoadBalancer, NodePort) unless the file "
    "says so",
    runbook="H4",
    blind="neighbours in the cluster, who reach every pod that no NetworkPolicy guards; host ports; weighted services",
)
def test_no_way_past_the_gate(other_ways, gate):
    """A LoadBalancer made for a quick look years ago still answers everybody on the LAN."""
    allowed = {str(way.ref) for way in gate.other_ways}
    found = [way for way in other_ways if str(way.ref) not in allowed]
    ref = found[0].ref if found else gate.backend
    assert not found, because(
        f"{gate.name} is reached without the gate: " + "; ".join(f"{way.ref} {way.how}" for way in found),
        remedy=f"kubectl -n {ref.namespace} edit {ref.kind} {ref.name}: put the gate into a route, make a Service a "
        f"ClusterIP; or, if it is meant, add to [[forward_auth]] {gate.name}: "
        f'other_ways = [{{ ref = "{ref}", reason = "…" }}]',
    )


@check(
    "FWD-ROUTE-06",
    claim="the proxy has loaded what the cluster declares (its API, where the estate gives the address)",
    runbook="H4",
    blind="other replicas of the proxy: its Service leads to one of them",
)
def test_proxy_has_loaded_the_routes(unlike_loaded, gate, estate):
    """ArgoCD calls an IngressRoute healthy whatever Traefik thinks of it, which keeps what it could not replace."""
    traefik = estate.traefik
    assert not unlike_loaded, because(
        f"Traefik has loaded something else than the cluster declares: {'; '.join(unlike_loaded)}",
        remedy=f"kubectl -n {traefik.namespace} logs deploy/{traefik.workload} --tail=100 | grep -iE "
        f"'error|forbidden'; curl -s '{traefik.api_url}/api/http/routers?search={gate.host}'; then "
        f"kubectl -n {traefik.namespace} rollout restart deploy/{traefik.workload}",
    )
