"""Routes, middlewares and ways past the gate, judged from objects as Kubernetes and Traefik give them."""

import re
from dataclasses import replace

import pytest

from fixtures.estate.names import NamespacedName, WayRef
from fixtures.exchange.services import by_name
from fixtures.model.signals import Broken
from fixtures.topics.routes.bypasses import other_routes, ways_to_host
from fixtures.topics.routes.exposed import exposed
from fixtures.topics.routes.gateway_routes import of_gateway_route
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.proxy import Proxy, entry_points
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rules import Backend, Route, of_ingress_route
from fixtures.topics.routes.static_options import of_arguments
from selftests.support.spelled import ASKED, AUTH, BACKEND, HOST, KNOWN, SERVER

PROXY = Proxy(KNOWN, entry_points(of_arguments(["--entryPoints.websecure.http.tls=true"])), frozenset({SERVER}))


def route(rule, *names, name="longhorn", priority=None, points=("websecure",), service="longhorn-frontend", **more):
    entry = {
        "match": rule,
        "middlewares": [{"name": each, "namespace": "traefik-system"} for each in names],
        "services": [{"name": service, "port": 80}],
        **({"priority": priority} if priority else {}),
        **more,
    }
    metadata = {"namespace": "longhorn-system", "name": name}
    (made,) = of_ingress_route({"metadata": metadata, "spec": {"entryPoints": list(points), "routes": [entry]}})
    return made


def opened(*routes, proxy=PROXY):
    return [each.ref.name for each in ways_to_host(ASKED, tuple(routes), AUTH, proxy).open]


MAIN = route(f"Host(`{HOST}`)", "headers", "auth")


def test_a_gated_route_is_closed():
    assert opened(MAIN) == []
    assert ways_to_host(ASKED, [MAIN], AUTH, PROXY).leading == (MAIN,)


def test_a_gate_in_a_chain_counts():
    assert opened(route(f"Host(`{HOST}`)", "chained")) == []


def test_a_route_without_the_gate_is_open():
    assert opened(route(f"Host(`{HOST}`)", "headers")) == ["longhorn"]


def test_a_longer_rule_opens_a_path():
    assert opened(MAIN, route(f"Host(`{HOST}`) && PathPrefix(`/v1`)", name="api")) == ["api"]


def test_an_expression_for_the_domain_opens_a_path():
    rule = r"HostRegexp(`^.+\.frank\.derio\.net$`) && PathPrefix(`/status`)"
    assert opened(MAIN, route(rule, name="status")) == ["status"]


def test_what_comes_after_the_gated_route_is_never_reached():
    assert opened(MAIN, route("HostRegexp(`^.+$`)", name="catch-all", priority=1)) == []


def test_a_catch_all_that_comes_first_is_open():
    assert opened(MAIN, route("PathPrefix(`/`)", name="catch-all", priority=999)) == ["catch-all"]


def test_a_catch_all_on_another_port_is_not_about_this_host():
    assert opened(MAIN, route("PathPrefix(`/metrics`)", name="metrics", priority=999, points=("metrics",))) == []


def test_the_same_host_on_another_entry_point_is_open():
    assert opened(MAIN, route(f"Host(`{HOST}`)", name="other", points=("internal",))) == ["other"]


def test_the_entry_points_own_middlewares_count():
    points = entry_points(of_arguments(["--entrypoints.websecure.http.middlewares=traefik-system-auth@kubernetescrd"]))
    assert points["websecure"].middlewares == (AUTH,)
    assert opened(route(f"Host(`{HOST}`)"), proxy=Proxy(KNOWN, points)) == []
    assert opened(route(f"Host(`{HOST}`)", points=("websecure", "web")), proxy=Proxy(KNOWN, points)) == ["longhorn"]


def test_the_outposts_own_path_and_plain_http_need_no_gate():
    rule = f"Host(`{HOST}`) && PathPrefix(`/outpost.goauthentik.io/`)"
    outpost = route(rule, services=[{"name": "authentik-server", "namespace": "authentik", "port": 80}], name="outpost")
    redirect = route(f"Host(`{HOST}`)", "to-https", name="redirect", points=("web",))
    assert opened(MAIN, outpost, redirect) == []
    # Where everything is TLS already, the redirect lets everybody pass.
    assert opened(MAIN, route(f"Host(`{HOST}`)", "to-https", name="redirect")) == ["redirect"]


def test_traefiks_own_dashboard_is_no_application():
    dashboard = route("PathPrefix(`/`)", services=[{"name": "api@internal", "kind": "TraefikService"}], priority=999)
    assert opened(MAIN, dashboard) == []


def test_what_cannot_be_told_is_not_open_but_named():
    ways = ways_to_host(
        ASKED,
        [
            MAIN,
            route(f"Host(`{HOST}`)", "sso@file", name="file"),
        ],
        AUTH,
        PROXY,
    )
    assert ways.open == ()
    (unreadable,) = ways.unreadable
    assert "sso@file" in unreadable


def test_what_is_no_rule_is_left_out():
    ways = ways_to_host(ASKED, [MAIN, route(f"Host(`{HOST}`)\n&& Path(`/v1`)", name="broken")], AUTH, PROXY)
    assert (ways.open, ways.unreadable) == ((), ())
    assert ["broken" in str(left_out.route) for left_out in ways.unserved] == [True]


def test_an_ingress_names_its_middlewares_in_an_annotation():
    def ingress(annotations, **spec):
        paths = [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "longhorn-frontend"}}}]
        rules = [{"host": HOST, "http": {"paths": paths}}]
        metadata = {"namespace": "longhorn-system", "name": "chart", "annotations": annotations}
        return list(of_ingress({"metadata": metadata, "spec": {"rules": rules, **spec}}))

    listed = {"traefik.ingress.kubernetes.io/router.middlewares": f"x-y@kubernetescrd, {AUTH}"}
    assert opened(*ingress({})) == ["chart"]
    assert opened(*ingress(listed)) == []
    other = ways_to_host(ASKED, tuple(ingress({}, ingressClassName="nginx")), AUTH, PROXY)
    assert (other.open, len(other.unreadable)) == ((), 1)
    assert opened(*ingress({}, rules=[], defaultBackend={"service": {"name": "x"}})) == []
    wildcard = [{"host": "*.frank.derio.net", "http": {"paths": [{"backend": {"service": {"name": "x"}}}]}}]
    assert opened(*ingress({}, rules=wildcard)) == ["chart"]


@pytest.mark.parametrize(("hosts", "expected"), [([HOST], ["trial"]), (["*.derio.net"], ["trial"]), (["x.y"], [])])
def test_an_http_route_needs_the_filter(hosts, expected):
    def http_route(*filters):
        rule = {
            "matches": [{"path": {"value": "/"}}],
            "filters": list(filters),
            "backendRefs": [{"name": "x", "port": 1}],
        }
        return {
            "metadata": {"namespace": "traefik-system", "name": "trial"},
            "spec": {"hostnames": hosts, "rules": [rule]},
        }

    extension = {"type": "ExtensionRef", "extensionRef": {"group": "traefik.io", "kind": "Middleware", "name": "auth"}}
    assert opened(*of_gateway_route(http_route())) == expected
    assert opened(*of_gateway_route(http_route(extension))) == []


def test_an_ingress_with_a_priority_that_is_no_number_cannot_be_told():
    paths = [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "longhorn-frontend"}}}]
    annotations = {"traefik.ingress.kubernetes.io/router.priority": "high"}
    metadata = {"namespace": "longhorn-system", "name": "chart", "annotations": annotations}
    (read,) = of_ingress({"metadata": metadata, "spec": {"rules": [{"host": HOST, "http": {"paths": paths}}]}})
    ways = ways_to_host(ASKED, [read], AUTH, PROXY)
    assert (ways.open, ways.unreadable) == ((), (f"{read}: its priority 'high' is no number",))


@pytest.mark.parametrize(
    ("read", "spec", "said"),
    [
        (of_ingress_route, {"routes": [{"services": [{"port": 80}]}]}, "spec.routes[0].services[0].name is missing"),
        (of_ingress_route, {"entryPoints": "websecure"}, "spec.entryPoints is not a list"),
        (of_ingress, {"rules": [{"host": 1}]}, "spec.rules[0].host is not text"),
        (of_gateway_route, {"rules": [{"backendRefs": [None]}]}, "spec.rules[0].backendRefs[0] is not an object"),
    ],
)
def test_a_form_that_the_api_does_not_allow_is_named(read, spec, said):
    with pytest.raises(Broken, match=f"route in namespace apps has a form .*: {re.escape(said)}$"):
        list(read({"metadata": {"namespace": "apps", "name": "route"}, "spec": spec}))


@pytest.mark.parametrize("read", [of_ingress_route, of_ingress, of_gateway_route])
def test_what_is_null_is_absent(read):
    nothing = {"metadata": {"namespace": "apps", "name": "route", "annotations": None}, "spec": None}
    assert list(read(nothing)) == []
    assert list(read(nothing | {"spec": {"routes": None, "rules": None, "hostnames": None, "tls": None}})) == []


def service(name, namespace="longhorn-system", **spec):
    spec = {
        "clusterIPs": ["10.43.0.9"] if name == "authentik-server" else [],
        "ports": [{"name": "http", "port": 80}],
        **spec,
    }
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


def test_open_services():
    balancer = service("lb", type="LoadBalancer") | {
        "status": {"loadBalancer": {"ingress": [{"ip": "192.168.55.201"}]}}
    }
    node = service("node", type="NodePort", ports=[{"port": 80, "nodePort": 31000}])
    external = service("external", externalIPs=["192.168.55.9"])
    names = frozenset(NamespacedName("longhorn-system", each) for each in ("lb", "node", "external", "inner"))
    others = service("unrelated", type="LoadBalancer")
    listed = by_name([balancer, node, external, service("inner"), others])
    ways = {way.ref.name: way.how for way in exposed(listed, {}, (), names)}
    assert set(ways) == {"lb", "node", "external"}
    assert "192.168.55.201:80" in ways["lb"]
    assert "31000" in ways["node"]


def test_other_routes():
    def ways(*routes, declared=frozenset()):
        return [way.ref.name for way in other_routes(Requests(HOST), routes, frozenset({BACKEND}), PROXY, declared)]

    second = route("Host(`debug.example`)", name="second")
    assert ways(second) == ["second"]
    assert ways(second, declared=frozenset({"debug.example"})) == []
    assert ways(route("Host(`debug.example`)", "auth")) == []
    assert ways(route("Host(`debug.example`)", service="elsewhere")) == []
    # FWD-ROUTE-01 judges the host's own routes.
    assert ways(route(f"Host(`{HOST}`) && Path(`/x`)")) == []
    (tcp,) = of_ingress_route(
        {
            "metadata": {"namespace": "longhorn-system", "name": "tcp"},
            "spec": {"routes": [{"match": "HostSNI(`*`)", "services": [{"name": "longhorn-frontend", "port": 80}]}]},
        },
        "IngressRouteTCP",
    )
    assert ways(tcp) == ["tcp"]


def test_other_routes_below_another_path_are_of_other_applications():
    below = Requests(HOST, ("/longhorn/",))
    entries = {
        "own": f"Host(`{HOST}`) && PathPrefix(`/longhorn`)",
        "part": f"Host(`{HOST}`) && PathPrefix(`/longhorn/v1`)",
        "beside": f"Host(`{HOST}`) && PathPrefix(`/status`)",
    }
    routes = [
        Route(WayRef("a", "ingressroute", name), rule, (Backend(BACKEND),), priority=len(rule))
        for name, rule in entries.items()
    ]
    assert {each.ref.name for each in ways_to_host(below, tuple(routes), AUTH, PROXY).open} == {"own", "part"}
    # To the same backend it is a way past the gate all the same, by another address.
    assert [way.ref.name for way in other_routes(below, routes, frozenset({BACKEND}), PROXY, frozenset())] == ["beside"]


def test_the_answer_to_a_challenge_is_no_way_to_an_application():
    path = "/.well-known/acme-challenge/x"
    for service, rule, is_open in (
        ("cm-acme-http-solver-x7k2p", f"Host(`{HOST}`) && Path(`{path}`)", False),
        ("cm-acme-http-solver-x7k2p", f"Host(`{HOST}`)", True),
        ("longhorn-frontend", f"Host(`{HOST}`) && Path(`{path}`)", True),
    ):
        backend = Backend(NamespacedName("longhorn-system", service))
        route = Route(WayRef("a", "ingress", "b"), rule, (backend,), priority=len(rule))
        assert bool(ways_to_host(Requests(HOST), (route,), AUTH, PROXY).open) is is_open, rule


def test_a_route_for_any_host_comes_after_one_of_the_host_wherever_requests_stay():
    options = ["--entryPoints.web.http.redirections.entryPoint.to=websecure", "--entryPoints.websecure.http.tls=true"]
    redirected = Proxy(KNOWN, entry_points(of_arguments(options)), frozenset({SERVER}))
    own = Route(WayRef("a", "ingressroute", "own"), f"Host(`{HOST}`)", (Backend(BACKEND),), (AUTH,), ("websecure",), 33)
    (last,) = of_ingress(
        {"metadata": {"namespace": "a", "name": "x"}, "spec": {"defaultBackend": {"service": {"name": "grafana"}}}}
    )
    assert last.priority == -(2**31)
    assert ways_to_host(Requests(HOST), (own, last), AUTH, redirected).open == ()
    # Where an entry point serves requests, and the host's own route is not, it opens what it leads to.
    served = Proxy(
        KNOWN, entry_points(of_arguments(["--entryPoints.web.address=:80", options[1]])), frozenset({SERVER})
    )
    assert ways_to_host(Requests(HOST), (own, last), AUTH, served).open == ()
    to_the_application = replace(last, backends=(Backend(BACKEND),))
    assert ways_to_host(Requests(HOST), (own, to_the_application), AUTH, served).open == (to_the_application,)
