"""Which routes count: hosts of listeners, what Traefik leaves out, who comes first, and what is told of others."""

import pytest

from fixtures.estate.estate import Estate
from fixtures.estate.names import NamespacedName, WayRef
from fixtures.topics.routes.gateways import Gateway, ParentRef, RouteStatus, Taken, attached_hosts
from fixtures.topics.routes.inventory import hosts_without_gate, open_hosts
from fixtures.topics.routes.precedence import First, Taking, comes_first
from fixtures.topics.routes.providers import need_loaded
from fixtures.topics.routes.rule_conditions import Match
from fixtures.topics.routes.rule_tokens import NotLoaded
from fixtures.topics.routes.rules import Backend, Route
from selftests.support.spelled import HOST, KNOWN, http_route, ingress_route, proxy

LISTENERS = [
    {"name": "web", "port": 80},
    {"name": "apps", "port": 443, "hostname": "*.example.org"},
    {"name": "one", "port": 443, "hostname": "a.example.org"},
]
PUBLIC = Gateway.read({"metadata": {"namespace": "edge", "name": "public"}, "spec": {"listeners": LISTENERS}})


@pytest.mark.parametrize(
    ("hostnames", "parent", "hosts"),
    [
        ((), {"sectionName": "apps"}, ["*.example.org"]),
        ((), {"sectionName": "web"}, [""]),
        ((), {"port": 443}, ["*.example.org", "a.example.org"]),
        (("b.example.org",), {"port": 443}, ["b.example.org"]),
        (("b.example.org",), {"sectionName": "one"}, []),
        (("*.org",), {"sectionName": "apps"}, ["*.example.org"]),
        (("*.b.example.org",), {"sectionName": "apps"}, ["*.b.example.org"]),
        (("example.org",), {"sectionName": "apps"}, []),
        (("b.c",), {"name": "another"}, None),
        (("b.c",), {"kind": "ListenerSet"}, None),
    ],
)
def test_hosts_that_a_route_has_of_its_listeners(hostnames, parent, hosts):
    named = ParentRef.model_validate({"name": "public", "namespace": "edge"} | parent)
    found = attached_hosts(hostnames, [named], Taken("edge", "httproute"), {PUBLIC.ref: PUBLIC})
    assert (found and found.hosts) == hosts


def test_a_route_is_refused_where_no_gateway_takes_it():
    no, yes = ({"conditions": [{"type": "Accepted", "status": each, "reason": each}]} for each in ("False", "True"))
    for parents, refused in (([no, no], "False"), ([no, yes], ""), ([no, {}], ""), ([], ""), ([yes], "")):
        assert RouteStatus.model_validate({"parents": parents}).refused == refused


@pytest.mark.parametrize(
    ("options", "is_loaded"),
    [
        ({}, True),
        ({"namespaces": "longhorn-system"}, True),
        ({"namespaces": "a,b"}, False),
        ({"ingressclass": "internal"}, False),
        ({"labelselector": "tier=db"}, False),
    ],
)
def test_what_the_provider_leaves_out_another_traefik_may_serve(options, is_loaded):
    (route,) = ingress_route(f"Host(`{HOST}`)")
    given = {f"providers.kubernetescrd.{name}": value for name, value in options.items()}
    if is_loaded:
        need_loaded(route, given)
        return
    with pytest.raises(NotLoaded) as left:
        need_loaded(route, given)
    assert (left.value.elsewhere, left.value.told != "") == (True, True)


def test_options_without_the_provider_tell_nothing():
    (crossing,) = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")
    need_loaded(crossing, {"entrypoints.web.address": ":80"})
    with pytest.raises(NotLoaded, match="allowCrossNamespace is off"):
        need_loaded(crossing, {"providers.kubernetescrd": "true"})


POINTS = frozenset({"websecure"})


def taking(route, match=Match.ALWAYS, **more):
    return Taking(route, match, POINTS, **more)


def test_which_route_comes_first():
    high, low = (ingress_route(f"Host(`{HOST}`)", priority=rank)[0] for rank in (9, 1))
    exact, wild = http_route()[0], http_route(hosts=("*.frank.derio.net",))[0]
    assert comes_first(taking(high), taking(low), proxy()) is First.YES
    assert comes_first(taking(low), taking(high), proxy()) is First.NO
    assert comes_first(taking(high), Taking(low, Match.ALWAYS, frozenset({"web"})), proxy()) is First.NO
    assert comes_first(taking(exact), taking(wild), proxy()) is First.YES
    assert comes_first(taking(wild), taking(exact), proxy()) is First.NO
    assert comes_first(taking(exact), taking(wild, Match.SOMETIMES), proxy()) is First.DEPENDS
    assert comes_first(taking(high), taking(exact), proxy()) is First.NO
    assert comes_first(taking(high), taking(wild, any_host=True), proxy()) is First.YES
    assert comes_first(taking(high), taking(wild, any_host=True, to_application=True), proxy()) is First.DEPENDS


def test_hosts_without_a_gate_that_nobody_describes_are_told():
    estate = Estate.model_validate(
        {
            "name": "frank",
            "authentik": {"url": "http://192.168.55.10:9000", "public_url": "https://auth.frank.derio.net"},
            "forward_auth": [{"name": "longhorn", "url": f"https://{HOST}", "middleware": "traefik-system/auth"}],
            "open_hosts": [{"url": "https://status.frank.derio.net", "reason": "a status page"}],
            "retired_hosts": [{"url": "https://old.frank.derio.net", "reason": "moved"}],
        }
    )
    assert hosts_without_gate(estate) == {"status.frank.derio.net"}
    known = ("auth", "status", "old", "longhorn")
    routes = [
        *(each for name in known for each in ingress_route(f"Host(`{name}.frank.derio.net`)")),
        *ingress_route("Host(`gated.example.org`)", "traefik-system/auth"),
        *ingress_route("Host(`open.example.org`)", name="boards"),
        Route(WayRef("a", "ingressroute", "nowhere"), "Host(`nowhere.example.org`)", ()),
        Route(WayRef("a", "ingressroutetcp", "tcp"), "HostSNI(`*`)", (Backend(NamespacedName("a", "b")),)),
    ]
    assert open_hosts(estate, routes, KNOWN) == ["open.example.org (longhorn-system/ingressroute/boards)"]
