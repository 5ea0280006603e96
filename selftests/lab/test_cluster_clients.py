"""The lab's Kubernetes API asked by kubectl, in the runbook's own lines, and by the Python client."""

import json
import time

import pytest
from kubernetes import client, config
from kubernetes.stream import stream

from lab import names
from selftests.support.cluster_api import (
    DEPLOYMENTS,
    GRAFANA_SECRET,
    GRAFANA_SYNC,
    METADATA,
    MINT,
    PODS,
)


def test_exec_without_streams_or_upgrade_is_a_bad_request(operator):
    response = operator.get(f"{PODS}/nope/exec", params={"command": "ls"})
    assert response.json()["message"] == "you must specify at least 1 of stdin, stdout, stderr"


def test_the_python_client_mints_a_token_over_v4(api):
    path = api.kubeconfig("admin", api.world.secrets.kubernetes_admin_token)
    with config.new_client_from_config(str(path)) as connection:
        session = stream(
            client.CoreV1Api(connection).connect_get_namespaced_pod_exec,
            api.world.cluster.server_pods[0],
            "authentik",
            command=["ak", "shell", "-c", MINT],
            stdin=False,
            stdout=True,
            stderr=True,
            tty=False,
            _preload_content=False,
        )
        session.run_forever(timeout=10)
        *banner, key = session.read_stdout().splitlines()
        assert session.returncode == 0
        # `close` fails on a connection that the server closed first, and leaves the socket open.
        session.sock.shutdown()
    assert len(banner) == 4
    token = api.world.authentik.directory.tokens["selftest"]
    assert (token.key, token.intent) == (key, "api")
    assert api.world.authentik.directory.users[token.user].username == "akadmin"


def test_the_python_client_reads_metadata_only(api):
    path = api.kubeconfig("suite", api.world.secrets.kubernetes_suite_token)
    with config.new_client_from_config(str(path)) as connection:
        request = connection.param_serialize(
            "GET", GRAFANA_SECRET, header_params={"Accept": METADATA}, auth_settings=["BearerToken"]
        )
        response = connection.call_api(*request)
        assert "data" not in json.loads(response.read())
        with pytest.raises(client.ApiException) as denied:
            client.CoreV1Api(connection).list_namespaced_secret("grafana")
    assert denied.value.status == 403


def test_kubectl_get_pods(kubectl):
    output = kubectl("get", "pods", "-n", "authentik").stdout.splitlines()
    assert output[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert len(output) == 4
    assert all(line.split()[1:4] == ["1/1", "Running", "0"] for line in output[1:])


@pytest.mark.parametrize("workload", ["authentik-server", "authentik-worker"])
def test_kubectl_logs(kubectl, workload):
    result = kubectl("logs", "-n", "authentik", f"deploy/{workload}", "--tail=50")
    assert result.returncode == 0
    assert 30 < len(result.stdout.splitlines()) <= 50


def test_kubectl_mints_lists_and_deletes_tokens_in_the_shell(kubectl, api):
    shell = ("exec", "-n", "authentik", "deploy/authentik-server", "-it", "--", "ak", "shell")
    minted = kubectl(*shell, stdin=MINT)
    tokens = api.world.authentik.directory.tokens
    assert minted.stdout.splitlines()[4:] == [tokens["selftest"].key]
    listing = 'for t in Token.objects.filter(intent="api"):\n    print(t.identifier, t.user, t.expires)\n'
    listed = kubectl(*shell, stdin=listing).stdout.splitlines()[4:]
    assert [line.split()[:2] for line in listed if line.startswith("selftest")] == [["selftest", "akadmin"]]
    assert kubectl(*shell, "-c", 'Token.objects.filter(identifier="selftest").delete()').returncode == 0
    assert "selftest" not in tokens


def test_kubectl_shows_what_went_wrong_in_the_shell(kubectl):
    shell = ("exec", "-n", "authentik", "deploy/authentik-server", "--", "ak", "shell", "-c")
    result = kubectl(*shell, 'User.objects.get(username="nobody")')
    assert result.returncode == 1
    assert "User.DoesNotExist" in result.stderr
    assert kubectl(*shell, "import os; os.system('id')").stderr.count("ModuleNotFoundError") == 1
    assert kubectl(*shell, "print(User.__class__)").stderr.count("AttributeError") == 1


def test_kubectl_reads_secret_and_environment(kubectl, api):
    secret = kubectl("get", "secret", "-n", "grafana", "grafana-oidc", "-o", "jsonpath={.data}")
    assert list(json.loads(secret.stdout)) == ["GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"]
    path = '{.spec.template.spec.containers[0].env[?(@.name=="AUTHENTIK_HOST")].value}'
    env = kubectl("get", "deploy", "-n", "authentik", "authentik-server", "-o", f"jsonpath={path}")
    assert env.stdout == names.AUTH_URL
    inside = ("exec", "-n", "grafana", "deploy/grafana", "--", "printenv")
    value = kubectl(*inside, "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET").stdout.strip()
    assert value == api.world.secrets.client_secret("grafana")
    assert kubectl(*inside, "NOPE").returncode == 1
    assert "executable file not found" in kubectl(*inside[:-1], "ls").stderr


def test_kubectl_forces_a_sync(kubectl, operator):
    before = operator.get(GRAFANA_SYNC).json()["status"]["refreshTime"]
    result = kubectl("annotate", "es", "grafana-oidc", "-n", "grafana", "force-sync=1", "--overwrite")
    assert result.stdout.strip() == "externalsecret.external-secrets.io/grafana-oidc annotated"
    assert operator.get(GRAFANA_SYNC).json()["status"]["refreshTime"] > before
    assert "SecretSynced" in kubectl("get", "es", "-n", "grafana").stdout


def test_kubectl_finds_no_outpost_pod_and_exits_with_zero(kubectl):
    selector = ("-n", "authentik", "-l", "app.kubernetes.io/component=outpost")
    for verb in (("get", "pods"), ("logs",)):
        result = kubectl(*verb, *selector)
        assert (result.returncode, result.stdout) == (0, "")
        assert "No resources found" in result.stderr


def test_kubectl_knows_who_it_is_and_what_it_may(kubectl):
    assert "system:serviceaccount:sso-conformance:sso-conformance" in kubectl("auth", "whoami", user="suite").stdout
    assert kubectl("auth", "can-i", "get", "secrets", "-n", "grafana", user="suite").stdout == "no\n"
    asked = ("auth", "can-i", "get", "secret/grafana-oidc", "-n", "grafana")
    assert kubectl(*asked, user="suite").stdout == "yes\n"
    assert kubectl("auth", "can-i", "create", "pods/exec", "-n", "authentik", user="suite").stdout == "no\n"
    denied = kubectl("exec", "-n", "authentik", "deploy/authentik-server", "--", "env", user="suite")
    assert denied.returncode == 1
    assert "is forbidden" in denied.stderr


def test_kubectl_applies_and_restarts(kubectl, api):
    manifest = json.dumps(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "try", "namespace": "sso-conformance"},
            "data": {"a": "1"},
        }
    )
    assert kubectl("apply", "-f", "-", stdin=manifest).stdout == "configmap/try created\n"
    assert kubectl("apply", "-f", "-", stdin=manifest).stdout == "configmap/try unchanged\n"
    served = kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=manifest)
    assert served.stdout == "configmap/try serverside-applied\n"
    pod = next(iter(api.world.cluster.list("pods", "grafana")))
    before = pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
    assert kubectl("rollout", "restart", "-n", "grafana", "deploy/grafana").returncode == 0
    status = kubectl("rollout", "status", "-n", "grafana", "deploy/grafana", "--timeout=5s")
    assert "successfully rolled out" in status.stdout
    assert pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] > before


def test_requests_are_answered_fast(service_account):
    service_account.get(PODS)
    started = time.perf_counter()
    for _ in range(50):
        service_account.get(f"{DEPLOYMENTS}/authentik-server")
    # Two milliseconds are the aim; the bound leaves room for a busy machine.
    assert (time.perf_counter() - started) / 50 < 0.02
