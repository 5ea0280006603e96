"""How a Secret's key reaches a container by files, and what else may bring a secret there."""

from datetime import UTC, datetime

import pytest

from fixtures.exchange.workloads import Pod, PodTemplate
from fixtures.topics.secrets.consumption import Use, consumption_complaint, other_sources, readers, uses
from fixtures.topics.secrets.rules import readers_older_than

SECRET, KEY = "app-oidc", "oauth-secret"


def template(volume, mount, *, env=(), annotations=None, init=False):
    """A template with one volume, mounted into one of its two containers, or into an init container."""
    mounted = {"name": "app", "env": list(env), "volumeMounts": [{"name": "v", "mountPath": "/etc/oidc", **mount}]}
    other = {"name": "other"}
    containers = {"initContainers": [mounted], "containers": [other]} if init else {"containers": [mounted, other]}
    spec = {**containers, "volumes": [{"name": "v", **volume}, {"name": "tmp", "emptyDir": {}}]}
    return PodTemplate.model_validate({"metadata": {"annotations": annotations}, "spec": spec})


def items(*pairs):
    return [{"key": key, "path": path} for key, path in pairs]


WHOLE = {"secret": {"secretName": SECRET}}
PROJECTED = {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"secret": {"name": SECRET}}]}}
RENAMED = {"secret": {"secretName": SECRET, "items": items((KEY, "deep/secret.txt"))}}


@pytest.mark.parametrize(
    ("volume", "mount", "place", "follows"),
    [
        (WHOLE, {}, "/etc/oidc/oauth-secret", True),
        (PROJECTED, {}, "/etc/oidc/oauth-secret", True),
        (RENAMED, {}, "/etc/oidc/deep/secret.txt", True),
        (WHOLE, {"subPath": "oauth-secret"}, "/etc/oidc", False),
        (RENAMED, {"subPath": "deep"}, "/etc/oidc/secret.txt", False),
        (RENAMED, {"subPath": "./deep/secret.txt"}, "/etc/oidc", False),
        (WHOLE, {"subPathExpr": "$(NAME)"}, "/etc/oidc", False),
        (WHOLE, {"subPath": None}, "/etc/oidc/oauth-secret", True),
    ],
)
@pytest.mark.parametrize("init", [False, True])
def test_a_file_is_seen_where_its_mount_puts_it(volume, mount, place, follows, init):
    pod = template(volume, mount, init=init)
    assert list(uses(pod, SECRET, KEY)) == [Use("app", place, "file", follows)]
    assert consumption_complaint(pod, SECRET, KEY, [KEY]) == ""
    assert readers(pod, SECRET, KEY) == {"app": follows}


def test_a_variable_beside_the_file_keeps_what_it_was_given():
    variable = {"name": "X", "valueFrom": {"secretKeyRef": {"name": SECRET, "key": KEY}}}
    assert readers(template(WHOLE, {}, env=[variable]), SECRET, KEY) == {"app": False}


@pytest.mark.parametrize(
    ("volume", "mount", "says"),
    [
        ({"secret": {"secretName": "other"}}, {}, "no container takes it by env, envFrom or a mounted file"),
        ({"secret": {"secretName": SECRET, "items": items(("a", "a"))}}, {}, "no container sees a file of that key"),
        (WHOLE, {"subPath": "another"}, "no container sees a file of that key"),
        (WHOLE, {"subPath": "oauth"}, "no container sees a file of that key"),
        (WHOLE, {"name": "tmp"}, "no container sees a file of that key"),
        ({"secret": {"secretName": SECRET, "items": items(("gone", "a"))}}, {}, "volume v wants its key gone"),
    ],
)
def test_a_volume_without_that_file_is_told(volume, mount, says):
    assert says in consumption_complaint(template(volume, mount), SECRET, KEY, [KEY, "a"])


def test_what_a_template_cannot_do_without_must_be_there():
    gone = {"name": "X", "valueFrom": {"secretKeyRef": {"name": SECRET, "key": "gone"}}}
    may = {"name": "X", "valueFrom": {"secretKeyRef": {"name": SECRET, "key": "gone", "optional": True}}}
    assert "variable X wants its key gone" in consumption_complaint(template(WHOLE, {}, env=[gone]), SECRET, KEY, [KEY])
    assert consumption_complaint(template(WHOLE, {}, env=[may]), SECRET, KEY, [KEY]) == ""
    # Where the names may be incomplete, nothing is said to be absent.
    assert consumption_complaint(template(WHOLE, {}, env=[gone]), SECRET, KEY) == ""


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET__FILE", "/etc/oidc/oauth-secret", True),
        ("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET", "$__file{/etc/oidc/oauth-secret}", True),
        ("OAUTH2_PROXY_CLIENT_SECRET_FILE", "/etc/oidc/./oauth-secret", True),
        ("OAUTH2_PROXY_CLIENT_SECRET_FILE", "/tmp/made-by-an-init-container", True),
        ("TLS_KEY_FILE", "/etc/oidc/tls.key", True),
        ("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET__FILE", "/etc/oidc/client_secret", False),
        ("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET", "$__file{/etc/oidc/client_secret}", False),
        ("oidc_clientsecret_file", "/etc/oidc/x", False),
        # A path is one whatever the variable's name says of it; a secret may begin with a slash, and names no mount.
        ("FILE__OIDC_CLIENT_SECRET", "/etc/oidc/oauth-secret", True),
        ("FILE__OIDC_CLIENT_SECRET", "/etc/oidc/client_secret", False),
        ("OIDC_CLIENT_SECRET_PATH", "/etc/oidc/client_secret", False),
        ("OIDC_CLIENT_SECRET", "{file./etc/oidc/client_secret}", False),
        ("OIDC_CLIENT_SECRET", "file:///etc/oidc/client_secret", False),
        ("OIDC_CLIENT_SECRET", "file:///etc/oidc/oauth-secret", True),
        ("OIDC_CLIENT_SECRET", "/kJ8+Zq/etc/oidc", True),
    ],
)
def test_a_variable_that_names_the_file_names_the_right_one(name, value, good):
    told = consumption_complaint(template(WHOLE, {}, env=[{"name": name, "value": value}]), SECRET, KEY, [KEY])
    assert (told == "") is good
    assert good or "it is /etc/oidc/oauth-secret" in told


@pytest.mark.parametrize(
    ("arguments", "good"),
    [
        (["--client-secret-file=/etc/oidc/oauth-secret"], True),
        (["--client-secret-file", "/etc/oidc/oauth-secret"], True),
        (["--oidc-client-secret-file=/run/made-by-an-init-container"], True),
        (["--client-secret-file=/etc/oidc/client_secret"], False),
        (["--oidc.client_secret_path=/etc/oidc/client_secret"], False),
        (["sh", "-c", "proxy --client-secret-file='/etc/oidc/oauth-secret'"], True),
        (["sh", "-c", "proxy --client-secret-file='/etc/oidc/client_secret'"], False),
        (["sh", "-c", "proxy --client-secret-file /etc/oidc/client_secret"], False),
    ],
)
def test_an_option_that_names_the_file_names_the_right_one(arguments, good):
    pod = template(WHOLE, {}).model_dump()
    pod["spec"]["containers"][0]["args"] = arguments
    told = consumption_complaint(PodTemplate.model_validate(pod, by_name=True), SECRET, KEY, [KEY])
    assert (told == "") is good
    assert good or "names the file /etc/oidc/client_secret" in told


@pytest.mark.parametrize(
    "command",
    [
        ["infisical", "run", "--", "grafana"],
        ["/vault/vault-env", "grafana"],
        ["sh", "-c", "exec /usr/bin/doppler run -- app"],
        ["op", "run", "--", "app"],
        ["sops", "exec-env", "/etc/app.yaml", "app"],
        ["sh", "-c", "exec summon -p summon-conjur app"],
        ["aws-vault", "exec", "home", "--", "app"],
    ],
)
def test_a_command_that_fetches_secrets_may_bring_one(command):
    pod = template(WHOLE, {}).model_dump()
    pod["spec"]["containers"][0]["command"] = command
    assert other_sources(PodTemplate.model_validate(pod, by_name=True)) == "the command of app"
    pod["spec"]["containers"][0]["command"] = ["/usr/share/grafana/bin/run", "--op"]
    assert other_sources(PodTemplate.model_validate(pod, by_name=True)) == ""


@pytest.mark.parametrize(
    ("volume", "annotations", "env", "says"),
    [
        (
            {"csi": {"driver": "secrets-store.csi.k8s.io", "volumeAttributes": {"secretProviderClass": "oidc"}}},
            {}, (), "volume v of secrets-store.csi.k8s.io (oidc)",
        ),
        ({"csi": {"driver": "secrets-store-gke.csi.k8s.io"}}, {}, (), "volume v of secrets-store-gke.csi.k8s.io"),
        (
            {"csi": {"driver": "csi.vso.hashicorp.com", "volumeAttributes": {"csiSecretsName": "oidc"}}},
            {}, (), "volume v of csi.vso.hashicorp.com",
        ),
        (WHOLE, {"vault.hashicorp.com/agent-inject": "true"}, (), "annotation vault.hashicorp.com/agent-inject"),
        (WHOLE, {"operator.1password.io/inject": "app"}, (), "annotation operator.1password.io/inject"),
        (WHOLE, {}, ({"name": "S", "value": "vault:secret/data/app#key"},), "variable S, which a webhook fills in"),
        (WHOLE, {}, ({"name": "S", "value": "kv-app@azurekeyvault"},), "variable S, which a webhook fills in"),
        (WHOLE, {}, ({"name": "S", "value": "sm://project/app"},), "variable S, which a webhook fills in"),
        (WHOLE, {}, ({"name": "S", "value": "op://vault/app/secret"},), "variable S, which a webhook fills in"),
        (WHOLE, {"vault.hashicorp.com/agent-inject": "false", "checksum/config": "1"}, (), ""),
        (WHOLE, {"sidecar.istio.io/inject": "true"}, (), ""),
        ({"csi": {"driver": "csi.cert-manager.io"}}, {}, ({"name": "S", "value": "https://vault:8200"},), ""),
    ],
)  # fmt: skip
def test_what_else_may_bring_a_secret_is_named(volume, annotations, env, says):
    assert other_sources(template(volume, {}, env=env, annotations=annotations)) == says


def test_what_an_init_container_took_is_as_old_as_its_end():
    ended = {"name": "app", "state": {"terminated": {"exitCode": 0, "finishedAt": "2026-11-09T00:00:00Z"}}}
    running = {"name": "other", "state": {"running": {"startedAt": "2026-11-20T00:00:00Z"}}}
    status = {"initContainerStatuses": [ended], "containerStatuses": [running]}
    pod = Pod.read({"metadata": {"name": "p"}, "spec": {"containers": []}, "status": status})
    assert readers_older_than([pod], ["app"], datetime(2026, 11, 10, tzinfo=UTC)) == ["p/app"]
    assert readers_older_than([pod], ["app"], datetime(2026, 11, 8, tzinfo=UTC)) == []
    assert readers_older_than([pod], ["other"], datetime(2026, 11, 10, tzinfo=UTC)) == []


def _of_key(name):
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": KEY}}}


@pytest.mark.parametrize("value", ["$__env{%s}", "${%s}", "$(%s)"])
@pytest.mark.parametrize(
    ("named", "beside", "good"),
    [
        ("OIDC", [], True),
        ("OTHER", [], False),
        ("OTHER", [{"name": "OTHER", "value": "left from before"}], False),
        # What takes its value from a third, a client secret that is the key's own variable, and one for somebody else.
        ("OTHER", [{"name": "OTHER", "value": "$(OIDC)"}], True),
        ("OTHER", [_of_key("SSO_CLIENT_SECRET")], True),
        ("OTHER", [{"name": "SSO_CLIENT_SECRET", "value": "$(OIDC)"}], True),
    ],
)
def test_a_variable_that_is_anothers_value_is_that_of_the_key(value, named, beside, good):
    variables = [_of_key("OIDC"), *beside, {"name": "APP_CLIENT_SECRET", "value": value % named}]
    told = consumption_complaint(template({}, {}, env=variables), SECRET, KEY, [KEY])
    assert (told == "") is good
    assert good or "APP_CLIENT_SECRET is the value of OTHER, and the Secret's key is OIDC" in told
