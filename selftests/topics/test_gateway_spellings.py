"""Routes of the Gateway API, and Services with middlewares of their own, as other estates have them."""

import pytest

from fixtures.estate.names import WayRef
from fixtures.topics.routes.bypasses import other_routes
from fixtures.topics.routes.gateway_routes import Above, of_gateway_route
from fixtures.topics.routes.gateways import Gateway
from fixtures.topics.routes.policies import Policy
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.traefik_services import with_members
from selftests.support.spelled import BACKEND, EXTERNAL, HOST, ingress_route, proxy, under, verdict

GATE = {"type": "ExtensionRef", "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "auth"}}
UI, OTHER = {"name": BACKEND.name, "port": 80}, {"name": "other", "port": 80}
BEHIND, OTHER_BEHIND = UI | {"filters": [GATE]}, OTHER | {"filters": [GATE]}
AUTH = [{"name": "auth", "namespace": "traefik-system"}]
PERMITTED = {"type": "ResolvedRefs", "status": "True"}
TLS_ROUTES = {"allowedRoutes": {"kinds": [{"kind": "TLSRoute"}]}}
REFUSED = PERMITTED | {"status": "False", "reason": "RefNotPermitted", "message": "no ReferenceGrant"}


def route(*rules, hosts=(HOST,), parents=({"name": "public"},), above=None, kind="HTTPRoute", conditions=()):
    spec = {"parentRefs": list(parents), "rules": list(rules)} | ({"hostnames": list(hosts)} if hosts else {})
    about = {"namespace": "longhorn-system", "name": "longhorn"}
    status = {"parents": [{"conditions": [each]} for each in conditions]}
    return list(of_gateway_route({"metadata": about, "spec": spec, "status": status}, kind, above or Above()))


def rule(*backends, gate=False, **match):
    return {"filters": [GATE] if gate else [], "backendRefs": list(backends or [UI])} | (
        {"matches": [match]} if match else {}
    )


def of_the_day(day, *, gate, name="longhorn", **match):
    """A route of an object of that day (none: it does not say)."""
    about = {"namespace": "longhorn-system", "name": name}
    about |= {"creationTimestamp": f"2026-11-{day}T12:00:00Z"} if day else {}
    spec = {"parentRefs": [{"name": "public"}], "hostnames": [HOST], "rules": [rule(gate=gate, **match)]}
    return list(of_gateway_route({"metadata": about, "spec": spec}))


LONGER = {"path": {"type": "PathPrefix", "value": "/api"}}


@pytest.mark.parametrize(
    ("routes", "is_it"),
    [
        ([*of_the_day(20, gate=True), *of_the_day(21, gate=False)], "not told"),
        ([*of_the_day(21, gate=True), *of_the_day(20, gate=False)], "open"),
        ([*of_the_day(20, gate=True, name="a"), *of_the_day(20, gate=False, name="b")], "not told"),
        ([*of_the_day(20, gate=True, name="b"), *of_the_day(20, gate=False, name="a")], "open"),
        ([*of_the_day(None, gate=True), *of_the_day(21, gate=False)], "open"),
        ([*of_the_day(20, gate=True), *of_the_day(21, gate=False, **LONGER)], "open"),
    ],
)
def test_of_two_routes_that_match_the_same_the_older_one_may_take_all(routes, is_it):
    """The Gateway API wants it (HTTPRouteRule.matches), and Traefik's provider does not ask for their age."""
    assert verdict(routes) == is_it


def header(value):
    return {"name": "a", "value": value}


def attached(listener, namespace="infra", hosts=()):
    """A route without a gate, attached to a Gateway with that listener."""
    told = {"metadata": {"namespace": namespace, "name": "public"}, "spec": {"listeners": [{"name": "a"} | listener]}}
    gateway = Gateway.read(told)
    return route(
        rule(), hosts=hosts, parents=({"name": "public", "namespace": namespace},), above=Above({gateway.ref: gateway})
    )


def allowing(**namespaces):
    return {"hostname": HOST, "allowedRoutes": {"namespaces": namespaces}}


def chosen(**labels):
    return allowing(**{"from": "Selector", "selector": {"matchLabels": labels}})


def in_a_set(above):
    return route(rule(), parents=({"name": "team", "kind": "ListenerSet"},), above=above)


def by_services(*services, **more):
    return ingress_route(f"Host(`{HOST}`)", services=list(services), **more)


@pytest.mark.parametrize(
    ("routes", "is_it"),
    [
        # A filter of a backend is a gate before that one alone.
        (route(rule(gate=True)), "gated"),
        (route(rule(BEHIND, OTHER_BEHIND)), "gated"),
        (route(rule(BEHIND, OTHER)), "open"),
        (route(rule(BEHIND, OTHER | {"weight": 0})), "gated"),
        (route(rule(UI, OTHER_BEHIND | {"weight": 0})), "open"),
        (route(rule(UI | {"filters": [EXTERNAL]})), "not told"),
        # So is a Middleware of a Service (Traefik 3.7).
        (by_services(UI | {"middlewares": AUTH}), "gated"),
        (by_services(UI | {"middlewares": AUTH}, OTHER), "open"),
        (by_services(UI | {"middlewares": AUTH}, OTHER | {"middlewares": AUTH}), "gated"),
        (by_services(UI | {"middlewares": [{"name": "gone"}]}), "left out"),
        # Which listeners take a route.
        (attached({"hostname": HOST}), "nothing"),
        (attached({"hostname": HOST}, hosts=(HOST,)), "nothing"),
        (attached({"hostname": HOST}, "longhorn-system"), "open"),
        (attached({"hostname": "grafana.frank.derio.net"}, "longhorn-system", hosts=("*.frank.derio.net",)), "nothing"),
        (attached(allowing(**{"from": "All"})), "open"),
        (attached(chosen(**{"kubernetes.io/metadata.name": "longhorn-system"})), "open"),
        (attached(chosen(**{"kubernetes.io/metadata.name": "other"})), "nothing"),
        (attached(chosen(team="storage")), "not told"),
        (attached({"hostname": HOST} | TLS_ROUTES, "longhorn-system"), "nothing"),
        (attached({"hostname": HOST, "protocol": "TLS"}, "longhorn-system"), "nothing"),
        (attached({"hostname": HOST, "protocol": "HTTPS"}, "longhorn-system"), "open"),
        # What stands above a ListenerSet is not read.
        (in_a_set(Above()), "open"),
        (in_a_set(under()), "gated"),
        (in_a_set(under(targetRefs=[{"kind": "Gateway", "name": "public"}])), "not told"),
        (in_a_set(under(targetRefs=[{"kind": "Gateway", "name": "team"}])), "not told"),
        (in_a_set(under(targetRefs=[{"kind": "HTTPRoute", "name": "another"}])), "open"),
        # A Service of another namespace wants a ReferenceGrant: the controllers say whether it is there.
        (route(rule(UI | {"namespace": "apps"})), "open"),
        (route(rule(UI | {"namespace": "apps"}), conditions=[PERMITTED]), "open"),
        (route(rule(UI | {"namespace": "apps"}), conditions=[REFUSED]), "not told"),
        (route(rule(UI | {"namespace": "apps"}), conditions=[REFUSED, PERMITTED]), "open"),
        (route(rule(), conditions=[REFUSED]), "open"),
        # Of the same matches the first takes all.
        (route(rule(gate=True), rule()), "gated"),
        (route(rule(), rule(gate=True)), "open"),
        (route(rule(gate=True, method="GET"), rule()), "open"),
        (route(rule(gate=True, headers=[header("b")]), rule(headers=[header("c")])), "open"),
        (route(rule(gate=True, headers=[header("b")]), rule(headers=[header("b")])), "gated"),
        (route(rule(gate=True, method="GET"), rule(gate=True)), "gated"),
        (route(rule(gate=True), kind="GRPCRoute"), "gated"),
        (route(rule(method={"service": "a"}), kind="GRPCRoute"), "open"),
    ],
)  # fmt: skip
def test_a_route_in_another_spelling(routes, is_it):
    assert verdict(routes) == is_it


def past(routes):
    return [str(way.ref) for way in other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset())]


def test_a_copy_of_each_request_reaches_the_application_as_well():
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": UI}}
    elsewhere = {"backendRefs": [OTHER]}
    assert past(route(elsewhere, hosts=["open.example.org"])) == []
    assert past(route(elsewhere | {"filters": [mirror]}, hosts=["open.example.org"])) == [
        str(WayRef("longhorn-system", "httproute", "longhorn"))
    ]
    assert past(route(elsewhere | {"filters": [mirror, GATE]}, hosts=["open.example.org"])) == []


def test_a_way_is_gated_where_the_gate_stands_before_that_service():
    another = ingress_route("Host(`open.example.org`)", services=[UI | {"middlewares": AUTH}, OTHER])
    assert past(another) == []
    assert past(ingress_route("Host(`open.example.org`)", services=[UI, OTHER | {"middlewares": AUTH}])) != []


def test_middlewares_of_a_traefik_service_are_its_members():
    several = {"name": "several", "kind": "TraefikService"}
    for own, members, is_it in ((AUTH, [], "open"), ([], AUTH, "gated")):
        routes = by_services(several | {"middlewares": own})
        listed = {"weighted": {"services": [UI | {"middlewares": members}]}}
        about = {"namespace": "longhorn-system", "name": "several"}
        assert verdict(list(with_members(routes, [{"metadata": about, "spec": listed}]))) == is_it


def test_a_policy_for_routes_alone_is_above_none():
    def above(**spec):
        return Policy.read({"metadata": {"namespace": "a", "name": "b"}, "spec": spec}).is_above_routes

    assert not above(targetRefs=[{"kind": "HTTPRoute", "name": "x"}])
    assert above(targetRefs=[{"kind": "HTTPRoute", "name": "x"}, {"kind": "Gateway", "name": "x"}])
    assert above(targetSelectors=[{"kind": "ListenerSet", "matchLabels": {"a": "b"}}])
