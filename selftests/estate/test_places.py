"""Where remedies lead a person: to the estate's own cluster, whichever another kubectl would ask."""

import tomllib

import pytest

from fixtures.estate import parse_estate
from fixtures.estate.places import all_routes, gates_of, kubectl_options, routes_of
from fixtures.exchange.schemes import who_tells_it
from fixtures.topics.gate.rules import where_to_look
from selftests.support.http_door import ESTATE
from selftests.support.small_estate import LONGHORN, estate_of


@pytest.mark.parametrize(
    ("cluster", "options"),
    [
        ("", ()),
        ("[cluster]\nin_cluster = true", ()),
        ('[cluster]\ncontext = "prod"', ("--context=prod",)),
        ('[cluster]\nkubeconfig = "/k"\ncontext = "prod"', ("--kubeconfig=/k", "--context=prod")),
        ('[cluster]\nkubeconfig = "/k"', ("--kubeconfig=/k",)),
        ('[cluster]\nkubeconfig = "/k"\ncontext = "suite"\noperator_context = "me"', ("--context=me",)),
        ('[cluster]\nin_cluster = true\noperator_context = "me"', ("--context=me",)),
    ],
)
def test_kubectl_gets_there_as_the_estate_file_says(cluster, options):
    estate = parse_estate(tomllib.loads(f"{ESTATE.format(port=1)}\n{cluster}\n"), "test")
    assert kubectl_options(estate) == options


HTTP_ROUTE = {"middleware": False, "route": "longhorn-system/httproute/longhorn"}


@pytest.mark.parametrize(
    ("gate", "kinds", "before_them"),
    [
        ({}, "ingresses", "ingresses"),
        ({"middleware": False}, "ingresses", "ingresses"),
        (HTTP_ROUTE, "ingresses,httproutes", "ingresses,httproutes"),
        ({"middleware": "traefik/auth"}, "ingressroutes.traefik.io,ingresses", "middlewares.traefik.io"),
    ],
)
def test_kubectl_is_asked_for_what_the_estate_has(gate, kinds, before_them):
    estate = estate_of(forward_auth=[LONGHORN | gate])
    assert all_routes(estate).line == f"kubectl get {kinds} -A"
    assert routes_of(estate, LONGHORN["url"]).line.startswith(f"kubectl get {kinds} -A -o yaml | grep -F ")
    assert gates_of(estate).line == f"kubectl get {before_them} -A"
    assert gates_of(estate, "X-Forwarded-Proto").line.startswith(f"kubectl get {before_them} -A -o yaml | grep -F ")


def test_no_remedy_asks_for_objects_of_traefiks_where_there_is_none():
    with_traefik, without = (estate_of(forward_auth=[LONGHORN], **each) for each in ({"traefik": {}}, {}))
    for estate, asked in ((with_traefik, True), (without, False)):
        places = [*where_to_look(estate, estate.gated[0]).values(), who_tells_it("http", estate)]
        assert any("traefik.io" in step.line for each in places for step in each.commands) is asked
