"""What Traefik's API says is loaded, compared with what the cluster declares."""

from dataclasses import replace

import pytest

from fixtures.estate.authentik import Traefik
from fixtures.estate.names import NamespacedName, WayRef
from fixtures.model.signals import Broken
from fixtures.topics.routes.loaded_rules import Declared, Loaded, LoadedMiddleware, Router, loading_complaints
from fixtures.topics.routes.middleware_rules import ForwardAuth
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rules import Backend, Route
from selftests.support.spelled import ADDRESS, AUTH, HOST

SERVER = NamespacedName("authentik", "authentik-server")
MAIN = Route(
    WayRef("longhorn-system", "ingressroute", "longhorn"),
    f"Host(`{HOST}`)",
    (Backend(NamespacedName("longhorn-system", "longhorn-frontend")),),
    ("traefik-system-headers@kubernetescrd", AUTH),
    ("websecure",),
)

ROUTER = {
    "entryPoints": ["websecure"],
    "rule": MAIN.rule,
    "priority": len(MAIN.rule),
    "middlewares": ["traefik-system-headers@kubernetescrd", AUTH],
    "service": "longhorn-system-longhorn-frontend-80",
    "status": "enabled",
    "name": "longhorn@kubernetescrd",
    "provider": "kubernetescrd",
}
LOADED_GATE = {"name": AUTH, "provider": "kubernetescrd", "type": "forwardauth", "forwardAuth": {"address": ADDRESS}}
DECLARED = Declared(Requests(HOST), (MAIN,), AUTH, ForwardAuth(address=ADDRESS))
URL = "http://traefik.example:8080/api/http"
TRAEFIK = Traefik(api_url="http://traefik.example:8080")


def complaints(*routers, gate=LOADED_GATE):
    loaded = Loaded(TRAEFIK, Router.read_all(routers, URL), LoadedMiddleware.read_all([gate], URL))
    return loading_complaints(DECLARED, loaded, Proxy({}, outposts=frozenset({SERVER})))


def test_an_entry_that_traefik_does_not_give_is_named():
    with pytest.raises(Broken, match="cannot read: middlewares is not a list") as raised:
        complaints(ROUTER | {"middlewares": "x"})
    assert URL in raised.value.remedy


@pytest.mark.parametrize(
    ("kind", "name", "provider"),
    [
        ("ingressroute", "longhorn-system-longhorn-8b1", "kubernetescrd"),
        ("httproute", "httproute-longhorn-system-longhorn-gw-infra-public-ep-websecure-0-8b1", "kubernetesgateway"),
    ],
)
def test_a_gate_before_a_service_is_none_of_its_routers(kind, name, provider):
    gated = MAIN.backends[0]._replace(middlewares=(AUTH,))
    route = replace(MAIN, ref=replace(MAIN.ref, kind=kind), middlewares=(), backends=(gated,), priority=1)
    router = ROUTER | {"name": f"{name}@{provider}", "provider": provider, "middlewares": [], "service": "wrr"}
    for declared, found in (((route,), 0), ((), 1)):
        loaded = Loaded(TRAEFIK, Router.read_all([router], URL), LoadedMiddleware.read_all([LOADED_GATE], URL))
        told = DECLARED._replace(routes=declared, others=declared)
        assert len(loading_complaints(told, loaded, Proxy({}))) == found


def test_what_the_proxy_has_loaded():
    redirect = {
        "name": "web@internal",
        "rule": "HostRegexp(`^.+$`)",
        "service": "noop@internal",
        "entryPoints": ["web"],
    }
    outpost = ROUTER | {
        "name": "o",
        "rule": f"{MAIN.rule} && PathPrefix(`/outpost.goauthentik.io`)",
        "middlewares": [],
        "service": "authentik-authentik-server-80",
    }
    assert complaints(ROUTER, redirect, outpost) == []


@pytest.mark.parametrize(
    ("router", "said"),
    [
        (ROUTER | {"status": "disabled", "error": ['middleware "x" does not exist']}, "is disabled (middleware"),
        (ROUTER | {"middlewares": [AUTH]}, "loaded without traefik-system-headers"),
        (ROUTER | {"provider": "file"}, "is not loaded"),
    ],
)
def test_a_router_that_is_not_as_declared(router, said):
    (complaint,) = complaints(router)
    assert said in complaint


def test_a_router_that_nobody_declares():
    leftover = ROUTER | {
        "name": "old@file",
        "rule": f"{MAIN.rule} && Path(`/x`)",
        "middlewares": [],
        "provider": "file",
    }
    (complaint,) = complaints(ROUTER, leftover)
    assert "old@file" in complaint


def test_a_middleware_that_is_not_as_declared():
    old = LOADED_GATE | {"forwardAuth": {"address": "http://old/"}}
    assert complaints(ROUTER, gate=old) == [f"the middleware {AUTH} is loaded with another address"]
    told = LOADED_GATE | {"forwardAuth": {"address": ADDRESS, "authResponseHeaders": ["X-authentik-username"]}}
    assert complaints(ROUTER, gate=told) == [f"the middleware {AUTH} is loaded with another authResponseHeaders"]
    assert f"the middleware {AUTH} is not loaded" in complaints(ROUTER, gate=LOADED_GATE | {"name": "other@file"})
