"""Routes, middlewares and cookies that look like a way past the gate, and are none (runbook H4, D9)."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab import names
from lab.arrangements import (
    lead_outpost_path,
    put_http_route,
    put_object,
    put_route,
    put_route_of_a_listener,
    put_weighted,
    run_traefik,
    traefik_container,
)
from lab.cluster.seed.routes import GATED, MIDDLEWARE_NAMESPACE, OPEN, TRAEFIK, rule_of
from lab.cluster.state import Object
from lab.shapes.traefik_2 import of_the_old_group
from lab.variants import variant
from lab.world import World


def _gate(world: World) -> dict[str, Any]:
    found: Object = world.cluster.get("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, "authentik-forwardauth")
    settings: dict[str, Any] = found["spec"]["forwardAuth"]
    return settings


@variant("path-behind-the-gate", of=("path-past-the-gate",))
def path_behind_the_gate(world: World) -> None:
    """A second IngressRoute leads a path of Longhorn's host, with the gate in it."""
    rule = f"{rule_of('longhorn')} && PathPrefix(`/v1/ws`)"
    put_route(world, "longhorn-api", "longhorn-system", rule, {"name": "longhorn-frontend", "port": 80}, GATED)


@variant("wildcard-route-of-other-hosts", of=("wildcard-route-past-the-gate",))
def wildcard_route_of_other_hosts(world: World) -> None:
    """A route without the gate takes many hosts, and none of the gated ones is among them."""
    rule = r"HostRegexp(`^preview-[0-9]+\.frank\.derio\.net$`)"
    put_route(world, "previews", "grafana", rule, {"name": "grafana", "port": 80}, OPEN)


@variant("rule-on-two-lines", of=("rule-with-a-line-before-its-and", "rule-of-version-2"))
def rule_on_two_lines(world: World) -> None:
    """Longhorn's rule goes on after its &&, with a comment and a comma at the end (selftests/contract/traefik)."""
    rule = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"][0]
    rule["match"] = f"Host(`{names.public_host('longhorn')}`,) /* the UI */ &&\n  pathprefix(`/`)\n"


@variant("hosts-in-one-call", of=("wildcard-host-past-the-gate",))
def hosts_in_one_call(world: World) -> None:
    """A route in the syntax of version 2 is left from then; Traefik 3 does not load it (facts/measured-2026.8.md)."""
    rule = f"Host(`{names.public_host('longhorn')}`, `{names.public_host('hubble')}`) && PathPrefix(`/status-page`)"
    put_route(world, "status-page", "grafana", rule, {"name": "grafana", "port": 80}, OPEN)


@variant("tls-route-of-another-service", of=("tls-route-past-the-gate",))
def tls_route_of_another_service(world: World) -> None:
    """A TLSRoute passes connections through to something that is not gated."""
    rule = {"backendRefs": [{"name": "postgres", "port": 5432}]}
    spec = {"hostnames": [f"postgres.{names.DOMAIN}"], "rules": [rule]}
    group = "gateway.networking.k8s.io/v1"
    put_object(world, group, "TLSRoute", "postgres", "authentik", spec=spec)


@variant("layer-below-nothing", of=("parent-route-without-the-gate",))
def layer_below_nothing(world: World) -> None:
    """An IngressRoute hangs below one that does not exist, and is never loaded."""
    rule = {"match": "PathPrefix(`/`)", "kind": "Rule", "services": [{"name": "longhorn-frontend", "port": 80}]}
    spec = {"parentRefs": [{"name": "gone", "namespace": "traefik-system"}], "routes": [rule]}
    put_object(world, TRAEFIK, "IngressRoute", "orphan", "longhorn-system", spec=spec)


@variant("ingress-of-another-application", of=("ingress-past-the-gate",))
def ingress_of_another_application(world: World) -> None:
    """An Ingress without any middleware leads another host to another application."""
    service = {"name": "grafana", "port": {"number": 80}}
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": service}}
    rule = {"host": names.public_host("boards"), "http": {"paths": [path]}}
    spec = {"ingressClassName": "traefik", "rules": [rule]}
    put_object(world, "networking.k8s.io/v1", "Ingress", "boards", "grafana", spec=spec)


@variant("http-route-of-another-listener", of=("http-route-of-a-listener-past-the-gate",))
def http_route_of_another_listener(world: World) -> None:
    """An HTTPRoute without hostnames has those of its Gateway's listener, which are no gated ones."""
    put_route_of_a_listener(world, f"*.boards.{names.DOMAIN}")


@variant("weighted-service-of-another-application", of=("weighted-service-past-the-gate",))
def weighted_service_of_another_application(world: World) -> None:
    """A host without a gate leads to Grafana by way of a TraefikService."""
    put_weighted(world, "grafana", "grafana", names.public_host("boards-canary"))


@variant("route-of-a-mesh", of=("http-route-past-the-gate",))
def route_of_a_mesh(world: World) -> None:
    """An HTTPRoute is attached to Hubble's Service: neighbours in a mesh take it, and nobody from outside (GAMMA)."""
    parent = {"group": "", "kind": "Service", "name": "hubble-ui", "port": 80}
    rule = {"backendRefs": [{"name": "hubble-ui", "port": 80}]}
    spec = {"parentRefs": [parent], "rules": [rule]}
    kind = ("gateway.networking.k8s.io/v1", "HTTPRoute", "hubble-mesh", "kube-system")
    put_object(world, *kind, spec=spec)


@variant("route-that-no-gateway-takes", of=("http-route-past-the-gate",))
def route_that_no_gateway_takes(world: World) -> None:
    """An HTTPRoute for Sympozium's host has no gate, and its Gateway does not accept it."""
    refused = {"type": "Accepted", "status": "False", "reason": "NotAllowedByListeners", "message": "no listener"}
    rule = {"backendRefs": [{"name": "sympozium-apiserver", "port": 8080}]}
    spec = {"parentRefs": [{"name": "none"}], "hostnames": [names.public_host("sympozium")], "rules": [rule]}
    kind = ("gateway.networking.k8s.io/v1", "HTTPRoute", "sympozium-trial", "sympozium-system")
    status = {"parents": [{"conditions": [refused]}]}
    put_object(world, *kind, spec=spec, status=status)


@variant("page-for-hosts-that-nobody-has", of=("wildcard-route-past-the-gate",))
def page_for_hosts_that_nobody_has(world: World) -> None:
    """A route for every host, behind all others and on both entry points, answers for those that no route names."""
    rule = f"HostRegexp(`.+`) && !{rule_of('old')}"
    put_route(world, "no-such-host", "grafana", rule, {"name": "grafana", "port": 80}, ())
    spec = world.cluster.get("ingressroutes", "grafana", "no-such-host")["spec"]
    spec["routes"][0]["priority"] = 1
    del spec["entryPoints"]


@variant("proxy-of-another-controller", of=("second-host-past-the-gate",))
def proxy_of_another_controller(world: World) -> None:
    """Contour's HTTPProxy leads a host of its own to a database's page, and to nothing that is gated."""
    services = [{"name": "postgres", "port": 80}]
    spec = {"virtualhost": {"fqdn": names.public_host("database")}, "routes": [{"services": services}]}
    put_object(world, "projectcontour.io/v1", "HTTPProxy", "database", "authentik", spec=spec)


@variant("tcp-route-of-another-service", of=("tcp-route-past-the-gate",))
def tcp_route_of_another_service(world: World) -> None:
    """An IngressRouteTCP leads to a database, and to nothing that is gated."""
    route = {"match": "HostSNI(`*`)", "services": [{"name": "postgres", "port": 5432}]}
    spec = {"entryPoints": ["postgres"], "routes": [route]}
    put_object(world, TRAEFIK, "IngressRouteTCP", "postgres", "authentik", spec=spec)


@variant("allow-list-with-us", of=("allow-list-without-us",))
def allow_list_with_us(world: World) -> None:
    """Hubble's route got an allow-list of its own, in which the machine that runs the suite is."""
    spec = {"ipAllowList": {"sourceRange": ["192.168.55.0/24"]}}
    put_object(world, TRAEFIK, "Middleware", "lan-only", MIDDLEWARE_NAMESPACE, spec=spec)
    rule = world.cluster.get("ingressroutes", "kube-system", "hubble")["spec"]["routes"][0]
    chain = ("lan-only", *GATED)
    rule["middlewares"] = [{"name": each, "namespace": MIDDLEWARE_NAMESPACE} for each in chain]


@variant("identity-expression-in-the-right-case", of=("identity-expression-in-the-wrong-case",))
def identity_expression_in_the_right_case(world: World) -> None:
    """The middleware names the identity headers by an expression that matches them as Traefik spells them."""
    settings = _gate(world)
    del settings["authResponseHeaders"]
    settings["authResponseHeadersRegex"] = "^X-Authentik-"


@variant("gate-asked-by-a-shorter-name", of=("gate-asks-an-old-service",))
def gate_asked_by_a_shorter_name(world: World) -> None:
    """The middleware leaves the cluster's domain out of the name of Authentik's Service."""
    settings = _gate(world)
    settings["address"] = settings["address"].replace(".svc.cluster.local", ".svc")


@variant("application-sets-a-cookie-more", of=("state-cookie-lost",))
def application_sets_a_cookie_more(world: World) -> None:
    """ArgoCD remembers a language in a cookie besides its own."""

    def change(request: Request, response: Response) -> Response:
        if request.url.hostname == names.public_host("argocd"):
            response.raw_headers.append((b"set-cookie", b"lang=en; Path=/"))
        return response

    world.applications.tampering.append(change)


@variant("gate-cookie-stricter", of=("gate-cookie-not-secure",))
def gate_cookie_stricter(world: World) -> None:
    """A middleware adds an attribute to the gate's cookie that makes it no weaker."""

    def change(_: Request, response: Response) -> Response:
        response.raw_headers = [
            (name, value + b"; Priority=High" if value.startswith(b"authentik_proxy_") else value)
            for name, value in response.raw_headers
        ]
        return response

    world.authentik.tampering.append(change)


@variant("preflights-behind-the-gate", of=("preflights-let-through", "gate-judges-some-methods"))
def preflights_behind_the_gate(world: World) -> None:
    """Hubble's OPTIONS requests have a route of their own, with the gate in it."""
    rule = f"{rule_of('hubble')} && Method(`OPTIONS`)"
    put_route(world, "hubble-preflights", "kube-system", rule, {"name": "hubble-ui", "port": 80}, GATED)


@variant("look-alike-headers-refused", of=("look-alike-headers-kept", "traefik-before-its-header-protection"))
def look_alike_headers_refused(world: World) -> None:
    """Traefik, of a tag that does not tell its release, refuses requests with headers that look like another's."""
    run_traefik(world, world.edge.version, aliases="reject")
    traefik_container(world)["image"] = "docker.io/traefik:v3"


@variant("plain-http-sent-away-by-a-route", of=("proxy-is-deaf",))
def plain_http_sent_away_by_a_route(world: World) -> None:
    """An IngressRoute of the same rule sends whoever asks Longhorn in plain http to https, as many charts have it."""
    spec = {"redirectScheme": {"scheme": "https", "permanent": True}}
    put_object(world, TRAEFIK, "Middleware", "to-https", MIDDLEWARE_NAMESPACE, spec=spec)
    backend = {"name": "longhorn-frontend", "port": 80}
    put_route(world, "longhorn-http", "longhorn-system", rule_of("longhorn"), backend, ("to-https",))
    spec = world.cluster.get("ingressroutes", "longhorn-system", "longhorn-http")["spec"]
    spec["entryPoints"] = ["web"]
    del spec["tls"]


@variant("gate-of-its-own-namespace", of=("http-route-past-the-gate",))
def gate_of_its_own_namespace(world: World) -> None:
    """An HTTPRoute has a copy of the gate's middleware: an ExtensionRef leads to its own namespace (Gateway API)."""
    copy = {"forwardAuth": deepcopy(_gate(world))}
    put_object(world, TRAEFIK, "Middleware", "gate", "kube-system", spec=copy)
    reference = {"group": "traefik.io", "kind": "Middleware", "name": "gate"}
    put_http_route(world, {"type": "ExtensionRef", "extensionRef": reference})


@variant("challenge-of-a-certificate", of=("ingress-past-the-gate",))
def challenge_of_a_certificate(world: World) -> None:
    """Cert-manager answers an ACME challenge on Sympozium's host, which has to be open (the Ingress of its solver)."""
    name = "cm-acme-http-solver-x7k2p"
    backend = {"service": {"name": name, "port": {"number": 8089}}}
    paths = [{"path": "/.well-known/acme-challenge/3s8Qk0Vt5x", "pathType": "Exact", "backend": backend}]
    spec = {
        "ingressClassName": "traefik",
        "rules": [{"host": names.public_host("sympozium"), "http": {"paths": paths}}],
    }
    kind = ("networking.k8s.io/v1", "Ingress", name, "sympozium-system")
    put_object(world, *kind, spec=spec)


@variant(
    "routes-on-all-entry-points",
    of=("proxy-keeps-a-removed-route", "path-past-the-gate"),
)
def routes_on_all_entry_points(world: World) -> None:
    """Longhorn's route and one for the outpost's path name no entry point: they are on web, too, and Traefik makes
    another router for the one that has TLS (traefik/traefik 3.7.13, pkg/server/aggregator.go)."""
    lead_outpost_path(world, {"name": "authentik-server", "port": 80})
    for namespace, name in (("longhorn-system", "longhorn"), ("authentik", "longhorn-outpost")):
        world.cluster.get("ingressroutes", namespace, name)["spec"].pop("entryPoints", None)


@variant("old-group-left-behind", of=("old-group-past-the-gate", "old-group-route-not-migrated"))
def old_group_left_behind(world: World) -> None:
    """Traefik 3 runs, and Longhorn's route of before the update is left in the old API group, without the gate."""
    left = of_the_old_group(world.cluster.get("ingressroutes", "longhorn-system", "longhorn"))
    left["spec"]["routes"][0]["middlewares"] = []
    world.cluster.put(left)
