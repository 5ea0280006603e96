"""Routes in newer forms: layers, what Traefik leaves out, Services that lead to the outpost, and the API's names."""

from dataclasses import replace

import pytest

from fixtures.doors.cluster import ClusterDoor
from fixtures.estate.authentik import Authentik
from fixtures.estate.names import NamespacedName
from fixtures.exchange.services import by_name, by_service
from fixtures.topics.routes.bypasses import ways_to_host
from fixtures.topics.routes.closing import put_gate_into
from fixtures.topics.routes.gateway_routes import of_gateway_route
from fixtures.topics.routes.ingresses import Ingresses
from fixtures.topics.routes.layers import whole_ways
from fixtures.topics.routes.loaded_rules import Declared, Loaded, LoadedMiddleware, Router, loading_complaints
from fixtures.topics.routes.middleware_rules import by_full_name, forward_auth
from fixtures.topics.routes.outpost_services import outpost_services
from fixtures.topics.routes.proxy import Proxy
from fixtures.topics.routes.questions import routes as routes_question
from fixtures.topics.routes.rules import of_ingress_route
from fixtures.topics.routes.unserved import restore
from selftests.support.ingress_routes import PROXY, ingress_route
from selftests.support.small_estate import estate_of
from selftests.support.spelled import ADDRESS, ASKED, AUTH, HOST, KNOWN, SERVER

OUTPOST_RULE = f"Host(`{HOST}`) && PathPrefix(`/outpost.goauthentik.io/`)"


def ways(*objects, proxy=PROXY):
    found = whole_ways(route for each in objects for route in of_ingress_route(each))
    return ways_to_host(ASKED, tuple(found), AUTH, proxy)


def opened(*objects):
    return [each.ref.name for each in ways(*objects).open]


def parent(*middlewares, name="gate", rule=f"Host(`{HOST}`)", parents=()):
    return ingress_route(name, rule, *middlewares, service="", parents=parents, namespace="traefik-system")


CHILD = ingress_route("longhorn", "PathPrefix(`/`)", parents=["gate"])


def test_a_layer_has_the_gate_of_those_above():
    gated = ways(parent("auth"), CHILD)
    assert (gated.open, [route.ref.name for route in gated.leading]) == ((), ["longhorn"])
    assert opened(parent(), CHILD) == ["longhorn"]
    # A child may name the host again, or bring the gate itself.
    assert opened(parent("auth"), ingress_route("longhorn", f"Host(`{HOST}`)", parents=["gate"])) == []
    assert opened(parent(), ingress_route("longhorn", "PathPrefix(`/`)", "auth", parents=["gate"])) == []
    # Through a second parent, which has no gate, it is open.
    assert opened(parent("auth"), parent(name="other"), ingress_route("c", "Path(`/`)", parents=["gate", "other"])) == [
        "c"
    ]


def test_three_layers():
    middle = parent(name="middle", rule="PathPrefix(`/api`)", parents=["gate"])
    assert opened(parent("auth"), middle, ingress_route("longhorn", "PathPrefix(`/`)", parents=["middle"])) == []
    assert opened(parent(), middle, ingress_route("longhorn", "PathPrefix(`/`)", parents=["middle"])) == ["longhorn"]


def test_what_hangs_below_nothing_or_below_itself_is_not_there():
    assert ways(CHILD).leading == ()
    one = parent(name="one", parents=["two"])
    assert (
        ways(one, parent(name="two", parents=["one"]), ingress_route("c", "Path(`/`)", parents=["one"])).leading == ()
    )


def test_a_misspelt_middleware_is_no_open_route():
    found = ways(ingress_route("longhorn", f"Host(`{HOST}`)", "auht"))
    assert (found.leading, found.open, found.unreadable) == ((), (), ())
    (unserved,) = found.unserved
    assert unserved.missing == ("traefik-system-auht@kubernetescrd",)
    assert restore(unserved, KNOWN, estate_of()).startswith("did you mean traefik-system/auth?")
    assert "did you mean" not in restore(unserved, {}, estate_of())


def test_the_gate_that_is_missing_itself_is_judged_elsewhere():
    found = ways(ingress_route("longhorn", f"Host(`{HOST}`)", "auth"), proxy=Proxy({}))
    assert (found.open, found.unserved, len(found.leading)) == ((), (), 1)


def test_what_is_not_loaded_leads_nowhere():
    gated, two = ingress_route("longhorn", f"Host(`{HOST}`)", "auth"), f"Host(`{HOST}`, `a.b`)"
    assert opened(gated, ingress_route("old", two)) == []
    (unserved,) = ways(ingress_route("old", two, "auth")).unserved
    assert "takes 1, not 2 values in Traefik 3" in unserved.why
    assert "Host(`a`) || Host(`b`)" in restore(unserved, KNOWN, estate_of())
    unknown = ways(ingress_route("old", two), proxy=Proxy(KNOWN))
    assert (unknown.open, len(unknown.unreadable)) == ((), 1)
    assert ways(ingress_route("old", "Host(`a.b`, `c.d`)")).unserved == ()


def test_the_outposts_path_is_never_told_to_be_gated():
    named = {"name": "longhorn", "url": f"https://{HOST}", "middleware": "traefik-system/auth"}
    (app,) = estate_of(forward_auth=[named]).forward_auth
    (route,) = of_ingress_route(ingress_route("outpost", OUTPOST_RULE))
    assert "never put the gate there" in put_gate_into(route, app, KNOWN)
    (other,) = of_ingress_route(ingress_route("api", f"Host(`{HOST}`) && PathPrefix(`/out`)"))
    assert "put traefik-system/auth among" in put_gate_into(other, app, KNOWN)


def service(name, namespace="authentik", external=""):
    spec = {"type": "ExternalName", "externalName": external} if external else {"ports": [{"port": 80, "name": "http"}]}
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


def slices(name, address, namespace="authentik", port=9000):
    metadata = {"namespace": namespace, "name": name, "labels": {"kubernetes.io/service-name": name}}
    return {
        "metadata": metadata,
        "endpoints": [{"addresses": [address]}],
        "ports": [{"name": "http", "port": port}],
    }


@pytest.mark.parametrize(
    ("name", "external", "leads"),
    [
        ("ak-outpost-authentik-embedded-outpost", "", True),
        ("ak-outpost-look-alike", "", False),
        ("sso", "authentik-server.authentik.svc.cluster.local", True),
        ("sso", "AUTHENTIK-SERVER.authentik.svc.", True),
        ("sso", "sso2.authentik.svc", True),
        ("sso", "auth.frank.derio.net", True),
        ("sso", "longhorn-frontend.longhorn-system.svc.cluster.local", False),
        ("sso", "authentik-server.elsewhere.example", False),
        ("sso", "sso.authentik.svc", False),
    ],
)
def test_services_that_lead_to_the_outpost(name, external, leads):
    listed = [service("authentik-server"), service("sso2", external="authentik-server.authentik")]
    listed += [service(name, external=external), service("longhorn-frontend", "longhorn-system")]
    endpoints = [slices("authentik-server", "10.0.0.1"), slices("longhorn-frontend", "10.0.0.2", "longhorn-system")]
    if not external:
        endpoints.append(slices(name, "10.0.0.2" if "look" in name else "10.0.0.1"))
    authentik = Authentik(url="http://192.168.55.10:9000", public_url="https://auth.frank.derio.net")
    found = outpost_services(authentik, by_name(listed), by_service(endpoints))
    assert SERVER in found
    assert (NamespacedName("authentik", name) in found) is leads


def complaints(*routers, objects):
    declared = whole_ways(route for each in objects for route in of_ingress_route(each))
    leading = ways_to_host(ASKED, tuple(declared), AUTH, PROXY).leading
    gate = {"name": AUTH, "forwardAuth": {"address": ADDRESS}}
    loaded = Loaded(None, Router.read_all(routers, ""), LoadedMiddleware.read_all([gate], ""))
    settings = next(forward_auth([AUTH], KNOWN))
    return loading_complaints(Declared(ASKED, leading, AUTH, settings, declared), loaded, PROXY)


def router(obj, name, **more):
    (route,) = of_ingress_route(obj)
    key = f"{route.ref.namespace}-{name}-0a1b2c"
    return {
        "name": f"{key}@kubernetescrd",
        "provider": "kubernetescrd",
        "rule": route.rule,
        "middlewares": list(route.middlewares),
        "service": key if route.backends else "",
        "status": "enabled",
        **more,
    }


def test_a_router_named_after_itself_leads_where_its_object_says():
    main, outpost = ingress_route("longhorn", f"Host(`{HOST}`)", "auth"), ingress_route("o", OUTPOST_RULE)
    outpost["spec"]["routes"][0]["services"] = [{"name": "authentik-server", "namespace": "authentik"}]
    loaded = [router(main, "longhorn"), router(outpost, "o")]
    assert complaints(*loaded, objects=[main, outpost]) == []
    # The same rule at an object that leads to the application, and one that nobody declares.
    (wrong,) = complaints(*loaded, objects=[main, ingress_route("o", OUTPOST_RULE)])
    assert "serves it without the gate" in wrong
    (left,) = complaints(*loaded, objects=[main])
    assert "serves it without the gate" in left


def test_layers_as_the_api_shows_them():
    above, child = parent("auth"), CHILD
    top = router(above, "gate")
    assert complaints(top, router(child, "longhorn", parentRefs=[top["name"]]), objects=[above, child]) == []
    (lost,) = complaints(top, objects=[above, child])
    assert "PathPrefix(`/`)) is not loaded" in lost
    bare = complaints(
        top | {"middlewares": []}, router(child, "longhorn", parentRefs=[top["name"]]), objects=[above, child]
    )
    assert any("serves it without the gate" in each for each in bare)


def test_objects_of_one_rule_are_told_apart_by_the_names_of_their_routers():
    rule = f"Host(`{HOST}`)"
    main, away = ingress_route("longhorn", rule, "auth"), ingress_route("longhorn-http", rule, "to-https")
    spec = {"redirectScheme": {"scheme": "https"}}
    redirect = by_full_name([{"metadata": {"namespace": "traefik-system", "name": "to-https"}, "spec": spec}])
    assert ways(away, proxy=replace(PROXY, middlewares=KNOWN | redirect)).leading == ()
    named = [router(away, "longhorn-http"), router(main, "longhorn")]
    for loaded in (named, named[::-1]):
        assert not [each for each in complaints(*loaded, objects=[main]) if "is loaded without" in each]
    (bare,) = [each for each in complaints(named[0], objects=[main]) if "is loaded without" in each]
    assert AUTH in bare


def test_another_gate_of_authentiks_is_a_gate_too():
    copy = {"metadata": {"namespace": "longhorn-system", "name": "own"}, "spec": {"forwardAuth": {"address": ADDRESS}}}
    asks = {
        "metadata": {"namespace": "longhorn-system", "name": "asks"},
        "spec": {"forwardAuth": {"address": "http://a/b"}},
    }
    proxy = replace(PROXY, middlewares=KNOWN | by_full_name([copy, asks]))
    entry = ingress_route("longhorn", f"Host(`{HOST}`)")
    for name, is_open in (("own", False), ("asks", True)):
        entry["spec"]["routes"][0]["middlewares"] = [{"name": name}]
        assert bool(ways(entry, proxy=proxy).open) is is_open


def test_a_layer_below_nothing_says_what_it_hangs_below():
    found = ways(ingress_route("longhorn", "PathPrefix(`/`)", parents=["gaet"]))
    (lost,) = found.unserved
    assert lost.why == "it hangs below traefik-system/ingressroute/gaet, which does not exist"
    assert "parentRefs" in restore(lost, KNOWN, estate_of())
    below = ingress_route("below", "PathPrefix(`/x`)", parents=["middle"])
    middle = ingress_route("middle", "PathPrefix(`/`)", parents=["gaet"], namespace="traefik-system")
    assert {each.route.ref.name for each in ways(middle, below).unserved} == {"middle", "below"}


class Served(ClusterDoor):
    """A cluster that serves the Gateway API in some versions, with one TLSRoute."""

    def __init__(self, *versions, kinds=("v1", "v1alpha3", "v1alpha2")):
        self._versions, self._kinds = versions, kinds

    def groups(self):
        group = "gateway.networking.k8s.io"
        return {group: tuple(f"{group}/{version}" for version in self._versions)}

    def list(self, group_version, plural):
        version = group_version.rpartition("/")[2]
        if plural != "tlsroutes" or version not in self._versions or version not in self._kinds:
            return None
        spec = {"hostnames": [HOST], "rules": [{"backendRefs": [{"name": "longhorn-frontend"}]}]}
        return [{"metadata": {"namespace": "longhorn-system", "name": "storage"}, "spec": spec}]


@pytest.mark.parametrize(
    ("cluster", "found"),
    [
        (Served("v1"), ["storage"]),
        (Served("v1", "v1alpha3", "v1alpha2"), ["storage"]),
        (Served("v1", "v1beta1", "v1alpha2", kinds=("v1alpha2",)), ["storage"]),
        (Served("v1alpha3"), ["storage"]),
        (Served("v1beta1"), []),
        (Served(), []),
    ],
)
def test_tls_routes_of_whatever_version_is_served(cluster, found):
    assert [
        route.ref.name for route in routes_question(cluster, estate_of(), cluster.groups(), {}, Ingresses((), {}))
    ] == found


@pytest.mark.parametrize(
    ("service", "path", "open_or_not_told"),
    [
        ("authentik-server", "/outpost.goauthentik.io/auth/envoy", (0, 0)),
        ("oauth2-proxy", "/outpost.goauthentik.io/auth/envoy", (0, 1)),
        ("authentik-server", "/-/health/live/", (0, 1)),
        (None, "", (1, 0)),
    ],
)
def test_a_gate_by_the_gateway_apis_own_filter(service, path, open_or_not_told):
    auth = {"backendRef": {"name": service, "namespace": "authentik"}, "http": {"path": path}}
    filters = [{"type": "ExternalAuth", "externalAuth": auth}] if service else []
    rule = {"filters": filters, "backendRefs": [{"name": "longhorn-frontend"}]}
    metadata = {"namespace": "longhorn-system", "name": "longhorn"}
    found = of_gateway_route({"metadata": metadata, "spec": {"hostnames": [HOST], "rules": [rule]}})
    ways = ways_to_host(ASKED, tuple(found), AUTH, PROXY)
    assert (len(ways.open), len(ways.unreadable)) == open_or_not_told
