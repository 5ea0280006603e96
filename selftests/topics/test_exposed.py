"""Ways to an application's pods that need no route: ports of their nodes, a tailnet, and tunnels."""

import pytest

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.services import Endpoint, by_name
from fixtures.exchange.workloads import Pod
from fixtures.topics.routes.closing import close_or_declare
from fixtures.topics.routes.exposed import exposed
from fixtures.topics.routes.ingresses import Ingresses, of_ingress, of_tailnets
from fixtures.topics.routes.tunnels import of_tunnel_binding, through_tunnels
from selftests.support.spelled import BACKEND, GATE


def pod(name="ui-1", ports=(), containers=1, phase="Running", **spec):
    about = {"namespace": BACKEND.namespace, "name": name}
    listed = [{"name": str(number), "ports": list(ports)} for number in range(containers)]
    return Pod.read({"metadata": about, "spec": {"containers": listed} | spec, "status": {"phase": phase}})


def ways(*pods, behind=("ui-1",), port=8000, **annotations):
    about = {"namespace": BACKEND.namespace, "name": BACKEND.name, "annotations": annotations}
    services = by_name([{"metadata": about, "spec": {"ports": [{"port": 80}]}}])
    endpoints = {BACKEND: tuple(Endpoint("10.42.0.9", port, "", True, name) for name in behind)}
    return list(exposed(services, endpoints, pods, frozenset({BACKEND})))


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (pod(), ""),
        (pod(ports=[{"containerPort": 8000}]), ""),
        (pod(hostNetwork=True), "ui-1 at port 8000 (hostNetwork)"),
        (pod(hostNetwork=False), ""),
        (pod(ports=[{"containerPort": 8000, "hostPort": 80}]), "ui-1 at port 80 (hostPort)"),
        (pod(ports=[{"containerPort": 8000, "hostPort": 80, "hostIP": "192.168.55.21"}]), "port 80 (hostPort)"),
        (pod(ports=[{"containerPort": 8000, "hostPort": 80, "hostIP": "127.0.0.1"}]), ""),
        # A port for metrics, and not the one that the gate stands before.
        (pod(ports=[{"containerPort": 9100, "hostPort": 9100}]), ""),
        (pod(hostNetwork=True, phase="Failed"), ""),
        (pod("another", hostNetwork=True), ""),
    ],
)
def test_pods_that_are_open_on_their_nodes(seen, says):
    found = ways(seen)
    assert [says in way.how for way in found] == ([True] if says else [])


def test_what_is_open_on_each_node_is_one_way():
    (way,) = ways(pod("ui-1", hostNetwork=True), pod("ui-2", hostNetwork=True), behind=("ui-1", "ui-2"))
    assert str(way.ref) == f"longhorn-system/service/{BACKEND.name}"
    assert way.how.count("hostNetwork") == 2


@pytest.mark.parametrize(("value", "is_shown"), [("true", True), ("false", False)])
def test_a_service_that_is_shown_to_a_tailnet(value, is_shown):
    found = ways(**{"tailscale.com/expose": value})
    assert [way.closed_by.sentence for way in found] == ["take its annotation tailscale.com/expose away"] * is_shown


@pytest.mark.parametrize("way", [*ways(pod(hostNetwork=True)), *ways(**{"tailscale.com/expose": "true"})])
def test_it_is_closed_or_said_to_be_meant(way):
    told = close_or_declare(way, GATE)
    assert f'other_ways = [{{ ref = "longhorn-system/service/{BACKEND.name}"' in told
    assert ForwardAuthApplication(
        name="longhorn", url=GATE.url, other_ways=[{"ref": str(way.ref), "reason": "a test"}]
    ).allowed_ways == {str(way.ref)}


def tunnel(*subjects):
    about = {"namespace": BACKEND.namespace, "name": "home"}
    return tuple(of_tunnel_binding({"metadata": about, "subjects": list(subjects)}))


@pytest.mark.parametrize(
    ("name", "target", "leads"),
    [
        (BACKEND.name, "", True),
        ("another", "", False),
        # A target takes the place of the Service.
        (BACKEND.name, "https://traefik.traefik-system.svc:443", False),
        ("wildcard", f"http://{BACKEND.name}.{BACKEND.namespace}.svc.cluster.local:80", True),
        ("wildcard", f"http://{BACKEND.name}:80", True),
        ("wildcard", f"http://{BACKEND.name}.elsewhere:80", False),
        (BACKEND.name, "http_status:404", False),
        (BACKEND.name, "http://[", False),
    ],
)
def test_what_a_tunnel_leads_to(name, target, leads):
    seen = tunnel({"name": name, "spec": {"fqdn": "ui.example", "target": target}})
    found = list(through_tunnels(seen, {BACKEND}, frozenset()))
    assert [way.how for way in found] == ["leads ui.example there by a tunnel, without the gate"] * leads
    assert list(through_tunnels(seen, {BACKEND}, frozenset({"ui.example"}))) == []
    assert all("edit tunnelbinding.networking.cfargotunnel.com home" in close_or_declare(way, GATE) for way in found)


def test_a_tunnels_own_domain_is_not_known():
    (way,) = through_tunnels(tunnel({"name": BACKEND.name}), {BACKEND}, frozenset())
    assert "a host of its tunnel's domain" in way.how
    assert str(way.ref) == f"{BACKEND.namespace}/tunnelbinding.networking.cfargotunnel.com/home"


def tailnets(spec, annotations=()):
    metadata = {"namespace": BACKEND.namespace, "name": "ui", "annotations": dict(annotations)}
    return {"metadata": metadata, "spec": spec}


OWN = {"service": {"name": BACKEND.name}}
RULES = [{"http": {"paths": [{"path": "/api", "backend": OWN}, {"path": "/", "backend": OWN}]}}]


@pytest.mark.parametrize(
    ("spec", "annotations", "controllers", "name"),
    [
        (
            {"ingressClassName": "tailscale", "defaultBackend": OWN, "tls": [{"hosts": ["ui"]}]},
            {},
            {"tailscale": "tailscale.com/ts-ingress"},
            "ui",
        ),
        ({"ingressClassName": "inner", "rules": RULES}, {}, {"inner": "tailscale.com/ts-ingress"}, ""),
        ({"defaultBackend": OWN}, {"kubernetes.io/ingress.class": "tailscale"}, {}, ""),
        ({"ingressClassName": "tailscale", "defaultBackend": OWN}, {}, {"tailscale": "k8s.io/ingress-nginx"}, None),
        ({"ingressClassName": "traefik", "defaultBackend": OWN}, {}, {}, None),
    ],
)
def test_an_ingress_of_a_tailnet_is_no_route_of_the_proxys(spec, annotations, controllers, name):
    ingress = tailnets(spec, annotations)
    shown = [(each.service, each.host) for each in of_tailnets(Ingresses((ingress,), controllers))]
    own = name or f"{BACKEND.namespace}-ui-ingress"
    assert shown == ([] if name is None else [(BACKEND, own)])
    assert bool(list(of_ingress(ingress, controllers=controllers))) is (name is None)
