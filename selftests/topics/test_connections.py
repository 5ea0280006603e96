"""Routes for connections beside the gated ones for HTTPS, as Traefik 3.6.12's own Test_Routing has their precedence."""

import pytest

from fixtures.estate.names import NamespacedName
from fixtures.topics.routes.bypasses import other_routes
from fixtures.topics.routes.connections import never_reached
from fixtures.topics.routes.gateway_routes import of_gateway_route
from fixtures.topics.routes.outpost_services import services_of_hosts
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rules import of_ingress_route
from selftests.support.spelled import BACKEND, HOST, ingress_route, proxy, verdict

AUTH = "auth.frank.derio.net"
MAIN = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")
PASSED = {"passthrough": True}


def tcp(rule, *, points=("websecure",), tls=PASSED):
    entry = {"match": rule, "services": [{"name": BACKEND.name, "port": 80}]}
    spec = {"entryPoints": list(points), "routes": [entry]} | ({} if tls is None else {"tls": tls})
    return list(
        of_ingress_route({"metadata": {"namespace": "longhorn-system", "name": "tcp"}, "spec": spec}, "IngressRouteTCP")
    )


@pytest.mark.parametrize(
    ("routes", "is_it", "past"),
    [
        # HTTPS over TCP-TLS, passed through or ended by Traefik.
        (MAIN + tcp(f"HostSNI(`{HOST}`)"), "gated", 0),
        (MAIN + tcp(f"HostSNI(`{HOST}`)", tls={}), "gated", 0),
        # Another entry point has no router for HTTPS.
        (MAIN + tcp(f"HostSNI(`{HOST}`)", points=("storage",)), "open", 1),
        (MAIN + tcp(f"HostSNI(`{HOST}`)", points=("websecure", "storage")), "open", 1),
        # A router without a host's name, or with an expression, is for any connection that nobody names.
        (ingress_route("PathPrefix(`/`)", "traefik-system/auth") + tcp(f"HostSNI(`{HOST}`)"), "open", 1),
        (ingress_route(f"HostRegexp(`^{HOST}$`)", "traefik-system/auth") + tcp(f"HostSNI(`{HOST}`)"), "open", 1),
        # Whoever names another host, or none (or uses no TLS), gets to the application by another way.
        (MAIN + tcp("HostSNI(`*`)"), "gated", 1),
        (MAIN + tcp(f"HostSNI(`{HOST}`) || ClientIP(`10.0.0.0/8`)"), "gated", 1),
        (MAIN + tcp("HostSNIRegexp(`^.+$`)"), "gated", 1),
        (MAIN + tcp(f"HostSNI(`{HOST}`) || HostSNI(`other.example`)"), "open", 1),
        # The router for HTTPS is not loaded.
        (ingress_route(f"Host(`{HOST}`)", "traefik-system/gone") + tcp(f"HostSNI(`{HOST}`)"), "open", 1),
        # Without TLS a connection names no host: Traefik does not load the route.
        (MAIN + tcp(f"HostSNI(`{HOST}`)", tls=None), "gated", 0),
        (MAIN + tcp("HostSNI(`*`)", tls=None), "gated", 1),
    ],
)  # fmt: skip
def test_https_comes_before_tls_that_is_passed_through(routes, is_it, past):
    assert verdict(routes) == is_it
    ways = other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset())
    assert len([way for way in ways if way.ref.name == "tcp"]) == past


def of_tls_route(hosts):
    backends = [{"name": "authentik-server", "port": 9443}]
    spec = {"parentRefs": [{"name": "public"}], "hostnames": hosts, "rules": [{"backendRefs": backends}]}
    return list(of_gateway_route({"metadata": {"namespace": "authentik", "name": "tls"}, "spec": spec}, "TLSRoute"))


@pytest.mark.parametrize(
    ("routes", "found"),
    [
        (of_tls_route([AUTH]), {NamespacedName("authentik", "authentik-server")}),
        (of_tls_route(["*.frank.derio.net"]), set()),
        (of_tls_route([]), set()),
        (tcp(f"HostSNI(`{AUTH}`)"), {BACKEND}),
        (tcp("HostSNI(`*`)"), set()),
    ],
)
def test_an_authentik_elsewhere_is_where_its_hosts_connections_are_led(routes, found):
    assert services_of_hosts(frozenset({AUTH}), routes) == found


def test_only_traefiks_own_routes_for_tls_are_told():
    routes = MAIN + of_tls_route([HOST])
    assert not any(never_reached(each, routes, proxy()) for each in routes)
    assert [never_reached(each, MAIN, proxy()) for each in tcp(f"HostSNI(`{HOST}`)")] == [True]
    by_option = [*ingress_route(f"Host(`{HOST}`)", points=("web",)), *tcp(f"HostSNI(`{HOST}`)", points=("web",))]
    assert not never_reached(by_option[-1], by_option, proxy())
    assert never_reached(by_option[-1], by_option, proxy("--entryPoints.web.http.tls=true"))
