"""Whom a gate's middleware asks, in the spellings that addresses have: the outpost, somebody else, or not told."""

import pytest

from fixtures.estate.estate import Estate
from fixtures.estate.names import NamespacedName
from fixtures.exchange.services import by_name, by_service
from fixtures.model.signals import NotVerified
from fixtures.topics.routes.addresses import address_complaint, or_another_outpost
from selftests.support.spelled import GATE

PATH = "/outpost.goauthentik.io/auth/traefik"
ESTATE = Estate.model_validate(
    {
        "name": "frank",
        "authentik": {"url": "http://192.168.55.10:9000", "public_url": "https://auth.frank.derio.net"},
        "traefik": {"namespace": "traefik-system"},
    }
)


def service(namespace, name, *ports, address="", leads_to=""):
    named = {"type": "ExternalName", "externalName": leads_to} if leads_to else {}
    spec = {"ports": [{"port": port, "name": "http"} for port in ports], "clusterIP": address} | named
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


def behind(namespace, name, address):
    labels = {"kubernetes.io/service-name": name}
    ends = {"endpoints": [{"addresses": [address]}], "ports": [{"name": "http", "port": 9000}]}
    return {"metadata": {"namespace": namespace, "name": f"{name}-1", "labels": labels}} | ends


SERVER = "authentik-server.authentik.svc.cluster.local"
SERVICES = by_name(
    [
        service("authentik", "authentik-server", 80, address="10.43.1.1"),
        service("authentik", "ak-outpost-authentik-embedded-outpost", 9000, address="10.43.1.2"),
        service("authentik", "headless", 9000, address="None"),
        service("traefik-system", "by-hand", 80, address="10.43.1.9"),
        service("grafana", "grafana", 80, address="10.43.1.3"),
        service("traefik-system", "named", leads_to=SERVER),
        service("traefik-system", "twice", leads_to="named.traefik-system.svc"),
        service("traefik-system", "by-host", leads_to="auth.frank.derio.net"),
        service("traefik-system", "astray", leads_to="grafana.grafana.svc.cluster.local"),
        service("traefik-system", "outside", leads_to="outpost.lan"),
    ]
)
OURS, ANOTHERS = "10.42.0.1", "10.42.0.7"
ENDPOINTS = by_service(
    [
        *(
            behind(namespace, name, OURS)
            for namespace, name in (
                ("authentik", "authentik-server"),
                ("authentik", "ak-outpost-authentik-embedded-outpost"),
                ("authentik", "headless"),
                # Its EndpointSlice is written by hand: the Service has no selector.
                ("traefik-system", "by-hand"),
            )
        ),
        behind("grafana", "grafana", ANOTHERS),
    ]
)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"http://{SERVER}", ""),
        (f"http://{SERVER}.:80", ""),
        ("http://AUTHENTIK-SERVER.authentik", ""),
        ("http://authentik-server.authentik.svc.another.domain", ""),
        ("http://10.43.1.1", ""),
        ("http://ak-outpost-authentik-embedded-outpost.authentik:9000", ""),
        ("http://headless.authentik.svc:9000", ""),
        ("http://ak-outpost-0.headless.authentik.svc.cluster.local:9000", ""),
        ("http://by-hand", ""),
        ("http://named", ""),
        ("http://twice.traefik-system.svc", ""),
        ("http://by-host:443", ""),
        ("https://AUTH.frank.derio.net:443", ""),
        ("http://astray", "that is the Service traefik-system/astray, not the outpost's"),
        ("http://grafana.grafana", "that is the Service grafana/grafana"),
        ("http://ak-outpost-gone.authentik:9000", "no Service of the cluster"),
        ("http://nobody", "no Service of the cluster"),
        ("http://authentik-server.gone.svc", "no Service of the cluster"),
        ("http://by-hand:9000", "has no port 9000"),
    ],
)
def test_whom_an_address_asks(address, said):
    complaint = address_complaint(ESTATE, address + PATH, SERVICES, ENDPOINTS)
    assert (said in complaint, bool(complaint)) == (True, bool(said))


@pytest.mark.parametrize(
    "address", ["http://outside", "http://outpost.lan:9000", f"http://{OURS}:9000", "https://outpost.example.org"]
)
def test_what_the_cluster_does_not_name_is_not_told(address):
    with pytest.raises(NotVerified, match="none of the cluster's Services"):
        address_complaint(ESTATE, address + PATH, SERVICES, ENDPOINTS)


def test_another_outpost_may_be_the_one_that_judges():
    wanted, other = NamespacedName("authentik", "authentik-server"), NamespacedName("authentik", "headless")
    way_out = or_another_outpost(GATE, SERVICES[other], wanted)
    assert way_out.endswith('outpost = { name = "…", service = "authentik/service/headless" }')
    assert or_another_outpost(GATE, SERVICES[wanted], wanted) == or_another_outpost(GATE, None, wanted) == ""
