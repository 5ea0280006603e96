"""Routes of other controllers, Services of Traefik's own, and outposts elsewhere or that lead requests themselves."""

import pytest

from fixtures.estate.names import WayRef
from fixtures.model.signals import Broken, NotApplicable
from fixtures.topics.routes.bypasses import other_routes, ways_to_gate
from fixtures.topics.routes.closing import put_gate_into
from fixtures.topics.routes.foreign import may_gate, of_foreign
from fixtures.topics.routes.middleware_rules import gate_middleware
from fixtures.topics.routes.outpost_services import services_of_hosts
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.traefik_services import with_members
from selftests.support.spelled import BACKEND, GATE, HOST, KNOWN, SERVER, http_route, ingress_route, proxy, verdict

MAIN = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")
WILD = "*.frank.derio.net"

PROXY_MODE = GATE.model_copy(update={"mode": "proxy", "middleware": None})
TO_OUTPOST = {"services": [{"name": SERVER.name, "namespace": SERVER.namespace, "port": 80}]}


@pytest.mark.parametrize(
    ("routes", "open_and_leading"),
    [
        (ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST), (0, 1)),
        (ingress_route(f"Host(`{HOST}`) && PathPrefix(`/outpost.goauthentik.io/`)", **TO_OUTPOST), (0, 0)),
        (ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST) + ingress_route(f"Host(`{HOST}`) && Path(`/x`)"), (1, 2)),
        (ingress_route(f"Host(`{HOST}`)"), (1, 1)),
    ],
)
def test_an_outpost_that_leads_requests_itself_is_the_gate(routes, open_and_leading):
    ways = ways_to_gate(PROXY_MODE, routes, proxy())
    assert (len(ways.open), len(ways.leading)) == open_and_leading
    assert all("lead it to the outpost's own Service" in put_gate_into(each, PROXY_MODE, {}) for each in ways.open)
    with pytest.raises(NotApplicable, match="no Middleware asks it"):
        gate_middleware(PROXY_MODE, KNOWN)
    # To another mode such a route is no way to the application.
    assert ways_to_gate(GATE, ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST), proxy()).leading == ()


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("Host(`auth.frank.derio.net`)", 1),
        ("Host(`auth.frank.derio.net`) && PathPrefix(`/`)", 1),
        ("Host(`auth.frank.derio.net`) && PathPrefix(`/static`)", 0),
        ("Host(`auth.frank.derio.net`) || Host(`x.y`)", 0),
        ("HostRegexp(`.+`)", 0),
        ("Host(", 0),
    ],
)
def test_an_authentik_elsewhere_is_where_its_host_is_led(rule, found):
    assert len(services_of_hosts(frozenset({"auth.frank.derio.net"}), ingress_route(rule))) == found


ISTIO, CONTOUR = ("VirtualService", "networking.istio.io"), ("HTTPProxy", "projectcontour.io")
MAPPING = ("Mapping", "getambassador.io")


def foreign(kind, group, **spec):
    return list(of_foreign({"metadata": {"namespace": "longhorn-system", "name": "o"}, "spec": spec}, kind, group))


DESTINATION = [{"route": [{"destination": {"host": "longhorn-frontend.longhorn-system.svc.cluster.local"}}]}]
SERVICES = [{"services": [{"name": "longhorn-frontend", "port": 80}]}]


@pytest.mark.parametrize(
    ("routes", "beside_the_gate", "past_it"),
    [
        (foreign(*ISTIO, hosts=[HOST], gateways=["a/b"], http=DESTINATION), "not told", 0),
        (foreign(*ISTIO, hosts=["a.b.c"], gateways=["a/b"], http=DESTINATION), "gated", 1),
        (foreign(*ISTIO, hosts=["longhorn-frontend"], http=DESTINATION), "gated", 0),
        (foreign(*CONTOUR, virtualhost={"fqdn": HOST}, routes=SERVICES), "not told", 0),
        (foreign(*CONTOUR, routes=SERVICES), "gated", 1),
        (foreign(*MAPPING, hostname="x.example.org", service="http://longhorn-frontend:80"), "gated", 1),
        (foreign(*MAPPING, hostname="x.example.org", service="longhorn-frontend.other"), "gated", 0),
        (foreign("ApisixRoute", "apisix.apache.org", http=[{"match": {"hosts": [WILD]}}]), "not told", 0),
        (foreign("Route", "route.openshift.io", host="a.b.c", to={"name": BACKEND.name}), "gated", 1),
    ],
)  # fmt: skip
def test_routes_of_other_controllers_are_never_judged(routes, beside_the_gate, past_it):
    assert verdict(MAIN + routes) == beside_the_gate
    found = list(other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset()))
    assert (len(found), all("does not read a" in way.problem for way in found)) == (past_it, True)


def test_what_such_objects_hold_does_no_harm():
    assert not foreign(*ISTIO, gateways=["mesh"], hosts=["a.b"])
    assert foreign(*ISTIO, gateways=7, hosts=["a.b"])
    (route,) = foreign(*ISTIO, gateways=[{"a": 1}], http="a" * 100_000, hosts=[None, 7, ["deep.example.org"]])
    assert "deep" in route.rule
    with pytest.raises(Broken, match="VirtualService o in namespace longhorn-system has a form"):
        list(
            of_foreign({"metadata": {"namespace": "longhorn-system", "name": "o"}, "spec": [1]}, "VirtualService", "x")
        )


def test_a_way_of_another_controller_can_be_declared():
    assert WayRef.parse("longhorn-system/httpproxy.projectcontour.io/o") == foreign(*CONTOUR)[0].ref
    with pytest.raises(ValueError, match="the kind in the middle"):
        WayRef.parse("longhorn-system/httpproxy/o")


SELF = {"name": "s", "kind": "TraefikService"}


def traefik_service(name, **spec):
    return {"metadata": {"namespace": "longhorn-system", "name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("listed", "leads"),
    [
        ([traefik_service("s", weighted={"services": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", highestRandomWeight={"services": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", mirroring={"name": "x", "mirrors": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", mirroring={"name": BACKEND.name})], True),
        ([traefik_service("s", failover={"service": {"name": "x"}, "fallback": {"name": BACKEND.name}})], True),
        ([traefik_service("s", weighted={"services": [{"name": "t", "kind": "TraefikService"}]}),
          traefik_service("t", weighted={"services": [{"name": BACKEND.name}, SELF]})], True),
        ([traefik_service("s", weighted={"services": [{"name": BACKEND.name, "namespace": "other"}]})], False),
        ([], False),
    ],
)  # fmt: skip
def test_a_traefik_service_leads_where_its_members_do(listed, leads):
    second = ingress_route("Host(`second.frank.derio.net`)", kind="TraefikService", service="s")
    routes = list(with_members(second, listed))
    assert bool(list(other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset()))) is leads


WITHOUT = {"name": BACKEND.name, "port": 80, "weight": 0}
OTHER = {"name": "other", "port": 80}


def weighted(*members):
    about = {
        "metadata": {"namespace": "longhorn-system", "name": "canary"},
        "spec": {"weighted": {"services": members}},
    }
    return list(with_members(ingress_route("Host(`canary.x`)", service="canary", kind="TraefikService"), [about]))


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        (ingress_route("Host(`canary.x`)", services=[WITHOUT, OTHER]), 0),
        (ingress_route("Host(`canary.x`)", services=[WITHOUT | {"weight": 1}, OTHER]), 1),
        # What is alone is led to, whatever its weight.
        (ingress_route("Host(`canary.x`)", services=[WITHOUT]), 1),
        (weighted(WITHOUT, OTHER), 0),
        (weighted(OTHER, WITHOUT | {"weight": 3}), 1),
        (http_route(hosts=("canary.x",), backends=[WITHOUT, OTHER]), 0),
        (http_route(hosts=("canary.x",), backends=[WITHOUT]), 0),
        (http_route(hosts=("canary.x",)), 1),
    ],
)
def test_a_service_of_weight_zero_gets_no_requests(routes, found):
    ways = other_routes(Requests(HOST), MAIN + routes, frozenset({BACKEND}), proxy(), frozenset())
    assert len(list(ways)) == found


@pytest.mark.parametrize(
    ("kind", "spec", "may"),
    [
        ("AuthorizationPolicy", {"action": "CUSTOM", "provider": {"name": "authentik"}}, True),
        ("AuthorizationPolicy", {"action": "ALLOW"}, False),
        ("AuthorizationPolicy", {"action": "DENY"}, False),
        ("AuthorizationPolicy", {}, False),
        ("TrafficPolicy", {}, True),
        ("AuthPolicy", {}, True),
    ],
)
def test_policies_that_may_put_a_gate_before_a_route(kind, spec, may):
    assert may_gate({"metadata": {"namespace": "a", "name": "b"}, "spec": spec}, kind) is may
