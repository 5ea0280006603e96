"""Routes without a gate that come behind the gated host's own, and lead other hosts to the same application."""

import pytest

from fixtures.topics.routes.bypasses import other_routes, ways_to_host
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.layers import whole_ways
from fixtures.topics.routes.other_hosts import leads_others
from fixtures.topics.routes.rules import of_ingress_route
from selftests.support.ingress_routes import PROXY, ingress_route
from selftests.support.spelled import ASKED, AUTH, HOST
from selftests.support.spelled import BACKEND as SERVICE

OWN = ingress_route("own", f"Host(`{HOST}`)", "auth")
BACKEND = {"service": {"name": SERVICE.name}}


def routes(rule, *middlewares, priority=2):
    made = ingress_route("other", rule, *middlewares)
    made["spec"]["routes"][0]["priority"] = priority
    return list(of_ingress_route(made))


def ingress(host="", **spec):
    rule = {"http": {"paths": [{"path": "/", "backend": BACKEND}]}} | ({"host": host} if host else {})
    # Behind the host's own route.
    annotations = {"traefik.ingress.kubernetes.io/router.priority": "2"}
    metadata = {"namespace": SERVICE.namespace, "name": "other", "annotations": annotations}
    return list(of_ingress({"metadata": metadata, "spec": {"rules": [rule]} | spec}))


def ways(*others, declared=()):
    """What FWD-ROUTE-03 says of them: True for a way past the gate, None for one that is not told, nothing else."""
    made = tuple(whole_ways([*of_ingress_route(OWN), *others]))
    judged = ways_to_host(ASKED, made, AUTH, PROXY).open
    found = other_routes(ASKED, made, frozenset({SERVICE}), PROXY, frozenset(declared), judged)
    return [None if way.problem else True for way in found], len(judged)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (ingress(rules=[], defaultBackend=BACKEND), True),
        (ingress(), True),
        (ingress("*.frank.derio.net"), True),
        (routes("PathPrefix(`/`)"), True),
        (routes("PathPrefix(`/assets`)"), True),
        (routes("HostRegexp(`.+`)"), True),
        (routes("Host(`*.frank.derio.net`)"), True),
        (routes(f"Host(`{HOST}`) || Host(`debug.example`)"), True),
        # Which hosts it takes besides, one would have to try.
        (routes(r"HostRegexp(`^(longhorn|storage)\.frank\.derio\.net$`)"), None),
    ],
)
def test_who_asks_by_another_name_is_led_past_the_gate(others, said):
    assert ways(*others) == ([said], 0)


@pytest.mark.parametrize(
    "others",
    [
        routes(f"Host(`{HOST}`)"),
        routes(r"HostRegexp(`^longhorn\.frank\.derio\.net$`)"),
        routes("PathPrefix(`/`)", "auth"),
        # A gated route for all hosts comes first.
        [*routes("PathPrefix(`/`)", "auth", priority=9), *ingress(rules=[], defaultBackend=BACKEND)],
        [*routes("HostRegexp(`.+`)", "auth", priority=9), *ingress("*.frank.derio.net")],
        # Traefik reads no default backend of an Ingress with rules.
        [route for route in ingress("a.example", defaultBackend=BACKEND) if "a.example" not in route.rule],
    ],
)
def test_what_leads_nobody_else_there_is_no_way(others):
    assert ways(*others) == ([], 0)


def test_hosts_that_are_open_on_purpose_are_no_way():
    both = routes(f"Host(`{HOST}`) || Host(`debug.example`)")
    assert ways(*both, declared={"debug.example"}) == ([], 0)


def test_what_is_open_to_the_host_itself_is_said_once():
    assert ways(*routes("PathPrefix(`/`)", priority=99)) == ([], 1)


def test_a_rule_that_cannot_be_read_is_left_to_the_other_check():
    (unread,) = routes(f"Host(`{HOST}`) || Unheard(`of`)")
    assert leads_others(unread, HOST, (unread,), PROXY, ()) is False
