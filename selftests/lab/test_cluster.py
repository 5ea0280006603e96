"""The lab's Kubernetes API: who may ask, and what is read."""

import json
from datetime import timedelta

import httpx
import pytest

from selftests.support.cluster_api import (
    DEPLOYMENTS,
    GRAFANA_SECRET,
    GRAFANA_SYNC,
    METADATA,
    METADATA_LIST,
    PODS,
    TABLE,
)


def test_a_token_that_nobody_knows_is_unauthorized(api):
    with api.client("wrong") as client:
        response = client.get("/api/v1/pods")
    assert response.status_code == 401
    assert response.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }


def test_without_a_token_one_is_anonymous_and_sees_the_version_only(api):
    with api.client(None) as client:
        assert client.get("/version").json()["gitVersion"] == "v1.35.10"
        response = client.get("/api/v1/pods")
        path = client.get("/apis")
    assert response.status_code == 403
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["details"] == {"kind": "pods"}
    assert response.json()["message"] == (
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope'
    )
    assert path.json()["message"] == 'forbidden: User "system:anonymous" cannot get path "/apis"'


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/secrets",
        "/api/v1/namespaces/grafana/secrets",
        "/api/v1/namespaces/authentik/secrets/authentik-secrets",
        "/api/v1/namespaces/grafana/configmaps",
        "/api/v1/namespaces/argocd/configmaps",
        "/api/v1/nodes",
        "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    ],
)
def test_the_suite_is_denied_what_it_does_not_need(service_account, path):
    response = service_account.get(path)
    assert response.status_code == 403
    assert response.json()["reason"] == "Forbidden"


@pytest.mark.parametrize(
    "path",
    [
        "/apis/apps/v1/deployments",
        "/api/v1/pods",
        "/api/v1/services",
        "/apis/discovery.k8s.io/v1/endpointslices",
        "/api/v1/namespaces/authentik/configmaps",
        "/api/v1/namespaces/argocd/configmaps/argocd-cm",
        "/apis/traefik.io/v1alpha1/ingressroutes",
        "/apis/traefik.io/v1alpha1/ingressroutetcps",
        "/apis/traefik.io/v1alpha1/middlewares",
        "/apis/networking.k8s.io/v1/ingresses",
        "/apis/gateway.networking.k8s.io/v1/httproutes",
        "/apis/external-secrets.io/v1/externalsecrets",
        "/apis/external-secrets.io/v1/secretstores",
        "/apis/external-secrets.io/v1/clustersecretstores",
        "/apis/argoproj.io/v1alpha1/applications",
        GRAFANA_SECRET,
        "/api/v1/namespaces/argocd/secrets/argocd-oidc",
        "/api/v1/namespaces/extra-oidc-1/secrets/oidc-client",
    ],
)
def test_the_suite_may_read_what_it_judges(service_account, path):
    assert service_account.get(path).status_code == 200


def test_the_suite_may_not_write(service_account):
    patch = service_account.patch(GRAFANA_SYNC, json={}, headers={"content-type": "application/merge-patch+json"})
    assert patch.status_code == 403
    assert 'cannot patch resource "externalsecrets" in API group "external-secrets.io"' in patch.json()["message"]
    assert service_account.delete(f"{DEPLOYMENTS}/authentik-server").status_code == 403


def test_access_reviews_agree_with_what_happens(service_account):
    def may(**attributes: str) -> bool:
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        response = service_account.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", json=body)
        assert response.status_code == 201
        return response.json()["status"]["allowed"]

    assert may(verb="get", resource="secrets", name="grafana-oidc", namespace="grafana")
    assert may(verb="get", resource="pods", subresource="log", namespace="authentik")
    assert not may(verb="get", resource="secrets", namespace="grafana")
    assert not may(verb="create", resource="pods", subresource="exec", namespace="authentik")


def test_rights_come_from_the_role_objects(api, service_account):
    api.world.cluster.get("clusterroles", "", "sso-conformance")["rules"].clear()
    assert service_account.get(PODS).status_code == 403
    assert service_account.get(GRAFANA_SECRET).status_code == 200


def names_of(response: httpx.Response) -> list[str]:
    return [item["metadata"]["name"] for item in response.json()["items"]]


def test_what_is_not_there_is_named(operator):
    missing = operator.get(f"{DEPLOYMENTS}/nope").json()
    assert missing["message"] == 'deployments.apps "nope" not found'
    assert missing["details"] == {"name": "nope", "group": "apps", "kind": "deployments"}
    assert operator.get("/apis/apps/v1/nonsense").json()["message"] == (
        "the server could not find the requested resource"
    )
    assert operator.get("/nonsense").text == "404 page not found\n"


def test_discovery_has_both_forms(operator):
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    aggregated = operator.get("/apis", headers={"accept": accept})
    assert aggregated.headers["content-type"] == accept
    groups = [item["metadata"]["name"] for item in aggregated.json()["items"]]
    assert groups == [group["name"] for group in operator.get("/apis").json()["groups"]]
    kinds = {entry["name"]: entry["kind"] for entry in operator.get("/api/v1").json()["resources"]}
    assert kinds["pods/exec"] == "PodExecOptions"
    assert operator.get("/api").json()["versions"] == ["v1"]


def test_a_client_that_takes_protobuf_only_is_told_so(operator):
    response = operator.get(PODS, headers={"accept": "application/vnd.kubernetes.protobuf"})
    assert (response.status_code, response.json()["reason"]) == (406, "NotAcceptable")


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("app.kubernetes.io/component=server", 2),
        ("app.kubernetes.io/component in (server, worker)", 3),
        ("app.kubernetes.io/component!=server", 1),
        ("app.kubernetes.io/component,app.kubernetes.io/name==authentik", 3),
        ("!app.kubernetes.io/component", 0),
        ("app.kubernetes.io/component=outpost", 0),
    ],
)
def test_label_selectors(operator, selector, count):
    response = operator.get(PODS, params={"labelSelector": selector})
    assert response.status_code == 200
    assert len(response.json()["items"]) == count


def test_field_selectors_and_pages(api, operator):
    pod = api.world.cluster.server_pods[0]
    assert names_of(operator.get(PODS, params={"fieldSelector": f"metadata.name={pod}"})) == [pod]
    first = operator.get(PODS, params={"limit": 2})
    token = first.json()["metadata"]["continue"]
    assert first.json()["metadata"]["remainingItemCount"] == 1
    rest = operator.get(PODS, params={"limit": 2, "continue": token})
    assert names_of(first) + names_of(rest) == names_of(operator.get(PODS))
    assert operator.get(PODS, params={"continue": "rubbish"}).status_code == 410


def test_metadata_only_answers_carry_key_names_and_no_value(api, service_account, operator):
    value = api.world.secrets.client_secret("grafana")
    response = service_account.get(GRAFANA_SECRET, headers={"accept": METADATA})
    body = response.json()
    assert body["kind"] == "PartialObjectMetadata"
    assert "data" not in body
    fields = body["metadata"]["managedFields"][0]["fieldsV1"]["f:data"]
    assert fields == {"f:GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": {}}
    assert value not in response.text
    listed = operator.get("/api/v1/namespaces/grafana/secrets", headers={"accept": METADATA_LIST}).json()
    assert listed["kind"] == "PartialObjectMetadataList"
    assert all(set(item) == {"kind", "apiVersion", "metadata"} for item in listed["items"])
    assert [entry.metadata_only for entry in api.world.cluster.audit] == [True, True]


def test_pods_as_a_table(operator):
    table = operator.get(PODS, headers={"accept": TABLE}).json()
    shown = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]
    assert shown == ["Name", "Ready", "Status", "Restarts", "Age"]
    assert [row["cells"][1:5] for row in table["rows"]] == [["1/1", "Running", "0", "3d"]] * 3
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_logs_take_kubernetes_options(api, service_account):
    cluster, pod = api.world.cluster, api.world.cluster.server_pods[0]
    cluster.log("authentik", pod, "the last line")

    def log(**options: str) -> httpx.Response:
        return service_account.get(f"{PODS}/{pod}/log", params=options)

    assert log(tailLines="1").text == "the last line\n"
    assert log(tailLines="1").headers["content-type"] == "text/plain"
    assert log(tailLines="1", timestamps="true").text.endswith("Z the last line\n")
    assert log(limitBytes="8", sinceSeconds="5").text == "the last"
    since = (api.world.clock.now() - timedelta(seconds=5)).isoformat()
    assert log(sinceTime=since).text == "the last line\n"
    assert log(tailLines="x").status_code == 422
    assert log(previous="true").json()["message"] == (
        f'previous terminated container "server" in pod "{pod}" not found'
    )
    assert log(container="nope").json()["message"] == f"container nope is not valid for pod {pod}"
    assert log(follow="true").status_code == 400
    assert service_account.get(f"{PODS}/nope/log").json()["message"] == 'pods "nope" not found'


def test_seeded_lines_are_json_but_for_the_migration(api):
    lines = api.world.cluster.log_lines("authentik", api.world.cluster.worker_pods[0])
    parsed = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(parsed) > 50
    assert {line["level"] for line in parsed} == {"debug", "info", "warning"}
