"""The same routes and gates in the spellings that other estates have: each is gated, open, left out, or not told."""

import pytest

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import NamespacedName, WayRef
from fixtures.model.signals import NotApplicable
from fixtures.topics.routes.bypasses import other_routes, ways_to_gate
from fixtures.topics.routes.closing import put_gate_into
from fixtures.topics.routes.foreign import of_foreign
from fixtures.topics.routes.gateway_routes import Above, of_gateway_route
from fixtures.topics.routes.gateways import Gateway
from fixtures.topics.routes.ingresses import of_ingress
from fixtures.topics.routes.middleware_rules import by_full_name, gate_middleware
from fixtures.topics.routes.outpost_services import services_of_hosts
from fixtures.topics.routes.policies import Policy
from fixtures.topics.routes.proxy import Proxy, entry_points
from fixtures.topics.routes.rules import of_ingress_route
from fixtures.topics.routes.static_options import of_arguments
from fixtures.topics.routes.traefik_rules import Requests
from fixtures.topics.routes.traefik_services import with_members
from fixtures.topics.routes.unserved import restore

HOST = "longhorn.frank.derio.net"
OUTPOST = "/outpost.goauthentik.io/auth"
FORWARD = {"forwardAuth": {"address": f"http://authentik-server.authentik.svc:80{OUTPOST}/traefik"}}
KNOWN = by_full_name(
    {"metadata": {"namespace": namespace, "name": name}, "spec": spec}
    for namespace, name, spec in (
        ("traefik-system", "auth", FORWARD),
        ("longhorn-system", "auth", FORWARD),
        ("traefik-system", "headers", {"headers": {}}),
    )
)
CROSSING = "--providers.kubernetescrd.allowCrossNamespace=true"
ARGUMENTS = ("--entryPoints.web.address=:80", "--entryPoints.websecure.http.tls=true")
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
    return list(of_ingress({"metadata": about, "spec": spec}, controllers=dict(controllers)))


def http_route(
    *filters, hosts=(HOST,), name="longhorn", parents=("public",), match=None, above=None, service="", **more
):
    backend = {"name": service or BACKEND.name, "port": 80}
    rule = {"filters": list(filters), "backendRefs": [backend]} | ({"matches": [match]} if match else {})
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


def under(fail_open=False, **spec):
    auth = {"failOpen": fail_open, "http": {"backendRefs": [TO_SERVER], "path": f"{OUTPOST}/envoy"}}
    about = {"namespace": "longhorn-system", "name": "gate"}
    given = {"targetRefs": [{"kind": "HTTPRoute", "name": "longhorn"}], "extAuth": auth} | spec
    return Above(policies=Policy.read_all([{"metadata": about, "spec": given}], "SecurityPolicy"))


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


MAIN = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")
PAGE = {"path": {"type": "PathPrefix", "value": "/status"}}
WILD = "*.frank.derio.net"
INTERNAL = {"annotations": {"kubernetes.io/ingress.class": "internal"}}
NOT_ACCEPTED = {"parents": [{"conditions": [{"type": "Accepted", "status": "False", "reason": "NoMatchingParent"}]}]}
ACCEPTED_ONCE = {"parents": [*NOT_ACCEPTED["parents"], {"conditions": [{"type": "Accepted", "status": "True"}]}]}


@pytest.mark.parametrize(
    ("routes", "is_it"),
    [
        # Rules of Traefik's.
        (ingress_route(f'Host("{HOST}") && PathRegexp("^/v[0-9]\\\\.[0-9]")', "traefik-system/auth"), "gated"),
        (ingress_route(f'Host("{HOST}") && PathRegexp("^/\\x41")'), "not told"),
        (ingress_route(f"HOST(`{HOST}`) &&\n  pathprefix(`/`)\n"), "open"),
        (MAIN + ingress_route(f"Host(`{HOST}`) && ClientIP(`10.0.0.0/8`)"), "open"),
        (MAIN + ingress_route(f"Host(`{HOST}`) && !PathPrefix(`/admin`)"), "open"),
        (MAIN + ingress_route(f"Host(`x.y`) || Host(`{HOST}`) && Path(`/healthz`)"), "open"),
        (ingress_route(f"Host(`{HOST}`)", "traefik-system-auth@kubernetescrd"), "gated"),
        (ingress_route(f"Host(`{HOST}`)", "auth@file"), "not told"),
        # A page for hosts that nobody has, on entry points where the host is not.
        (MAIN + ingress_route("HostRegexp(`.+`)", points=(), priority=1, service="page"), "gated"),
        (MAIN + ingress_route("HostRegexp(`.+`)", points=(), priority=99, service="page"), "open"),
        (MAIN + ingress_route("HostRegexp(`.+`)", points=(), priority=1), "open"),
        # What Traefik's provider leaves out: another Traefik may serve it.
        (ingress_route(f"Host(`{HOST}`)", "traefik-system/auth", metadata=INTERNAL), "left out"),
        (MAIN + ingress_route(f"Host(`{HOST}`) && Path(`/x`)", metadata=INTERNAL), "not told"),
        (MAIN + ingress_route("PathPrefix(`/`)", metadata=INTERNAL, priority=999), "gated"),
        # Annotations of an Ingress.
        (ingress(of={MIDDLEWARES: " x@file ,traefik-system-auth@kubernetescrd,"}), "gated"),
        (ingress(of={MIDDLEWARES: "auth"}), "left out"),
        (ingress(of={MIDDLEWARES: "auth@kubernetescrd"}), "left out"),
        (MAIN + ingress(path="/v1/.*", kind="ImplementationSpecific",
                        of={"traefik.ingress.kubernetes.io/router.pathmatcher": "PathRegexp"}), "open"),
        (ingress(of=ASKS), "open"),
        (ingress("", of=ASKS | {"traefik.ingress.kubernetes.io/router.entrypoints": "websecure"}), "open"),
        (ingress("public", controllers={"public": "traefik.io/ingress-controller"}, of=ASKS), "open"),
        (ingress("", of={f"{NGINX}proxy-body-size": "8m"}), "open"),
        (ingress("", of=ASKS), "not told"),
        (ingress("nginx", of=ASKS), "gated"),
        (ingress("public", controllers={"public": "k8s.io/ingress-nginx"}, of=ASKS), "gated"),
        (ingress("nginx", controllers={"nginx": "nginx.org/ingress-controller"}, of=ASKS), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}satisfy": "any"}), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}satisfy": "all"}), "gated"),
        (ingress("nginx", path="/(.*)", of=ASKS | {f"{NGINX}use-regex": "true"}), "gated"),
        (ingress("nginx", path="/v1(/|$)(.*)", of={f"{NGINX}rewrite-target": "/$2"}), "not told"),
        (ingress("public"), "not told"),
        (ingress("kong", of={"konghq.com/plugins": "auth"}), "not told"),
        *((ingress("", of={name: "auth"}), "not told")
          for name in ("konghq.com/plugins", "haproxy-ingress.github.io/auth-url", "haproxy.org/auth-type",
                       "zalando.org/skipper-filter", f"{NGINX}configuration-snippet")),
        # Hosts of a Gateway's listeners.
        (http_route(hosts=(), above=at(f"https={WILD}")), "open"),
        (http_route(EXTERNAL, hosts=(), above=at(f"https={HOST}")), "gated"),
        (http_route(hosts=(), parents=("public/other",), above=at(f"https={HOST}", "other=x.example.org")), "nothing"),
        (http_route(above=at("https=*.example.org")), "nothing"),
        (http_route(hosts=("*.derio.net",), above=at(f"https={WILD}")), "open"),
        (http_route(hosts=(), parents=("gone",), above=at(f"https={HOST}")), "not told"),
        # Which of two comes first.
        (http_route(EXTERNAL) + http_route(hosts=(WILD,), name="wild"), "gated"),
        (http_route(EXTERNAL) + http_route(hosts=(WILD,), name="wild", parents=("internal",)), "open"),
        (http_route(EXTERNAL) + http_route(hosts=(WILD,), name="wild", match=PAGE), "not told"),
        (http_route(EXTERNAL) + http_route(name="page", match=PAGE), "open"),
        (http_route(EXTERNAL, match={"headers": [{"name": "a"}]}) + http_route(name="rest"), "open"),
        (http_route(EXTERNAL, hosts=(WILD,)) + http_route(name="exact"), "open"),
        (MAIN + http_route(hosts=(), name="any", above=at("https="), service="page"), "gated"),
        (MAIN + http_route(hosts=(), name="any", above=at("https=")), "not told"),
        (http_route(EXTERNAL) + http_route(hosts=(), name="any", parents=("other",)), "not told"),
        (MAIN + http_route(hosts=(), name="any", above=at("https="), match=PAGE), "not told"),
        (MAIN + http_route(name="second"), "open"),
        # What no Gateway leads, or not from outside.
        (MAIN + http_route(name="refused", status=NOT_ACCEPTED), "gated"),
        (MAIN + http_route(name="once", status=ACCEPTED_ONCE), "open"),
        (http_route(status=NOT_ACCEPTED), "left out"),
        # Gates by filters and policies.
        (http_route(metadata={"annotations": {"konghq.com/plugins": "auth"}}), "not told"),
        (http_route({"type": "ExtensionRef", "extensionRef": {"kind": "SnippetsFilter", "name": "auth"}}), "not told"),
        (http_route(above=selecting("In", "ui")), "gated"),
        (http_route(above=selecting("In", "other")), "open"),
        (http_route(above=selecting("NotIn", "ui")), "open"),
        (http_route(above=selecting("Exists", key="app")), "gated"),
        (http_route(above=selecting("DoesNotExist", key="app")), "open"),
        (http_route(above=selecting("Unheard")), "open"),
        (http_route(above=under()), "gated"),
        (http_route(above=under(fail_open=True)), "not told"),
        (http_route(above=under(extAuth={"grpc": {"backendRefs": [{"name": "x"}]}})), "not told"),
        (http_route(above=under(extAuth=None, oidc={"clientID": "x"})), "not told"),
        (http_route(above=under(extAuth=None, cors={})), "open"),
    ],
)  # fmt: skip
def test_a_route_in_another_spelling(routes, is_it):
    assert verdict(routes) == is_it


@pytest.mark.parametrize(
    ("arguments", "crossing", "is_it"),
    [
        ((), True, "gated"),
        ((), False, "left out"),
        (("--providers.kubernetesCRD.namespaces=longhorn-system, traefik-system",), True, "gated"),
        (("--providers.kubernetesCRD.namespaces=traefik-system",), True, "left out"),
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


def test_what_is_left_out_is_told_how_it_comes_back():
    (forbidden,) = ways_to_gate(GATE, MAIN, proxy(crossing=False)).unserved
    assert "allowCrossNamespace=true" in restore(forbidden, KNOWN)
    (misnamed,) = ways_to_gate(GATE, ingress(of={MIDDLEWARES: "traefik-system-auth"}), proxy()).unserved
    assert restore(misnamed, KNOWN).startswith("did you mean traefik-system/auth?")
    assert "namespace-name@kubernetescrd" in restore(misnamed, KNOWN)


PROXY_MODE = GATE.model_copy(update={"mode": "proxy", "middleware": None})
TO_OUTPOST = {"services": [{"name": SERVER.name, "namespace": SERVER.namespace, "port": 80}]}


@pytest.mark.parametrize(
    ("routes", "open_and_leading"),
    [
        (ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST), (0, 1)),
        (ingress_route(f"Host(`{HOST}`) && PathPrefix(`/outpost.goauthentik.io/`)", **TO_OUTPOST), (0, 0)),
        (ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST) + ingress_route(f"Host(`{HOST}`) && Path(`/x`)"), (1, 2)),
        (ingress_route(f"Host(`{HOST}`)"), (1, 1)),
    ],
)
def test_an_outpost_that_leads_requests_itself_is_the_gate(routes, open_and_leading):
    ways = ways_to_gate(PROXY_MODE, routes, proxy())
    assert (len(ways.open), len(ways.leading)) == open_and_leading
    assert all("lead it to the outpost's own Service" in put_gate_into(each, PROXY_MODE, {}) for each in ways.open)
    with pytest.raises(NotApplicable, match="no Middleware asks it"):
        gate_middleware(PROXY_MODE, KNOWN)
    # To another mode such a route is no way to the application.
    assert ways_to_gate(GATE, ingress_route(f"Host(`{HOST}`)", **TO_OUTPOST), proxy()).leading == ()


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("Host(`auth.frank.derio.net`)", 1),
        ("Host(`auth.frank.derio.net`) && PathPrefix(`/`)", 1),
        ("Host(`auth.frank.derio.net`) && PathPrefix(`/static`)", 0),
        ("Host(`auth.frank.derio.net`) || Host(`x.y`)", 0),
        ("HostRegexp(`.+`)", 0),
        ("Host(", 0),
    ],
)
def test_an_authentik_elsewhere_is_where_its_host_is_led(rule, found):
    assert len(services_of_hosts(frozenset({"auth.frank.derio.net"}), ingress_route(rule))) == found


def test_prefixes_of_the_gateway_api_are_whole_segments():
    below = GATE.model_copy(update={"url": f"https://{HOST}/longhorn"})
    for path, opened in (("/long", 0), ("/longhorn", 1), ("/longhorn/", 1), ("/", 1)):
        routes = http_route(match={"path": {"value": path}})
        assert len(ways_to_gate(below, routes, proxy()).open) == opened, path


ISTIO, CONTOUR = ("VirtualService", "networking.istio.io"), ("HTTPProxy", "projectcontour.io")
MAPPING = ("Mapping", "getambassador.io")


def foreign(kind, group, **spec):
    return list(of_foreign({"metadata": {"namespace": "longhorn-system", "name": "o"}, "spec": spec}, kind, group))


DESTINATION = [{"route": [{"destination": {"host": "longhorn-frontend.longhorn-system.svc.cluster.local"}}]}]
SERVICES = [{"services": [{"name": "longhorn-frontend", "port": 80}]}]


@pytest.mark.parametrize(
    ("routes", "beside_the_gate", "past_it"),
    [
        (foreign(*ISTIO, hosts=[HOST], gateways=["a/b"], http=DESTINATION), "not told", 0),
        (foreign(*ISTIO, hosts=["a.b.c"], gateways=["a/b"], http=DESTINATION), "gated", 1),
        (foreign(*ISTIO, hosts=["longhorn-frontend"], http=DESTINATION), "gated", 0),
        (foreign(*CONTOUR, virtualhost={"fqdn": HOST}, routes=SERVICES), "not told", 0),
        (foreign(*CONTOUR, routes=SERVICES), "gated", 1),
        (foreign(*MAPPING, hostname="x.example.org", service="http://longhorn-frontend:80"), "gated", 1),
        (foreign(*MAPPING, hostname="x.example.org", service="longhorn-frontend.other"), "gated", 0),
        (foreign("ApisixRoute", "apisix.apache.org", http=[{"match": {"hosts": [WILD]}}]), "not told", 0),
        (foreign("Route", "route.openshift.io", host="a.b.c", to={"name": BACKEND.name}), "gated", 1),
    ],
)  # fmt: skip
def test_routes_of_other_controllers_are_never_judged(routes, beside_the_gate, past_it):
    assert verdict(MAIN + routes) == beside_the_gate
    found = list(other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset()))
    assert (len(found), all("does not read a" in way.problem for way in found)) == (past_it, True)


def test_a_way_of_another_controller_can_be_declared():
    assert WayRef.parse("longhorn-system/httpproxy.projectcontour.io/o") == foreign(*CONTOUR)[0].ref
    with pytest.raises(ValueError, match="the kind in the middle"):
        WayRef.parse("longhorn-system/httpproxy/o")


SELF = {"name": "s", "kind": "TraefikService"}


def traefik_service(name, **spec):
    return {"metadata": {"namespace": "longhorn-system", "name": name}, "spec": spec}


@pytest.mark.parametrize(
    ("listed", "leads"),
    [
        ([traefik_service("s", weighted={"services": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", highestRandomWeight={"services": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", mirroring={"name": "x", "mirrors": [{"name": BACKEND.name}]})], True),
        ([traefik_service("s", mirroring={"name": BACKEND.name})], True),
        ([traefik_service("s", failover={"service": {"name": "x"}, "fallback": {"name": BACKEND.name}})], True),
        ([traefik_service("s", weighted={"services": [{"name": "t", "kind": "TraefikService"}]}),
          traefik_service("t", weighted={"services": [{"name": BACKEND.name}, SELF]})], True),
        ([traefik_service("s", weighted={"services": [{"name": BACKEND.name, "namespace": "other"}]})], False),
        ([], False),
    ],
)  # fmt: skip
def test_a_traefik_service_leads_where_its_members_do(listed, leads):
    second = ingress_route("Host(`second.frank.derio.net`)", kind="TraefikService", service="s")
    routes = list(with_members(second, listed))
    assert bool(list(other_routes(Requests(HOST), routes, frozenset({BACKEND}), proxy(), frozenset()))) is leads
