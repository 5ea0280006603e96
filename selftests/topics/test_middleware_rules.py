"""Middlewares of Traefik as routers name them, and what the gate's says, from objects as the cluster gives them."""

import pytest

from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.services import by_name, by_service
from fixtures.model.signals import NotVerified
from fixtures.topics.gate.spoofing import IDENTITY
from fixtures.topics.routes.addresses import ServiceAddress, address_complaint, down_at, service_address
from fixtures.topics.routes.middleware_rules import (
    ForwardAuth,
    forward_auth,
    full_name,
    gate_middleware,
    not_overwritten,
    passage,
)
from selftests.support.spelled import ADDRESS, HOST, KNOWN, SERVER


def test_the_gates_middleware():
    def gate(name):
        made = {"name": "longhorn", "slug": "longhorn", "url": f"https://{HOST}"}
        return ForwardAuthApplication.model_validate(made | ({"middleware": f"traefik-system/{name}"} if name else {}))

    assert gate_middleware(gate("chained"), KNOWN).settings.address == ADDRESS
    headers, gone = gate_middleware(gate("headers"), KNOWN), gate_middleware(gate("gone"), KNOWN)
    assert (headers.exists, headers.settings, gone.exists, gone.settings) == (True, None, False, None)
    with pytest.raises(NotVerified, match="which middleware is the gate of longhorn"):
        gate_middleware(gate(""), KNOWN)


def test_a_broken_address_asks_no_outpost():
    assert not ForwardAuth(address="http://[/outpost.goauthentik.io/auth/traefik").is_gate


def test_chains_end():
    assert passage(["traefik-system-loop@kubernetescrd"], KNOWN).names == ("traefik-system-loop@kubernetescrd",)
    assert passage(["gone@kubernetescrd", "x@file"], KNOWN).elsewhere == ("x@file",)
    assert [found.address for found in forward_auth(["traefik-system-chained@kubernetescrd"], KNOWN)] == [ADDRESS]
    assert full_name("a.b", "c") == "a-b-c@kubernetescrd"


def test_identity_headers():
    def passing(**settings):
        return not_overwritten(ForwardAuth.model_validate(settings), IDENTITY)

    usual = [f"x-AUTHENTIK-{name}" for name in IDENTITY]
    assert passing(authResponseHeaders=usual) == []
    assert passing(authResponseHeaders=usual[1:]) == ["X-authentik-username"]
    assert passing(authResponseHeadersRegex="(?i)^x-authentik-") == []
    assert passing(authResponseHeadersRegex="^X-Authentik-") == []
    # As the documentation of Authentik spells it; Go does not.
    assert len(passing(authResponseHeadersRegex="^X-authentik-")) == len(IDENTITY)
    assert len(passing()) == len(IDENTITY)


def service(name, namespace, *addresses):
    spec = {"clusterIPs": list(addresses), "ports": [{"name": "http", "port": 80}]}
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


ESTATE = Estate.model_validate(
    {
        "name": "frank",
        "authentik": {"url": "http://192.168.55.10:9000", "public_url": "https://auth.frank.derio.net"},
    }
)
SERVICES = by_name([service("x", "longhorn-system"), service("authentik-server", "authentik", "10.43.0.9")])


@pytest.mark.parametrize(
    ("url", "port"),
    [
        (ADDRESS, 80),
        ("http://authentik-server.authentik.svc:9000/x", 9000),
        ("http://authentik-server.authentik/x", 80),
        ("https://authentik-server.authentik.svc.cluster.local./x", 443),
        ("http://10.43.0.9/x", 80),
        ("http://authentik-server/x", None),
        ("http://authentik-server.authentik.example.org/x", None),
        ("http://gone.authentik.svc/x", None),
    ],
)
def test_the_service_of_an_address(url, port):
    found = service_address(url, "traefik-system", SERVICES)
    assert found == (ServiceAddress(SERVER, port) if port else None)


def slices(service, *, ready=True, port_name="http"):
    endpoint = {"addresses": [f"10.0.0.{len(service)}"], "conditions": {"ready": ready}}
    metadata = {"namespace": "authentik", "name": "s", "labels": {"kubernetes.io/service-name": service}}
    return {"metadata": metadata, "endpoints": [endpoint], "ports": [{"name": port_name, "port": 9000}]}


@pytest.mark.parametrize(
    ("address", "endpoints", "said"),
    [
        (ADDRESS, slices("authentik-server"), ""),
        ("http://10.43.0.9/outpost.goauthentik.io/auth/caddy", slices("authentik-server"), ""),
        ("https://auth.frank.derio.net/outpost.goauthentik.io/auth/traefik", slices("other"), ""),
        (
            "http://authentik-server.authentik/outpost.goauthentik.io/auth/nginx",
            slices("authentik-server"),
            "not where",
        ),
        ("http://[/outpost.goauthentik.io/auth/traefik", slices("authentik-server"), "is not"),
        (ADDRESS.replace("-server.", "-gone."), slices("authentik-server"), "no Service of"),
        (ADDRESS.replace("authentik-server.authentik", "x.longhorn-system"), slices("authentik-server"), "not the out"),
        (ADDRESS.replace(":80", ":9000"), slices("authentik-server"), "has no port 9000, only 80"),
    ],
)
def test_whom_the_gate_asks(address, endpoints, said):
    complaint = address_complaint(ESTATE, address, SERVICES, by_service([endpoints]))
    assert said in complaint
    assert bool(said) == bool(complaint)


def behind(selector, *slices_):
    spec = {"clusterIPs": ["10.43.0.9"], "ports": [{"name": "http", "port": 80}], "selector": selector}
    made = {"metadata": {"namespace": "authentik", "name": "authentik-server"}, "spec": spec}
    return by_name([made]), by_service(list(slices_))


@pytest.mark.parametrize(
    ("selector", "pieces", "said"),
    [
        ({"app": "a"}, [slices("authentik-server")], ""),
        (
            {"app": "a"},
            [slices("authentik-server", ready=False)],
            "no pod behind the Service authentik/authentik-server",
        ),
        ({"app": "a"}, [slices("authentik-server", ready=False), slices("authentik-server")], ""),
        ({"app": "a"}, [slices("authentik-server", port_name="metrics")], "leads its port http to none"),
        ({"app": "a"}, [slices("other")], "its selector app=a fits no pod"),
        ({"app": "a"}, [], "its selector app=a fits no pod"),
        (None, [], "it selects no pods"),
    ],
)
def test_who_is_behind_a_service_that_a_gate_asks(selector, pieces, said):
    services, endpoints = behind(selector, *pieces)
    down = down_at(ADDRESS, ESTATE, services, endpoints)
    assert (said in down.why) if said else down is None


@pytest.mark.parametrize("address", [ADDRESS.replace(":80", ":9000"), "https://auth.example/x", "http://[/x"])
def test_an_address_that_leads_to_no_port_of_a_service_is_not_said_to_be_down(address):
    services, endpoints = behind({"app": "a"})
    assert down_at(address, ESTATE, services, endpoints) is None
