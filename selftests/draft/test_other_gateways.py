"""Drafts of estates whose gates are no Middlewares of Traefik's, as Authentik's guides for other proxies make them
(docs.goauthentik.io, "Forward auth": nginx and Envoy)."""

import tomllib

import pytest

from fixtures.draft.writing import as_toml
from fixtures.estate.loading import parse_estate
from lab import names
from lab.arrangements import ENVOY, put_object
from lab.cluster.seed.routes import GATED
from selftests.support.drafts import drafting

OF_CLUSTER, BOTH = {"token": False}, {}
API = "gateway.networking.k8s.io/v1"
SERVER = {"name": "authentik-server", "namespace": "authentik", "port": 80}


def by_envoy_gateway(world):
    """Every IngressRoute is an HTTPRoute; gated ones have a SecurityPolicy, and the outpost's path its route.
    There is no Traefik."""
    cluster = world.cluster
    for route in cluster.list("ingressroutes"):
        namespace, name = route["metadata"]["namespace"], route["metadata"]["name"]
        (rule, *_) = route["spec"]["routes"]
        host = rule["match"].partition("Host(`")[2].partition("`")[0]
        (service, *_) = rule["services"]
        gated = [each["name"] for each in rule.get("middlewares", ())] == list(GATED)
        cluster.delete("ingressroutes", namespace, name)
        to = {each: service[each] for each in ("name", "namespace", "port") if each in service}
        http_route(world, namespace, name, host, "/", to)
        if gated:
            http_route(world, namespace, f"{name}-outpost", host, "/outpost.goauthentik.io", SERVER)
            target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": name}
            spec = {"targetRefs": [target], "extAuth": {"http": {"backendRefs": [SERVER], "path": ENVOY}}}
            put_object(world, "gateway.envoyproxy.io/v1alpha1", "SecurityPolicy", name, namespace, spec=spec)
    for kind in ("middlewares", "deployments", "services"):
        for each in cluster.list(kind):
            about = each["metadata"]
            if kind == "middlewares" or about["namespace"] == "traefik-system":
                cluster.delete(kind, about["namespace"], about["name"])


def http_route(world, namespace, name, host, path, service):
    match = {"path": {"type": "PathPrefix", "value": path}}
    spec = {"hostnames": [host], "rules": [{"matches": [match], "backendRefs": [service]}]}
    put_object(world, API, "HTTPRoute", name, namespace, spec=spec)


@pytest.mark.parametrize("given", [OF_CLUSTER, BOTH], ids=["cluster", "both"])
@pytest.mark.parametrize("arranged", ["envoy-gateway", "nginx"])
def test_a_gate_of_another_gateways_is_drafted_as_one(tmp_path, arranged, given):
    with drafting(tmp_path, shape="gate-by-nginx" if arranged == "nginx" else "runbook") as lab:
        if arranged == "envoy-gateway":
            by_envoy_gateway(lab.lab.world)
        text = as_toml(lab.draft(operator=True, **given))
    estate = parse_estate(tomllib.loads(text), "a draft")
    asked = {gate.name: gate for gate in estate.gated if gate.gated_otherwise}
    assert set(asked) == (set(names.GATED_APPLICATIONS) if arranged == "envoy-gateway" else {"longhorn"})
    assert all(gate.route and gate.backend and gate.workload for gate in asked.values())
    assert "does not stand in" not in text
    assert "[forward_auth.outpost]" not in text
    assert "outpost = {" not in text
