"""Gates that are no Middleware: filters, policies that are attached from outside, and nginx's annotations."""

import pytest

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import NamespacedName
from fixtures.model.signals import NotDescribed
from fixtures.topics.routes.bypasses import ways_to_gate
from fixtures.topics.routes.closing import put_gate_into
from fixtures.topics.routes.gateway_routes import Above, of_gateway_route
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.middleware_rules import by_full_name
from fixtures.topics.routes.policies import Policy
from fixtures.topics.routes.proxy import Proxy

HOST = "longhorn.frank.derio.net"
ENVOY = "/outpost.goauthentik.io/auth/envoy"
SERVER = NamespacedName("authentik", "authentik-server")
PROXY = Proxy({}, outposts=frozenset({SERVER}), hosts=frozenset({"auth.frank.derio.net"}))
GATE = ForwardAuthApplication(name="longhorn", url=f"https://{HOST}", middleware=False)
TO_SERVER = {"name": "authentik-server", "namespace": "authentik", "port": 80}


def http_route(*filters, parents=(), rule=""):
    content = {"backendRefs": [{"name": "longhorn-frontend", "port": 80}], "filters": list(filters)}
    spec = {
        "hostnames": [HOST],
        "parentRefs": [dict(zip(("name", "sectionName"), each.split("/"), strict=False)) for each in parents],
        "rules": [content | ({"name": rule} if rule else {})],
    }
    return {"metadata": {"namespace": "longhorn-system", "name": "longhorn", "labels": {"app": "ui"}}, "spec": spec}


def policy(target, *, path=ENVOY, backend=TO_SERVER, namespace="longhorn-system", refused="", **spec):
    kind, name, *section = target.split("/")
    ref = {"kind": kind, "name": name} | ({"sectionName": section[0]} if section else {})
    conditions = [{"type": "Accepted", "status": "False", "message": refused}] if refused else []
    auth = {"extAuth": {"http": {"backendRefs": [backend], "path": path}}} if path else {}
    return {
        "metadata": {"namespace": namespace, "name": "gate"},
        "spec": {"targetRefs": [ref]} | auth | spec,
        "status": {"ancestors": [{"conditions": conditions}]},
    }


def of_age(content, created, name="gate"):
    return content | {"metadata": content["metadata"] | {"name": name, "creationTimestamp": created}}


def verdict(route, *policies, kind="HTTPRoute", unread=""):
    read = Policy.read_all(policies, "SecurityPolicy")
    ways = ways_to_gate(GATE, tuple(of_gateway_route(route, kind, Above(policies=read, unread=unread))), PROXY)
    return "open" if ways.open else "not told" if ways.unreadable else "gated"


ROUTE, AT_GATEWAY = http_route(), http_route(parents=["public"])
ON_ROUTE, ON_GATEWAY = policy("HTTPRoute/longhorn"), policy("Gateway/public")
CORS = policy("HTTPRoute/longhorn", path="")
SINGULAR = policy("HTTPRoute/x", targetRefs=None, targetRef={"kind": "HTTPRoute", "name": "longhorn"})
SELECTOR = {"kind": "HTTPRoute", "matchLabels": {"app": "ui"}}
SELECTING = policy("HTTPRoute/x", targetRefs=None, targetSelectors=[SELECTOR])
MERGED = policy("HTTPRoute/longhorn/ui", path="", mergeType="JSONMerge")
OLD, NEW = "2026-01-01T00:00:00Z", "2026-10-01T00:00:00Z"
SELECTS_GATEWAYS = policy("HTTPRoute/x", targetRefs=None, targetSelectors=[{"kind": "Gateway"}])


@pytest.mark.parametrize(
    ("route", "policies", "is_it"),
    [
        (ROUTE, [], "open"),
        (ROUTE, [ON_ROUTE], "gated"),
        (ROUTE, [policy("GRPCRoute/longhorn")], "open"),
        (ROUTE, [policy("HTTPRoute/longhorn", namespace="other")], "open"),
        (ROUTE, [SINGULAR], "gated"),
        (ROUTE, [SELECTING], "gated"),
        (ROUTE, [policy("HTTPRoute/longhorn", refused="no ReferenceGrant")], "not told"),
        (ROUTE, [policy("HTTPRoute/longhorn", path="/verify")], "not told"),
        (ROUTE, [policy("HTTPRoute/longhorn", backend={"name": "authentik-server"})], "not told"),
        (ROUTE, [CORS], "open"),
        (ROUTE, [policy("HTTPRoute/longhorn/ui")], "open"),
        (http_route(rule="ui"), [policy("HTTPRoute/longhorn/ui")], "gated"),
        (AT_GATEWAY, [ON_GATEWAY], "gated"),
        (AT_GATEWAY, [policy("Gateway/internal")], "open"),
        (http_route(parents=["public", "internal"]), [ON_GATEWAY], "open"),
        (AT_GATEWAY, [CORS, ON_GATEWAY], "open"),
        (AT_GATEWAY, [policy("HTTPRoute/longhorn", path="", mergeType="StrategicMerge"), ON_GATEWAY], "gated"),
        (AT_GATEWAY, [policy("Gateway/public/https")], "not told"),
        (AT_GATEWAY, [SELECTS_GATEWAYS], "not told"),
        (http_route(parents=["public/https"]), [policy("Gateway/public/https")], "gated"),
        (http_route(parents=["public/http"]), [policy("Gateway/public/https")], "open"),
        # A rule's policy is merged with the Gateway's, never with the route's.
        (http_route(rule="ui"), [MERGED, ON_ROUTE], "open"),
        (http_route(rule="ui", parents=["public"]), [MERGED, ON_GATEWAY], "gated"),
        # Of several for the same thing the oldest counts, then the name.
        (ROUTE, [of_age(CORS, OLD), of_age(ON_ROUTE, NEW, "a")], "open"),
        (ROUTE, [of_age(CORS, NEW, "a"), of_age(ON_ROUTE, OLD)], "gated"),
        (ROUTE, [of_age(ON_ROUTE, OLD), of_age(policy("HTTPRoute/longhorn", refused="conflict"), NEW)], "gated"),
        (ROUTE, [of_age(CORS, None, "b"), of_age(ON_ROUTE, None, "a")], "gated"),
    ],
)  # fmt: skip
def test_a_policy_is_a_gate_where_it_stands(route, policies, is_it):
    assert verdict(route, *policies) == is_it


def test_other_filters_and_policies_are_not_judged():
    assert (
        verdict(http_route({"type": "ExtensionRef", "extensionRef": {"kind": "AuthFilter", "name": "x"}})) == "not told"
    )
    assert (
        verdict(http_route({"type": "ExtensionRef", "extensionRef": {"kind": "HTTPRouteFilter", "name": "x"}}))
        == "open"
    )
    assert verdict(ROUTE, unread="an AuthorizationPolicy may stand before it") == "not told"
    assert verdict(ROUTE, ON_ROUTE, unread="an AuthorizationPolicy may stand before it") == "gated"
    assert verdict(ROUTE, kind="GRPCRoute") == "open"


def ingress(ingress_class="nginx", **annotations):
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "longhorn-frontend"}}}
    named = {f"nginx.ingress.kubernetes.io/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return {
        "metadata": {"namespace": "longhorn-system", "name": "longhorn", "annotations": named},
        "spec": {"ingressClassName": ingress_class, "rules": [{"host": HOST, "http": {"paths": [path]}}]},
    }


NGINX = "/outpost.goauthentik.io/auth/nginx"


@pytest.mark.parametrize(
    ("found", "is_it"),
    [
        (ingress(auth_url=f"http://authentik-server.authentik.svc.cluster.local:80{NGINX}"), "gated"),
        (ingress(auth_url=f"https://auth.frank.derio.net{NGINX}"), "gated"),
        (ingress("traefik-nginx", auth_url=f"http://authentik-server.authentik{NGINX}"), "gated"),
        (ingress(auth_url=f"http://oauth2-proxy.tools.svc{NGINX}"), "not told"),
        (ingress(auth_url="http://authentik-server.authentik.svc/verify"), "not told"),
        (ingress(auth_url=f"https://$host{NGINX}"), "not told"),
        (ingress(), "not told"),
        (ingress("traefik"), "open"),
    ],
)
def test_annotations_of_nginx(found, is_it):
    ways = ways_to_gate(GATE, tuple(of_ingress(found)), PROXY)
    assert ("open" if ways.open else "not told" if ways.unreadable else "gated") == is_it


def test_what_options_are_not_known_may_be_the_gate():
    (route,) = of_ingress(ingress("traefik"))
    ways = ways_to_gate(GATE, (route,), Proxy({}, unknown="there is no deployment traefik"))
    assert not ways.open
    assert "there is no deployment traefik" in ways.unreadable[0]


def test_a_gate_that_nobody_describes_is_asked_for():
    with pytest.raises(NotDescribed):
        ways_to_gate(ForwardAuthApplication(name="longhorn", url=f"https://{HOST}"), (), PROXY)


@pytest.mark.parametrize(
    ("route", "says"),
    [
        (next(of_gateway_route(ROUTE)), "SecurityPolicy"),
        (next(of_gateway_route(ROUTE, "TLSRoute")), "connections pass no gate"),
        (next(of_ingress(ingress("traefik"))), "router.middlewares"),
    ],
)
def test_what_is_advised_exists_for_that_kind_of_route(route, says):
    gate = ForwardAuthApplication(name="longhorn", url=f"https://{HOST}", middleware="traefik-system/auth")
    known = by_full_name([{"metadata": {"namespace": "traefik-system", "name": "auth"}}])
    assert says in put_gate_into(route, gate, known)
    assert "restore the Middleware" in put_gate_into(route, gate, {}) or route.is_tcp
