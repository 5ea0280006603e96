"""The lab's Kubernetes objects: what is seeded, and what writes make of them."""

import json

from lab import names
from lab.cluster.external_secrets import running
from selftests.support.cluster_api import (
    DEPLOYMENTS,
    GRAFANA_SECRET,
    GRAFANA_SYNC,
    PODS,
)


def test_services_lead_to_the_applications(api):
    cluster = api.world.cluster
    found = [cluster.pod_application(ip, 9000) for ip in names.SERVER_POD_IPS]
    assert found == ["authentik-server/0", "authentik-server/1"]
    assert cluster.pod_application(names.SERVER_POD_IPS[0], 80) is None
    assert cluster.pod_application("10.42.9.9", 80) is None
    reached = {
        cluster.pod_application(endpoint["addresses"][0], port["port"])
        for entry in cluster.list("endpointslices")
        for endpoint in entry["endpoints"]
        for port in entry["ports"][:1]
    }
    assert {"argocd", "grafana", "longhorn", "traefik", "extra-oidc-1", "extra-gated-1"} <= reached


def test_every_route_leads_to_a_service_and_the_gated_ones_through_the_gate(api):
    cluster = api.world.cluster
    gated = set()
    for route in cluster.list("ingressroutes"):
        namespace, rule = route["metadata"]["namespace"], route["spec"]["routes"][0]
        backend = rule["services"][0]
        service = cluster.get("services", namespace, backend["name"])
        assert backend["port"] in [port["port"] for port in service["spec"]["ports"]]
        middlewares = [cluster.get("middlewares", m["namespace"], m["name"]) for m in rule["middlewares"]]
        if any("forwardAuth" in middleware["spec"] for middleware in middlewares):
            gated.add(route["metadata"]["name"])
    assert gated == {*names.GATED_APPLICATIONS, "extra-gated-1"}


def test_blueprints_are_mounted_in_the_worker(api):
    cluster = api.world.cluster
    container = cluster.get("deployments", "authentik", "authentik-worker")["spec"]["template"]["spec"]
    mounted = {volume["configMap"]["name"] for volume in container["volumes"]}
    blueprints = cluster.list("configmaps", "authentik")
    assert mounted == {entry["metadata"]["name"] for entry in blueprints}
    assert all(entry["metadata"]["labels"]["app.kubernetes.io/component"] == "blueprint" for entry in blueprints)


def test_healing_puts_the_objects_back(api):
    uid = api.world.cluster.get("secrets", "grafana", "grafana-oidc")["metadata"]["uid"]
    api.world.cluster.delete("secrets", "grafana", "grafana-oidc")
    api.world.heal()
    assert api.world.cluster.get("secrets", "grafana", "grafana-oidc")["metadata"]["uid"] == uid


def test_an_annotation_makes_external_secrets_sync(api, operator):
    before = operator.get(GRAFANA_SYNC).json()["status"]["refreshTime"]
    api.world.cluster.upstream["GRAFANA_OIDC_CLIENT_SECRET"] = "rotated"
    patch = {"metadata": {"annotations": {"force-sync": "1"}}}
    answer = operator.patch(GRAFANA_SYNC, json=patch, headers={"content-type": "application/merge-patch+json"})
    assert answer.json()["status"]["refreshTime"] == before
    after = operator.get(GRAFANA_SYNC).json()
    assert after["status"]["refreshTime"] > before
    assert after["status"]["conditions"][0]["reason"] == "SecretSynced"
    assert operator.get(GRAFANA_SECRET).json()["data"] == {"GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": "cm90YXRlZA=="}


def test_a_sync_without_upstream_value_keeps_the_secret_and_says_so(api, operator):
    del api.world.cluster.upstream["GRAFANA_OIDC_CLIENT_SECRET"]
    before, data = operator.get(GRAFANA_SYNC).json(), operator.get(GRAFANA_SECRET).json()["data"]
    patch = {"metadata": {"annotations": {"force-sync": "1"}}}
    operator.patch(GRAFANA_SYNC, json=patch, headers={"content-type": "application/merge-patch+json"})
    after = operator.get(GRAFANA_SYNC).json()
    assert after["status"]["conditions"][0]["reason"] == "SecretSyncedError"
    assert after["status"]["refreshTime"] == before["status"]["refreshTime"]
    assert operator.get(GRAFANA_SECRET).json()["data"] == data


def test_nothing_syncs_while_the_operator_is_down(api, operator):
    cluster = api.world.cluster
    cluster.get("deployments", "external-secrets", "external-secrets")["status"]["readyReplicas"] = 0
    assert not running(cluster)
    before = operator.get(GRAFANA_SYNC).json()["status"]
    patch = {"metadata": {"annotations": {"force-sync": "1"}}}
    operator.patch(GRAFANA_SYNC, json=patch, headers={"content-type": "application/merge-patch+json"})
    assert operator.get(GRAFANA_SYNC).json()["status"] == before


def test_custom_resources_take_no_strategic_merge(operator):
    media_type = "application/strategic-merge-patch+json"
    assert operator.patch(GRAFANA_SYNC, json={}, headers={"content-type": media_type}).status_code == 415


def test_strategic_merge_joins_lists_by_their_key(operator):
    container = {"name": "server", "env": [{"name": "AUTHENTIK_HOST", "value": "https://other.invalid"}]}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    media_type = "application/strategic-merge-patch+json"
    path = f"{DEPLOYMENTS}/authentik-server"
    changed = operator.patch(path, json=patch, headers={"content-type": media_type}).json()
    env = changed["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "AUTHENTIK_HOST", "value": "https://other.invalid"} in env
    assert len(env) == 4
    assert changed["metadata"]["generation"] == 2


def test_json_patches_and_conflicts(operator):
    path = f"{DEPLOYMENTS}/authentik-server"
    media_type = {"content-type": "application/json-patch+json"}
    operations = [{"op": "replace", "path": "/spec/nothing", "value": True}]
    assert operator.patch(path, json=operations, headers=media_type).status_code == 422
    operations = [{"op": "add", "path": "/metadata/labels/a~1b", "value": "c"}]
    changed = operator.patch(path, json=operations, headers=media_type).json()
    assert changed["metadata"]["labels"]["a/b"] == "c"
    changed["metadata"]["resourceVersion"] = "1"
    assert operator.put(path, json=changed).json()["reason"] == "Conflict"


def test_objects_come_and_go_and_dry_runs_leave_nothing(api, operator):
    path = "/api/v1/namespaces/sso-conformance/configmaps"
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "try"}, "data": {"a": "1"}}
    assert operator.post(path, json=body, params={"dryRun": "All"}).status_code == 201
    assert operator.get(f"{path}/try").status_code == 404
    assert operator.post(path, json=body).status_code == 201
    assert operator.post(path, json=body).json()["message"] == 'configmaps "try" already exists'
    assert operator.delete(f"{path}/try").json()["status"] == "Success"
    assert operator.post(path.replace("sso-conformance", "nope"), json=body).json()["message"] == (
        'namespaces "nope" not found'
    )
    assert [entry.verb for entry in api.world.cluster.audit if entry.writes] == ["create", "delete"]


def test_tampering_reaches_every_answer(api, operator):
    def tamper(_request, response):
        response.status_code = 503
        return response

    api.world.cluster.tampering.append(tamper)
    assert operator.get(PODS).status_code == 503


def _host(route):
    return [route["spec"]["routes"][0]["match"]]


def test_what_is_read_of_objects_follows_them(api):
    cluster, name = api.world.cluster, ("ingressroutes", "grafana", "grafana")
    route = cluster.get(*name)
    before = route["spec"]["routes"][0]["match"]
    assert cluster.read("ingressroutes", _host, before) == [route]
    cluster.get(*name)["spec"]["routes"][0]["match"] = "Host(`a`)"
    assert (cluster.read("ingressroutes", _host, before), cluster.read("ingressroutes", _host, "Host(`a`)")) == (
        (),
        [route],
    )
    for each in cluster.list("ingressroutes"):
        each["spec"]["routes"][0]["match"] = "Host(`b`)"
    assert cluster.read("ingressroutes", _host, "Host(`b`)") == cluster.list("ingressroutes")
    cluster.put(json.loads(json.dumps(route)) | {"spec": {"routes": [{"match": "Host(`c`)"}]}})
    assert [each["metadata"]["name"] for each in cluster.read("ingressroutes", _host, "Host(`c`)")] == ["grafana"]
    cluster.rewrite(lambda obj: json.loads(json.dumps(obj).replace("Host(`c`)", "Host(`d`)")))
    assert [each["metadata"]["name"] for each in cluster.read("ingressroutes", _host, "Host(`d`)")] == ["grafana"]
    cluster.delete(*name)
    assert cluster.read("ingressroutes", _host, "Host(`d`)") == ()
