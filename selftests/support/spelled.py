"""Routes and gates as Kubernetes objects, in the spellings that other estates have."""

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import NamespacedName
from fixtures.topics.routes.bypasses import ways_to_gate
from fixtures.topics.routes.gateway_routes import Above, of_gateway_route
from fixtures.topics.routes.gateways import Gateway
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.middleware_rules import by_full_name
from fixtures.topics.routes.policies import Policy
from fixtures.topics.routes.proxy import Proxy, entry_points
from fixtures.topics.routes.rule_conditions import Requests
from fixtures.topics.routes.rules import of_ingress_route
from fixtures.topics.routes.static_options import of_arguments

HOST = "longhorn.frank.derio.net"
OUTPOST = "/outpost.goauthentik.io/auth"
ASKED = Requests(HOST)
ADDRESS = f"http://authentik-server.authentik.svc.cluster.local:80{OUTPOST}/traefik"
FORWARD = {"forwardAuth": {"address": ADDRESS}}
# The gate's middleware, as routers name it.
AUTH = "traefik-system-auth@kubernetescrd"
KNOWN = by_full_name(
    {"metadata": {"namespace": namespace, "name": name}, "spec": spec}
    for namespace, name, spec in (
        ("traefik-system", "auth", FORWARD),
        ("longhorn-system", "auth", FORWARD),
        ("traefik-system", "headers", {"headers": {}}),
        ("traefik-system", "to-https", {"redirectScheme": {"scheme": "https"}}),
        ("traefik-system", "chained", {"chain": {"middlewares": [{"name": "headers"}, {"name": "auth"}]}}),
        ("traefik-system", "loop", {"chain": {"middlewares": [{"name": "loop"}]}}),
    )
)
CROSSING = "--providers.kubernetescrd.allowCrossNamespace=true"
PROVIDERS = ("--providers.kubernetescrd", "--providers.kubernetesingress")
ARGUMENTS = ("--entryPoints.web.address=:80", "--entryPoints.websecure.http.tls=true", *PROVIDERS)
SERVER = NamespacedName("authentik", "authentik-server")
BACKEND = NamespacedName("longhorn-system", "longhorn-frontend")
GATE = ForwardAuthApplication(name="longhorn", url=f"https://{HOST}", middleware="traefik-system/auth")
MIDDLEWARES = "traefik.ingress.kubernetes.io/router.middlewares"
NGINX = "nginx.ingress.kubernetes.io/"
ASKS = {f"{NGINX}auth-url": f"http://authentik-server.authentik.svc.cluster.local:80{OUTPOST}/nginx"}


def proxy(*arguments, crossing=True):
    options = of_arguments([*ARGUMENTS, *arguments, *([CROSSING] if crossing else [])])
    return Proxy(KNOWN, entry_points(options), frozenset({SERVER}), (3, 7, 12), options=options)


def ingress_route(
    rule, *names, name="longhorn", points=("websecure",), metadata=None, kind="Service", service="", **of
):
    entry = {"match": rule, "services": [{"name": service or BACKEND.name, "kind": kind}]} | of
    entry["middlewares"] = [dict(zip(("name", "namespace"), each.split("/")[::-1], strict=False)) for each in names]
    about = {"namespace": "longhorn-system", "name": name} | (metadata or {})
    return list(of_ingress_route({"metadata": about, "spec": {"entryPoints": list(points), "routes": [entry]}}))


def ingress(ingress_class="traefik", path="/", kind="Prefix", controllers=(), name="longhorn", **annotations):
    backend = {"service": {"name": BACKEND.name}}
    rule = {"host": HOST, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
    spec = {"rules": [rule]} | ({"ingressClassName": ingress_class} if ingress_class else {})
    about = {"namespace": "longhorn-system", "name": name, "annotations": annotations.get("of", {})}
    return list(of_ingress({"metadata": about, "spec": spec}, controllers=dict(controllers) or None))


def http_route(
    *filters, hosts=(HOST,), name="longhorn", parents=("public",), match=None, above=None, service="", **more
):
    backend = {"name": service or BACKEND.name, "port": 80}
    rule = {"filters": list(filters), "backendRefs": more.pop("backends", [backend])} | (
        {"matches": [match]} if match else {}
    )
    named = [dict(zip(("name", "sectionName"), each.split("/"), strict=False)) for each in parents]
    about = {"namespace": "longhorn-system", "name": name, "labels": {"app": "ui"}} | more.pop("metadata", {})
    spec = {"parentRefs": named, "rules": [rule]} | ({"hostnames": list(hosts)} if hosts else {})
    return list(of_gateway_route({"metadata": about, "spec": spec} | more, "HTTPRoute", above or Above()))


def at(*listeners):
    """Above a route: the Gateway `public` with these listeners, `name=host`."""
    named = [dict(zip(("name", "hostname"), each.split("="), strict=True)) for each in listeners]
    found = Gateway.read({"metadata": {"namespace": "longhorn-system", "name": "public"}, "spec": {"listeners": named}})
    return Above({found.ref: found})


TO_SERVER = {"name": "authentik-server", "namespace": "authentik", "port": 80}
EXTERNAL = {
    "type": "ExternalAuth",
    "externalAuth": {"backendRef": TO_SERVER, "http": {"path": f"{OUTPOST}/envoy"}},
}


def under(fail_open=False, status=None, **spec):
    """Above a route: Envoy Gateway's policy, and what it says of that."""
    auth = {"failOpen": fail_open, "http": {"backendRefs": [TO_SERVER], "path": f"{OUTPOST}/envoy"}}
    about = {"namespace": "longhorn-system", "name": "gate", "generation": 2}
    given = {"targetRefs": [{"kind": "HTTPRoute", "name": "longhorn"}], "extAuth": auth} | spec
    policy = {"metadata": about, "spec": given} | ({"status": status} if status else {})
    return Above(policies=Policy.read_all([policy], "SecurityPolicy"))


def selecting(operator, *values, key="app"):
    wanted = {"key": key, "operator": operator, "values": list(values)}
    return under(targetRefs=None, targetSelectors=[{"kind": "HTTPRoute", "matchExpressions": [wanted]}])


def verdict(routes, by=None):
    ways = ways_to_gate(GATE, routes, by or proxy())
    if ways.open:
        return "open"
    if ways.unreadable:
        return "not told"
    return "gated" if ways.leading else "left out" if ways.unserved else "nothing"
