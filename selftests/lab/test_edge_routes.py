"""The lab's edge: which routers are loaded, what they do without a backend, and its API."""

from __future__ import annotations

from copy import deepcopy

import pytest

from lab.arrangements import allow_external_names, put_parent_route
from lab.cluster.objects import new
from lab.edge.loading import freeze
from selftests.support.edge_estate import LONGHORN, WHOAMI, Estate, echoed


@pytest.fixture
def estate():
    return Estate()


def test_a_missing_middleware_closes_the_route(estate):
    estate.world.cluster.delete("middlewares.traefik.io", "traefik-system", "authentik-forwardauth")
    answer = estate.ask(LONGHORN + "/")
    assert (answer.status, answer.body) == (404, b"404 page not found\n")
    _, routers = estate.api_json("/api/http/routers?status=disabled&search=longhorn")
    assert routers[0]["error"] == ['middleware "traefik-system-authentik-forwardauth@kubernetescrd" does not exist']


def test_the_allow_list(estate):
    answer = estate.ask(LONGHORN + "/", peer="203.0.113.7")
    assert (answer.status, answer.body) == (403, b"Forbidden")
    assert estate.gate.asked == []


def test_a_route_without_the_middleware_is_open(estate):
    estate.route("whoami", "whoami")["routes"][0]["middlewares"].pop()
    answer = estate.ask(WHOAMI + "/", headers=[("X-authentik-username", "akadmin")])
    assert answer.status == 200
    assert "X-Authentik-Username: akadmin" in answer.body.decode()


def test_a_child_route_is_behind_its_parents_gate(estate):
    put_parent_route(estate.world, ("authentik-forwardauth",))
    assert estate.ask(LONGHORN + "/").status == 302
    _, routers = estate.api_json("/api/http/routers?search=longhorn-system-longhorn")
    assert [router["parentRefs"] for router in routers if "parentRefs" in router]
    gate = estate.world.cluster.get("ingressroutes", "traefik-system", "gate")["spec"]["routes"][0]
    gate["middlewares"] = []
    assert estate.ask(LONGHORN + "/").status == 200


def test_a_child_of_no_parent_is_not_loaded(estate):
    put_parent_route(estate.world, ())
    estate.world.cluster.delete("ingressroutes", "traefik-system", "gate")
    assert estate.ask(LONGHORN + "/").status == 404


def test_the_api_names_a_service_after_its_router(estate):
    _, routers = estate.api_json("/api/http/routers?search=longhorn")
    (router,) = routers
    assert f"{router['service']}@kubernetescrd" == router["name"]
    _, services = estate.api_json("/api/http/services?search=longhorn")
    assert router["name"] in {service["name"] for service in services}


def test_an_external_name_leads_where_it_says(estate):
    spec = {"type": "ExternalName", "externalName": "whoami.whoami.svc.cluster.local"}
    estate.world.cluster.put(new("v1", "Service", "elsewhere", "longhorn-system", created="", spec=spec))
    route = estate.route("longhorn", "longhorn-system")["routes"][0]
    route |= {"services": [{"name": "elsewhere", "port": 80}], "middlewares": []}
    assert estate.ask(LONGHORN + "/").status == 404
    allow_external_names(estate.world)
    assert "GET / HTTP/1.1" in estate.ask(LONGHORN + "/").body.decode()


def test_a_longer_rule_wins(estate):
    routes = estate.route("whoami", "whoami")["routes"]
    hole = {**routes[0], "match": "Host(`whoami.frank.derio.net`) && PathPrefix(`/api`)", "middlewares": []}
    routes.append(hole)
    assert estate.ask(WHOAMI + "/api/x").status == 200
    assert estate.ask(WHOAMI + "/").status == 302
    routes[0]["priority"] = 1000
    assert estate.ask(WHOAMI + "/api/x").status == 302


def test_a_chain_is_resolved_and_a_loop_is_not_loaded(estate):
    chain = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": {"name": "all", "namespace": "traefik-system"},
        "spec": {"chain": {"middlewares": [{"name": "ip-allowlist"}, {"name": "authentik-forwardauth"}]}},
    }
    estate.world.cluster.put(chain)
    estate.route("whoami", "whoami")["routes"][0]["middlewares"] = [{"name": "all", "namespace": "traefik-system"}]
    assert estate.ask(WHOAMI + "/").status == 302
    assert estate.ask(WHOAMI + "/", peer="203.0.113.7").status == 403
    chain["spec"]["chain"]["middlewares"].append({"name": "all"})
    assert estate.ask(WHOAMI + "/").status == 404


def test_an_entry_points_own_middlewares_come_first(estate):
    estate.route("whoami", "whoami")["routes"][0]["middlewares"] = []
    estate.world.edge.default_middlewares["websecure"] = [("traefik-system", "authentik-forwardauth")]
    assert estate.ask(WHOAMI + "/").status == 302


def test_cross_namespace_references_can_be_forbidden(estate):
    estate.world.edge.cross_namespace_allowed = False
    assert estate.ask(WHOAMI + "/").status == 404


def test_a_dead_backend_is_seen_behind_the_gate_only(estate):
    estate.world.applications["whoami"].up = False
    assert estate.ask(WHOAMI + "/").status == 302
    answer = estate.ask(WHOAMI + "/", headers=[("Cookie", "in")])
    assert (answer.status, answer.body) == (502, b"Bad Gateway")


def test_no_endpoints(estate):
    for piece in estate.world.cluster.list("endpointslices", "whoami"):
        piece["endpoints"] = []
    answer = estate.ask(WHOAMI + "/", headers=[("Cookie", "in")])
    assert (answer.status, answer.body) == (503, b"no available server\n")


def test_a_route_to_a_missing_service_is_not_loaded(estate):
    estate.world.cluster.delete("services", "whoami", "whoami")
    assert estate.ask(WHOAMI + "/").status == 404
    assert estate.api_json("/api/http/routers?search=whoami")[1] == []


def test_headers_named_by_connection_do_not_pass_but_forwarded_ones_do(estate):
    headers = [("Cookie", "in"), ("Connection", "X-Drop, X-Forwarded-Host"), ("X-Drop", "1")]
    _, lower = echoed(estate.ask(WHOAMI + "/", headers=headers))
    assert not any(line.startswith(("x-drop", "connection")) for line in lower)
    assert "x-forwarded-host: whoami.frank.derio.net" in lower


def test_an_ingress_makes_a_router_too(estate):
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "side", "namespace": "whoami", "annotations": {}},
        "spec": {
            "rules": [
                {
                    "host": "side.frank.derio.net",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "whoami", "port": {"name": "http"}}},
                            }
                        ]
                    },
                }
            ]
        },
    }
    estate.world.cluster.put(ingress)
    assert estate.ask("https://side.frank.derio.net/x").status == 200
    annotation = "traefik.ingress.kubernetes.io/router.middlewares"
    ingress["metadata"]["annotations"][annotation] = "traefik-system-authentik-forwardauth@kubernetescrd"
    assert estate.ask("https://side.frank.derio.net/x").status == 302
    ingress["spec"]["ingressClassName"] = "nginx"
    assert estate.ask("https://side.frank.derio.net/x").status == 404


def test_a_stuck_proxy_keeps_what_it_had(estate):
    freeze(estate.world)
    estate.world.cluster.delete("ingressroutes", "whoami", "whoami")
    assert estate.ask(WHOAMI + "/").status == 302
    estate.world.heal()
    assert estate.world.edge.stale_objects is None


def test_tampering_changes_any_answer(estate):
    def tamper(request, response):
        response.status_code = 418
        response.headers["x-was"] = request.url.path
        return response

    estate.world.edge.tampering.append(tamper)
    answer = estate.ask(WHOAMI + "/v1", headers=[("Cookie", "in")])
    assert (answer.status, answer.header("x-was")) == (418, "/v1")
    assert answer.body.startswith(b"Hostname:")


def test_the_api_has_the_recorded_shape(estate):
    answer, routers = estate.api_json("/api/http/routers")
    assert answer.header("x-next-page") == "1"
    longhorn = next(each for each in routers if "longhorn" in each["rule"])
    assert longhorn["middlewares"][-1] == "traefik-system-authentik-forwardauth@kubernetescrd"
    assert longhorn["name"].startswith("longhorn-system-longhorn-")
    assert longhorn["priority"] == len(longhorn["rule"]) == int(longhorn["priorityStr"])
    assert (longhorn["status"], longhorn["using"], longhorn["tls"]["options"]) == ("enabled", ["websecure"], "default")
    assert estate.api_json(f"/api/http/routers/{longhorn['name']}")[1] == longhorn
    assert estate.api_json("/api/http/routers/none@x")[0].status == 404
    _, middlewares = estate.api_json("/api/http/middlewares")
    gate = next(each for each in middlewares if each["type"] == "forwardauth")
    assert gate["forwardAuth"]["maxBodySize"] == -1
    assert longhorn["name"] in gate["usedBy"]
    _, services = estate.api_json("/api/http/services")
    assert any(each["name"] == f"{longhorn['service']}@kubernetescrd" for each in services)
    _, overview = estate.api_json("/api/overview")
    assert overview["http"]["routers"] == {"total": len(routers), "warnings": 0, "errors": 0}
    assert longhorn["name"] in estate.api_json("/api/rawdata")[1]["routers"]
    assert estate.api_json("/api/version")[1]["Codename"] == "cheddar"
    assert {each["name"] for each in estate.api_json("/api/entrypoints")[1]} == {"traefik", "web", "websecure"}


def test_the_api_pages(estate):
    first, routers = estate.api_json("/api/http/routers?per_page=2")
    assert (len(routers), first.header("x-next-page")) == (2, "2")
    total = len(estate.api_json("/api/http/routers")[1])
    last, rest = estate.api_json(f"/api/http/routers?per_page={total - 1}&page=2")
    assert (len(rest), last.header("x-next-page")) == (1, "1")
    assert estate.api_json("/api/http/routers?page=99")[0].status == 400


def test_nothing_in_the_cluster_changes_by_being_served(estate):
    before = deepcopy(estate.world.cluster.objects)
    estate.ask(LONGHORN + "/")
    estate.api_json("/api/rawdata")
    assert estate.world.cluster.objects == before


@pytest.mark.parametrize("target", ["//v1", "/public/../v1", "/%2e%2e/v1", "/v1;/x", "/v1%2fx"])
def test_over_sockets_every_target_is_gated(ask, target):
    reply = ask(LONGHORN + target)
    assert reply.status == 302
    assert reply["Location"].startswith("https://auth.frank.derio.net/application/o/authorize/")


def test_over_sockets_an_upgrade_and_a_head_are_gated(ask):
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    assert ask(f"{LONGHORN}/v1/ws", headers=upgrade).status == 302
    reply = ask(f"{LONGHORN}/v1", "HEAD")
    assert (reply.status, reply.body) == (302, b"")


def test_over_sockets_the_proxys_own_answers(ask):
    reply = ask("http://longhorn.frank.derio.net/v1")
    assert (reply.status, reply.body, reply["Location"]) == (301, b"Moved Permanently", f"{LONGHORN}/v1")
    assert ask("https://unknown.frank.derio.net/").body == b"404 page not found\n"
