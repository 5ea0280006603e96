"""The same routes and gates in the spellings that other estates have: each is gated, open, left out, or not told."""

import pytest

from fixtures.topics.routes.bypasses import ways_to_gate
from fixtures.topics.routes.unserved import restore
from selftests.support.small_estate import estate_of
from selftests.support.spelled import (
    ASKS,
    EXTERNAL,
    GATE,
    HOST,
    KNOWN,
    MIDDLEWARES,
    NGINX,
    at,
    http_route,
    ingress,
    ingress_route,
    proxy,
    selecting,
    under,
    verdict,
)

MAIN = ingress_route(f"Host(`{HOST}`)", "traefik-system/auth")
BY_PATH = [
    *ingress_route(f"Host(`{HOST}`) && PathPrefix(`/api`)", "traefik-system/auth"),
    *ingress_route(f"Host(`{HOST}`) && !PathPrefix(`/api`)", "traefik-system/auth"),
]
BY_HEADER = [
    *ingress_route(f"Host(`{HOST}`) && Header(`A`, `b`)", "traefik-system/auth"),
    *ingress_route(f"Host(`{HOST}`) && !Header(`A`, `b`)", "traefik-system/auth"),
]
LAST = ingress_route("HostRegexp(`.+`)", priority=1)
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
        (ingress_route(f'Host("{HOST}") && PathRegexp("^/\\101")'), "not told"),
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
        # Gated routes that take all of it together.
        (BY_PATH + ingress_route("HostRegexp(`.+`)", priority=1), "gated"),
        (BY_HEADER + ingress_route("HostRegexp(`.+`)", priority=1), "gated"),
        (BY_PATH[:1] + ingress_route("HostRegexp(`.+`)", priority=1), "open"),
        (BY_HEADER[:1] + ingress_route("HostRegexp(`.+`)", priority=1), "open"),
        (BY_PATH + ingress_route(f"Host(`{HOST}`)", priority=99), "open"),
        (BY_PATH + ingress_route(f"Host(`{HOST}`) && Path(`/api/x`)", priority=1), "gated"),
        (BY_PATH[1:] + ingress_route(f"Host(`{HOST}`) && Path(`/api/x`)", priority=1), "open"),
        (BY_PATH[1:] + ingress_route(f"Host(`{HOST}`) && Path(`/x`)", priority=1), "gated"),
        # An expression that is but a prefix.
        *((ingress_route(f"Host(`{HOST}`) && PathRegexp(`{each}`)", "traefik-system/auth") + LAST, "gated")
          for each in ("^/.*", ".*", "/", "^/", "^")),
        *((ingress_route(f"Host(`{HOST}`) && PathRegexp(`{each}`)", "traefik-system/auth") + LAST, "open")
          for each in ("^/api", "^/.+", "^/.*$", "^api", "/$")),
        (ingress_route(f"Host(`{HOST}`) && PathRegexp(`^/v1\\.0/`)", "traefik-system/auth")
         + ingress_route(f"Host(`{HOST}`) && !PathPrefix(`/v1.0/`)", "traefik-system/auth") + LAST, "gated"),
        (BY_PATH[:1] + BY_HEADER[:1] + ingress_route(f"Host(`{HOST}`)", priority=1), "open"),
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
        (ingress("nginx", of=ASKS | {f"{NGINX}auth-cache-key": "$remote_addr"}), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}auth-cache-key": "$cookie_authentik_proxy_a$remote_addr"}), "gated"),
        (ingress("nginx", of=ASKS | {f"{NGINX}canary": "true", f"{NGINX}canary-weight": "10"}), "not told"),
        (ingress("nginx", of={f"{NGINX}enable-global-auth": "true"}), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}server-snippet": "location /x { proxy_pass http://a; }"}), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}configuration-snippet": "auth_request off;"}), "not told"),
        (ingress("nginx", of=ASKS | {f"{NGINX}configuration-snippet": "auth_request_set $a $b;"}), "gated"),
        (ingress("nginx", of=ASKS | {f"{NGINX}auth-snippet": "proxy_set_header X-A $http_host;"}), "gated"),
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


def test_what_is_left_out_is_told_how_it_comes_back():
    (forbidden,) = ways_to_gate(GATE, MAIN, proxy(crossing=False)).unserved
    assert "allowCrossNamespace=true" in restore(forbidden, KNOWN, estate_of())
    (misnamed,) = ways_to_gate(GATE, ingress(of={MIDDLEWARES: "traefik-system-auth"}), proxy()).unserved
    assert restore(misnamed, KNOWN, estate_of()).startswith("did you mean traefik-system/auth?")
    assert "namespace-name@kubernetescrd" in restore(misnamed, KNOWN, estate_of())


def test_prefixes_of_the_gateway_api_are_whole_segments():
    below = GATE.model_copy(update={"url": f"https://{HOST}/longhorn"})
    for path, opened in (("/long", 0), ("/longhorn", 1), ("/longhorn/", 1), ("/", 1)):
        routes = http_route(match={"path": {"value": path}})
        assert len(ways_to_gate(below, routes, proxy()).open) == opened, path
