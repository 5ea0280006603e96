"""Which routes are looked at for a host: all that may take one of its requests, whatever form their rules have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.estate.names import WayRef
from fixtures.model.same import once_for_the_same
from fixtures.topics.routes.concerned import concerned
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rule_tokens import Unreadable
from fixtures.topics.routes.rules import Route

HOSTS = ("a.example.org", "b.example.org", "A.EXAMPLE.ORG")
PATHS = (("/",), ("/api",), ("/outpost.goauthentik.io/",))
CONDITIONS = (
    *(f"Host(`{name}`)" for name in (*HOSTS, "b.example.org.", "*.example.org", "*")),
    *("HostSNI(`*`)", "HostRegexp(`.+\\.example\\.org`)"),
    *("PathPrefix(`/api`)", "Path(`/`)", "Method(`GET`)", "Nonsense("),
)
RULES = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda rules: st.one_of(
        st.builds("({}) && ({})".format, rules, rules),
        st.builds("({}) || ({})".format, rules, rules),
        rules.map("!({})".format),
    ),
    max_leaves=4,
)


def route(number, rule):
    return Route(WayRef("n", "ingressroute", f"r{number}"), rule, ())


def may_take(rule, asked, proxy):
    try:
        return proxy.rule_of(route(0, rule))(asked).possible
    except Unreadable:
        return True


VERSIONS = ((), (3, 7))


@given(st.lists(RULES, min_size=1, max_size=6), *map(st.sampled_from, (HOSTS, PATHS, VERSIONS)))
def test_none_that_may_take_a_request_is_passed_over(rules, host, paths, version):
    proxy, asked = Proxy({}, version=version), Requests(host, paths)
    routes = tuple(route(number, rule) for number, rule in enumerate(rules))
    found = concerned(asked, routes, proxy)
    assert {each for each in routes if may_take(each.rule, asked, proxy)} <= set(found)
    assert found == [each for each in routes if each in found]


def test_those_of_other_hosts_are():
    routes = tuple(route(number, f"Host(`h{number}.example.org`)") for number in range(50))
    assert concerned(Requests("h7.example.org"), routes, Proxy({})) == [routes[7]]


@pytest.mark.parametrize("rule", ["!Host(`b.example.org`)", "Host(`b.example.org`) || PathPrefix(`/`)"])
def test_a_rule_that_names_another_host_may_take_any(rule):
    assert concerned(Requests("a.example.org"), (route(1, rule),), Proxy({})) == [route(1, rule)]


def test_equal_arguments_are_not_the_same():
    calls = []

    @once_for_the_same
    def length(of, more=()):
        calls.append(of)
        return len(of) + len(more)

    one, other = [1], [1]
    assert (length(one), length(one), length(other), length(one, more=one)) == (1, 1, 1, 2)
    assert len(calls) == 3
