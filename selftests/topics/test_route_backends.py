"""Where a route leads, and whether Traefik takes that; which of an Ingress's classes are there; a router's names."""

import pytest

from fixtures.estate.names import NamespacedName
from fixtures.exchange.services import Endpoint, Service
from fixtures.topics.routes.backends import Behind, need_backends
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.loaded_rules import Router, _is_made_of
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.rule_tokens import NotLoaded
from fixtures.topics.routes.rules import of_ingress_route

NAMED = {"namespace": "storage", "name": "ui"}
PORTS = [{"name": "http", "port": 80}]
POD = Endpoint("10.0.0.1", 8000, "http", True, "ui-1")
ALLOWED = {
    "providers.kubernetescrd.allowexternalnameservices": "true",
    "providers.kubernetescrd.allowemptyservices": "True",
}
PLAIN = {"providers.kubernetescrd": "true"}


def behind(spec=None, endpoint=POD):
    ref, spec = NamespacedName("storage", "ui"), spec or {"ports": PORTS}
    return Behind({ref: Service.read({"metadata": NAMED, "spec": spec})}, {ref: (endpoint,) if endpoint else ()})


def left_out(port=80, known=None, options=PLAIN, kind="IngressRoute", **service):
    """Why Traefik leaves out a route to the Service ui; empty where it does not."""
    services = [{"name": "ui", "port": port, **service}]
    content = {"metadata": NAMED, "spec": {"routes": [{"match": "Host(`a`)", "services": services}]}}
    (route,) = of_ingress_route(content, kind)
    try:
        need_backends(route, known or behind(), options)
    except NotLoaded as error:
        return str(error) if error.told else "nothing is told"
    return ""


@pytest.mark.parametrize("port", [80, "http", ""])
@pytest.mark.parametrize("kind", ["IngressRoute", "IngressRouteTCP"])
def test_a_service_with_the_port_and_a_ready_pod_is_taken(port, kind):
    assert left_out(port, kind=kind) == ""


@pytest.mark.parametrize("options", [PLAIN, ALLOWED, None], ids=["plain", "allowed", "unknown"])
def test_what_is_not_there_is_not_taken_whatever_the_options_are(options):
    assert left_out(name="gone", options=options) == "there is no Service storage/gone"
    assert left_out(port=8000, options=options) == "Service storage/ui has no port 8000"
    assert left_out(port="80", options=options) == "Service storage/ui has no port called 80"


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (behind({"type": "ExternalName", "externalName": "b"}), "allowExternalNameServices is off"),
        (behind(endpoint=None), "allowEmptyServices is off"),
        (behind(endpoint=POD._replace(ready=False)), "allowEmptyServices is off"),
    ],
    ids=["external-name", "empty", "not-ready"],
)
def test_what_an_option_allows_is_taken_with_it(known, why):
    assert why in left_out(known=known)
    assert left_out(known=known, options=ALLOWED) == ""
    assert left_out(known=known, options=None) == ""


def test_what_is_no_service_of_the_cluster_is_not_looked_up():
    services = [{"name": "api@internal", "kind": "TraefikService"}]
    content = {"metadata": NAMED, "spec": {"routes": [{"match": "Host(`a`)", "services": services}]}}
    (route,) = of_ingress_route(content)
    need_backends(route, behind(), PLAIN)


@pytest.mark.parametrize(
    ("spec", "classes", "gone"),
    [
        # Whose annotations are Traefik's is meant for Traefik, whatever its class is called.
        ({"ingressClassName": "public", "annotated": True}, {}, True),
        ({"ingressClassName": "public", "annotated": True}, {"public": "traefik.io/ingress-controller"}, False),
        ({"ingressClassName": "traefik"}, {}, True),
        ({"ingressClassName": "traefik"}, {"nginx": "k8s.io/ingress-nginx"}, True),
        ({"ingressClassName": "traefik"}, {"traefik": "traefik.io/ingress-controller"}, False),
        # Not asked for; of no class; of another's, whose controller may go by the name.
        ({"ingressClassName": "traefik"}, None, False),
        ({}, {}, False),
        ({"ingressClassName": "cilium"}, {}, False),
    ],
)
def test_an_ingress_of_traefiks_needs_its_class(spec, classes, gone):
    rules = [{"host": "a", "http": {"paths": [{"backend": {"service": {"name": "ui"}}}]}}]
    said = {"traefik.ingress.kubernetes.io/router.middlewares": "a-b@kubernetescrd"} if "annotated" in spec else {}
    about = NAMED | {"annotations": said}
    (route,) = of_ingress({"metadata": about, "spec": {**spec, "rules": rules}}, controllers=classes)
    assert (route.left_out is not None) is gone


@pytest.mark.parametrize(
    ("name", "is_it"),
    [
        ("storage-ui-8b1f@kubernetescrd", True),
        ("websecure-storage-ui-8b1f@kubernetescrd", True),
        ("web-storage-ui-8b1f@kubernetescrd", False),
        ("websecure-storage-ui-extra-8b1f@kubernetescrd", False),
    ],
)
def test_a_router_may_be_called_after_its_entry_point(name, is_it):
    (route,) = of_ingress_route({"metadata": NAMED, "spec": {"routes": [{"match": "Host(`a`)"}]}})
    router = Router.model_validate({"name": name, "entryPoints": ["websecure"]})
    assert _is_made_of(router, route) is is_it


@pytest.mark.parametrize(
    ("host", "name", "is_it"),
    [
        ("a.b", "storage-ui-a-b-x@kubernetes", True),
        ("*.a.b", "storage-ui-a-b-x@kubernetes", True),
        ("*.a.b", "websecure-storage-ui-a-b-x@kubernetes", True),
        # Of an Ingress of both hosts; the hash is of the rule that Traefik shows.
        ("*.a.b", "storage-ui-a-b-x-21d13c68d7e7095da534@kubernetes", True),
        ("*.a.b", "storage-ui-a-b-x-0123456789abcdef0123@kubernetes", False),
        ("*.a.b", "storage-ui-c-a-b-x@kubernetes", False),
    ],
)
def test_a_router_of_an_ingress_is_called_after_host_and_path(host, name, is_it):
    path = {"path": "/x", "pathType": "Exact", "backend": {"service": {"name": "ui"}}}
    (route,) = of_ingress({"metadata": NAMED, "spec": {"rules": [{"host": host, "http": {"paths": [path]}}]}})
    rule = r"HostRegexp(`^[a-zA-Z0-9-]+\.a\.b$`) && Path(`/x`)"
    router = Router.model_validate({"name": name, "rule": rule, "entryPoints": ["websecure"]})
    assert _is_made_of(router, route) is is_it


@pytest.mark.parametrize(
    ("rule", "names", "closed"),
    [
        ("Host(`traefik.example`)", ["api@internal"], False),
        ("Host(`a`) && PathPrefix(`/metrics`)", ["prometheus@internal"], False),
        ("HostRegexp(`^.+$`)", ["noop@internal"], True),
        ("Host(`a`) && Path(`/ping`)", ["ping@internal"], True),
        ("Host(`a`)", ["api@internal", "noop@internal"], False),
        # As Traefik's chart makes it: for no host, on the port of the proxy's own.
        ("PathPrefix(`/dashboard`) || PathPrefix(`/api`)", ["api@internal"], True),
    ],
)
def test_a_dashboard_is_an_application_where_it_has_a_host(rule, names, closed):
    services = [{"name": name, "kind": "TraefikService"} for name in names]
    (route,) = of_ingress_route({"metadata": NAMED, "spec": {"routes": [{"match": rule, "services": services}]}})
    assert Proxy({}).reaches_no_application(route) is closed
    assert all(backend.is_proxy_itself and not backend.service.namespace for backend in route.backends)
