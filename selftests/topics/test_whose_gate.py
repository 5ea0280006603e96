"""A gate of Traefik's stands before what Traefik serves, and on the entry points where requests come in."""

import pytest

from fixtures.estate.forward_auth import OtherWay
from fixtures.topics.routes.bypasses import ways_to_gate
from fixtures.topics.routes.foreign import of_foreign
from fixtures.topics.routes.gateway_routes import Above
from fixtures.topics.routes.gateways import Gateway
from selftests.support.spelled import (
    GATE,
    HOST,
    MIDDLEWARES,
    http_route,
    ingress,
    ingress_route,
    proxy,
    under,
    verdict,
)

NAME = "traefik-system-auth@kubernetescrd"
ADDRESSES = ("--entryPoints.web.address=:8000/tcp", "--entryPoints.websecure.address=:8443")
BY_TLS = proxy(*ADDRESSES, f"--entryPoints.websecure.http.middlewares={NAME}")
EVERYWHERE = proxy(*(f"--entryPoints.{each}.http.middlewares={NAME}" for each in ("web", "websecure")))
REDIRECTED = proxy(
    f"--entryPoints.websecure.http.middlewares={NAME}", "--entryPoints.web.http.redirections.entryPoint.to=websecure"
)
RANKED = proxy(
    f"--entryPoints.websecure.http.middlewares={NAME}",
    "--entryPoints.web.http.redirections.entryPoint.to=websecure",
    "--entryPoints.web.http.redirections.entryPoint.priority=10",
)
HAPROXY = {"haproxy": "haproxy.org/ingress-controller/haproxy"}
CILIUMS, TRAEFIKS = "io.cilium/gateway-controller", "traefik.io/gateway-controller"
ENVOYS, OWN = "gateway.envoyproxy.io/gatewayclass-controller", "example.org/public-controller"


def taken_by(*controllers, accepted="True", kind="Gateway"):
    """The status of a route that these controllers look after."""
    said = [{"type": "Accepted", "status": accepted, "reason": "told"}]
    parent = {"name": "public", "kind": kind}
    return {"parents": [{"parentRef": parent, "controllerName": each, "conditions": said} for each in controllers]}


def told(controller=ENVOYS, generation=2, kind="HTTPRoute"):
    """Envoy Gateway's policy before the route or its Gateway, as one of its controllers has accepted it."""
    said = {"type": "Accepted", "status": "True", "reason": "Accepted", "observedGeneration": generation}
    status = {"ancestors": [{"controllerName": controller, "conditions": [said]}]}
    name = "public" if kind == "Gateway" else "longhorn"
    return under(status=status, targetRefs=[{"kind": kind, "name": name}])


def behind(*ports):
    """An HTTPRoute at a Gateway with listeners of those ports."""
    listeners = [{"name": f"l{port}", "port": port, "hostname": HOST, "protocol": "HTTPS"} for port in ports]
    about = {"namespace": "longhorn-system", "name": "public"}
    found = Gateway.read({"metadata": about, "spec": {"listeners": listeners}})
    return http_route(above=Above({found.ref: found}))


def virtual_service():
    about = {"namespace": "longhorn-system", "name": "longhorn"}
    spec = {"hosts": [HOST], "gateways": ["public"]}
    return list(of_foreign({"metadata": about, "spec": spec}, "VirtualService", "networking.istio.io"))


GATED = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth", points=(), priority=999)


@pytest.mark.parametrize(
    ("routes", "by", "is_it"),
    [
        # What other controllers serve passes nothing of Traefik's, whatever it names.
        (ingress("nginx"), EVERYWHERE, "not told"),
        (ingress("nginx", controllers={"nginx": "k8s.io/ingress-nginx"}, of={MIDDLEWARES: NAME}), proxy(), "not told"),
        (ingress("haproxy", controllers=HAPROXY, of={MIDDLEWARES: NAME}), proxy(), "not told"),
        (virtual_service(), EVERYWHERE, "not told"),
        (http_route(status=taken_by(CILIUMS)), EVERYWHERE, "open"),
        (http_route(status=taken_by(TRAEFIKS, CILIUMS)), EVERYWHERE, "open"),
        (http_route(status=taken_by(TRAEFIKS)), EVERYWHERE, "gated"),
        (http_route(status=taken_by(TRAEFIKS) | {"parents": [*taken_by(TRAEFIKS)["parents"],
                    *taken_by(CILIUMS, accepted="False")["parents"]]}), EVERYWHERE, "gated"),
        (http_route(status=taken_by("linkerd.io/policy-controller", kind="Service")), EVERYWHERE, "gated"),
        (ingress(of={MIDDLEWARES: NAME}), proxy(), "gated"),
        # A policy of Envoy Gateway's stands before what Envoy Gateway serves, once it says that it takes it.
        (http_route(status=taken_by(ENVOYS), above=told()), proxy(), "gated"),
        (http_route(status=taken_by(ENVOYS), above=told(kind="Gateway")), proxy(), "gated"),
        (http_route(status=taken_by(OWN), above=told(OWN)), proxy(), "gated"),
        (http_route(status=taken_by(CILIUMS), above=told()), proxy(), "open"),
        (http_route(status=taken_by(CILIUMS), above=told(kind="Gateway")), proxy(), "open"),
        (http_route(status=taken_by(CILIUMS), above=under()), proxy(), "open"),
        (http_route(status=taken_by(TRAEFIKS), above=under()), proxy(), "open"),
        (http_route(status=taken_by(TRAEFIKS), above=under()), EVERYWHERE, "gated"),
        (http_route(status=taken_by(ENVOYS, CILIUMS), above=told()), proxy(), "open"),
        (http_route(status=taken_by(ENVOYS, OWN), above=told()), proxy(), "open"),
        (http_route(status=taken_by(ENVOYS), above=under()), proxy(), "not told"),
        (http_route(status=taken_by(ENVOYS), above=told(generation=1)), proxy(), "not told"),
        # Nor does a route of Traefik's take requests from another proxy's.
        (GATED + ingress("nginx"), proxy(), "not told"),
        (GATED + ingress(), proxy(), "gated"),
        # A listener's port is an entry point.
        (behind(8443), BY_TLS, "gated"),
        (behind(8000), BY_TLS, "open"),
        (behind(8443, 8000), BY_TLS, "open"),
        (behind(443), BY_TLS, "open"),
        # Who comes by an entry point that sends all away comes again by the other.
        (ingress_route(f"Host(`{HOST}`)", points=()), REDIRECTED, "gated"),
        (ingress_route(f"Host(`{HOST}`)", points=("web", "websecure")), REDIRECTED, "gated"),
        (ingress_route(f"Host(`{HOST}`)", points=()), BY_TLS, "open"),
        (ingress_route(f"Host(`{HOST}`)", points=()), RANKED, "open"),
        (GATED + ingress_route(f"Host(`{HOST}`)", points=("web",), priority=1000), REDIRECTED, "gated"),
        (GATED + ingress_route(f"Host(`{HOST}`)", points=("web",), priority=1000), BY_TLS, "open"),
    ],
)  # fmt: skip
def test_a_gate_counts_where_requests_pass_it(routes, by, is_it):
    assert verdict(routes, by) == is_it


def meant(*routes, ref="longhorn-system/ingressroute/page"):
    gate = GATE.model_copy(update={"other_ways": (OtherWay(ref=ref, reason="monitoring"),)})
    ways = ways_to_gate(gate, routes, proxy())
    return [each.rule for each in ways.open]


def test_a_way_of_the_hosts_own_may_be_meant_where_it_takes_some_of_the_requests():
    page, all_of_it = f"Host(`{HOST}`) && Path(`/healthz`)", f"Host(`{HOST}`)"
    assert meant(*GATED, *ingress_route(page, name="page", priority=1000)) == []
    assert meant(*GATED, *ingress_route(page, name="other", priority=1000)) == [page]
    assert meant(*GATED, *ingress_route(all_of_it, name="page", priority=1000)) == [all_of_it]
    # Where nothing is gated, nothing is left to the gate.
    assert meant(*ingress_route(page, name="page")) == [page]
    assert meant(*GATED, *ingress(path="/healthz", name="page"), ref="longhorn-system/ingress/page") == []
