"""What the static options of Traefik's provider leave of a route, and the sentence that says so."""

from dataclasses import replace

import pytest

from fixtures.exchange.services import Service
from fixtures.topics.routes.backends import Behind
from fixtures.topics.routes.bypasses import other_routes, ways_to_gate
from fixtures.topics.routes.middleware_rules import by_full_name
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.static_options import of_arguments
from selftests.support.spelled import (
    BACKEND,
    CROSSING,
    GATE,
    HOST,
    KNOWN,
    MIDDLEWARES,
    PROVIDERS,
    ingress,
    ingress_route,
    proxy,
    verdict,
)

NAMESPACES = "--providers.kubernetesCRD.namespaces"
MAIN = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")


@pytest.mark.parametrize(
    ("arguments", "crossing", "is_it"),
    [
        ((), True, "gated"),
        ((), False, "left out"),
        (("--providers.kubernetesCRD.namespaces=longhorn-system, traefik-system",), True, "gated"),
        (("--providers.kubernetesCRD.namespaces=traefik-system",), True, "left out"),
        # Given twice it is a list (traefik/paerser, flag/flagparser.go).
        (tuple(f"{NAMESPACES}={each}" for each in ("longhorn-system", "traefik-system")), True, "gated"),
        (("--providers.kubernetesCRD.ingressClass=internal",), True, "left out"),
        (("--providers.kubernetesCRD.labelSelector=app=ui",), True, "left out"),
        (("--providers.kubernetesCRD.labelSelector=app!=ui",), True, "gated"),
        (("--providers.kubernetesCRD.labelSelector=app in (ui)",), True, "gated"),
    ],
)
def test_options_of_traefiks_provider(arguments, crossing, is_it):
    assert verdict(MAIN, proxy(*arguments, crossing=crossing)) == is_it


def test_names_of_the_own_namespace_need_no_leave():
    for name in ("auth", "longhorn-system/auth", "auth@file"):
        assert verdict(ingress_route(f"Host(`{HOST}`)", name), proxy(crossing=False)) != "left out"
    assert verdict(ingress_route(f"Host(`{HOST}`)", "longhorn-system-auth@kubernetescrd"), proxy(crossing=False)) == (
        "left out"
    )


_ABOUT = {"namespace": BACKEND.namespace, "name": BACKEND.name}
OUTSIDE = Behind({BACKEND: Service.read({"metadata": _ABOUT, "spec": {"type": "ExternalName"}})})
EXTERNAL = "--providers.kubernetesCRD.allowExternalNameServices"


@pytest.mark.parametrize(
    ("argument", "is_it"), [("", "left out"), (EXTERNAL, "gated"), (f"{EXTERNAL}=false", "left out")]
)
def test_an_application_outside_wants_an_option(argument, is_it):
    by = replace(proxy(argument), behind=OUTSIDE)
    assert verdict(MAIN, by) == is_it
    # Without the provider among them the options are not all that it runs with.
    assert verdict(MAIN, replace(by, options={})) == "gated"


def chained(namespace):
    """The gate in a chain of the route's own namespace."""
    members = [{"name": "auth", "namespace": namespace}]
    about = {"namespace": "longhorn-system", "name": "several"}
    return KNOWN | by_full_name([{"metadata": about, "spec": {"chain": {"middlewares": members}}}])


@pytest.mark.parametrize(
    ("version", "namespace", "crossing", "is_it"),
    [
        ((3, 6, 14), "traefik-system", False, "left out"),
        ((3, 6, 14), "traefik-system", True, "gated"),
        ((3, 6, 14), "longhorn-system", False, "gated"),
        ((3, 6, 14), "", False, "gated"),
        ((3, 6, 13), "traefik-system", False, "gated"),
        ((3, 6), "traefik-system", False, "gated"),
        ((2, 11, 43), "traefik-system", False, "left out"),
        ((), "traefik-system", False, "gated"),
    ],
)
def test_members_of_chains_are_names_of_other_namespaces_as_well(version, namespace, crossing, is_it):
    route = ingress_route(f"Host(`{HOST}`)", "several")
    by = replace(proxy(crossing=crossing), version=version, middlewares=chained(namespace))
    assert verdict(route, by) == is_it


OTHERS = "--providers.kubernetesCRD.crossProviderNamespaces"


@pytest.mark.parametrize(
    ("argument", "middlewares", "is_it"),
    [
        ("", ("auth@file",), "not told"),
        (f"{OTHERS}=longhorn-system", ("auth@file",), "not told"),
        (f"{OTHERS}=traefik-system", ("auth@file",), "left out"),
        (f"{OTHERS}=", ("auth@file",), "left out"),
        (f"{OTHERS}=traefik-system", ("traefik-system/auth",), "gated"),
    ],
)
def test_names_of_other_providers_want_leave_where_there_is_a_list(argument, middlewares, is_it):
    assert verdict(ingress_route(f"Host(`{HOST}`)", *middlewares), proxy(argument)) == is_it


def test_the_option_is_named_that_brings_a_route_back():
    by = replace(proxy(), behind=OUTSIDE)
    (unserved,) = ways_to_gate(GATE, MAIN, by).unserved
    assert unserved.told.endswith("set --providers.kubernetescrd.allowExternalNameServices=true")
    assert "Service longhorn-system/longhorn-frontend is an ExternalName" in unserved.why


BY_INGRESS = "--providers.kubernetesIngress"
TRAEFIKS = dict.fromkeys(("traefik", "public"), "traefik.io/ingress-controller")
GATED = {MIDDLEWARES: "traefik-system-auth@kubernetescrd"}
CLASS = "kubernetes.io/ingress.class"


def of_class(name, **annotations):
    return ingress(name, controllers=TRAEFIKS, of=annotations)


@pytest.mark.parametrize(
    ("arguments", "routes", "is_it"),
    [
        ((), of_class("traefik"), "open"),
        ((f"{BY_INGRESS}.namespaces=grafana",), of_class("traefik"), "not told"),
        ((f"{BY_INGRESS}.namespaces=grafana",), of_class("traefik", **GATED), "left out"),
        ((f"{BY_INGRESS}.namespaces=grafana,longhorn-system",), of_class("traefik"), "open"),
        ((f"{BY_INGRESS}.labelSelector=app=ui",), of_class("traefik"), "not told"),
        # By the object of its class, whatever that is called; by the annotation where it names none.
        ((), of_class("public"), "open"),
        ((f"{BY_INGRESS}.ingressClass=traefik",), of_class("public"), "not told"),
        ((f"{BY_INGRESS}.ingressClass=public",), of_class("public"), "open"),
        ((f"{BY_INGRESS}.ingressClass=public",), of_class("", **{CLASS: "public"}), "open"),
        ((f"{BY_INGRESS}.ingressClass=public",), of_class(""), "not told"),
        ((), of_class(""), "open"),
        ((), of_class("", **{CLASS: "traefik"}), "open"),
        ((), of_class("", **{CLASS: "public"}), "not told"),
        ((f"{BY_INGRESS}.disableIngressClassLookup",), of_class("traefik"), "not told"),
        ((f"{BY_INGRESS}.disableIngressClassLookup",), of_class(""), "open"),
        # What limits one provider does not limit the other.
        (("--providers.kubernetesCRD.namespaces=grafana",), of_class("traefik"), "open"),
        ((f"{BY_INGRESS}.namespaces=grafana",), MAIN, "gated"),
    ],
)
def test_options_of_the_provider_of_ingresses(arguments, routes, is_it):
    assert verdict(routes, proxy(*arguments)) == is_it


@pytest.mark.parametrize("off", ["", "=false"])
def test_what_no_provider_reads_is_not_served(off):
    by_crd, by_ingress = (
        replace(proxy(), options=of_arguments([each, *([other + off] if off else []), CROSSING]))
        for each, other in (PROVIDERS, PROVIDERS[::-1])
    )
    assert verdict(MAIN, by_crd) == verdict(of_class("traefik", **GATED), by_ingress) == "gated"
    assert verdict(of_class("traefik"), by_crd) == "not told"
    assert verdict(MAIN + of_class("traefik"), by_crd) == "not told"
    (unserved,) = ways_to_gate(GATE, of_class("traefik", **GATED), by_crd).unserved
    assert (unserved.why, unserved.told) == (
        "providers.kubernetesingress is off",
        "set --providers.kubernetesingress=true",
    )


def test_an_ingress_to_an_application_outside_wants_the_option_of_its_own_provider():
    by = replace(proxy(EXTERNAL), behind=OUTSIDE)
    assert verdict(of_class("traefik", **GATED), by) == "left out"
    by = replace(proxy(f"{BY_INGRESS}.allowExternalNameServices"), behind=OUTSIDE)
    assert verdict(of_class("traefik", **GATED), by) == "gated"


def test_another_way_that_this_traefik_leaves_out_may_be_anothers():
    second = ingress_route("Host(`longhorn-internal.derio.net`)", metadata={"annotations": {CLASS: "internal"}})
    own = Requests(HOST, ("/",))
    found = list(other_routes(own, MAIN + second, frozenset({BACKEND}), proxy(), frozenset()))
    assert [(str(way.ref), "ingressClass is not set" in way.problem) for way in found] == [(str(second[0].ref), True)]
    # What no proxy serves is no way at all.
    crossing = ingress_route("Host(`longhorn-internal.derio.net`)", "traefik-system/headers")
    assert not list(other_routes(own, crossing, frozenset({BACKEND}), proxy(crossing=False), frozenset()))
