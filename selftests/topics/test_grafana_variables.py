"""Which variable Grafana takes its client secret from: by its settings' names, and by its grafana.ini."""

import pytest

from fixtures.exchange.workloads import PodTemplate
from fixtures.model.signals import NotVerified
from fixtures.topics.secrets.grafana import ini_of, other_variables, variable_complaint

SECRET, SETTING = "grafana-oidc", "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"
FILE = {"name": "config", "mountPath": "/etc/grafana/grafana.ini", "subPath": "grafana.ini"}
MAP = {"name": "config", "configMap": {"name": "grafana"}}


def template(key="client_secret", *, variable="", prefix=None, env=(), mount=FILE, volume=MAP, **more):
    """Grafana's pod with that key in a variable of that name, or with its whole Secret."""
    taken = {"name": variable, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": key}}}
    container = {"name": "grafana", "env": [*([taken] if variable else []), *env], "volumeMounts": [mount], **more}
    if prefix is not None:
        container["envFrom"] = [{"prefix": prefix, "secretRef": {"name": SECRET}}]
    return PodTemplate.model_validate({"spec": {"containers": [container, {"name": "sidecar"}], "volumes": [volume]}})


@pytest.mark.parametrize(
    ("key", "arguments", "other"),
    [
        (SETTING, {"prefix": ""}, ()),
        (SETTING, {"prefix": "SSO_"}, (f"SSO_{SETTING}",)),
        ("CLIENT_SECRET", {"prefix": "GF_AUTH_GENERIC_OAUTH_"}, ()),
        ("client_secret", {"prefix": ""}, ("client_secret",)),
        ("client_secret", {"variable": SETTING}, ()),
        ("client_secret", {"variable": "GF_AUTH_OKTA_CLIENT_SECRET"}, ()),
        ("client_secret", {"variable": "OAUTH"}, ("OAUTH",)),
        ("client_secret", {"variable": "OAUTH", "env": [{"name": SETTING, "value": "$__env{OAUTH}"}]}, ()),
        ("client_secret", {"variable": "OAUTH", "env": [{"name": SETTING, "value": "$(OAUTH)"}]}, ()),
        ("client_secret", {"variable": "OAUTH", "env": [{"name": SETTING, "value": "of before"}]}, ("OAUTH",)),
        ("client_secret", {"variable": "OAUTH", "args": ["sh", "-c", f"{SETTING}=$OAUTH exec /run.sh"]}, ()),
    ],
)
def test_a_variable_of_another_name_is_found(key, arguments, other):
    assert other_variables(template(key, **arguments), SECRET, key) == other


@pytest.mark.parametrize(
    ("ini", "good"),
    [
        ("[auth.generic_oauth]\nclient_secret = $__env{OAUTH}\n", True),
        ("[auth.generic_oauth]\n  client_secret=${OAUTH}", True),
        ('[auth.generic_oauth]\nclient_secret = "${OAUTH}"', True),
        ("[auth.generic_oauth]\nclient_secret = ${OAUTH_OF_BEFORE}", False),
        ("[auth.generic_oauth]\n;client_secret = ${OAUTH}", False),
        ("[auth.generic_oauth]\nclient_id = ${OAUTH}", False),
        # Grafana replaces those in braces alone.
        ("[auth.generic_oauth]\nclient_secret = $OAUTH", False),
        ("", False),
    ],
)
def test_its_file_may_name_the_variable(ini, good):
    told = variable_complaint(template(variable="OAUTH"), ("OAUTH",), ini)
    assert (told == "") is good
    assert good or "its variable is OAUTH" in told


def test_a_setting_by_a_variable_comes_before_the_file():
    pod = template(variable="OAUTH", env=[{"name": SETTING, "value": "of before"}])
    assert f"reads {SETTING}, which is something else" in variable_complaint(pod, ("OAUTH",), "client_secret=${OAUTH}")
    assert variable_complaint(pod, (), "") == ""


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({}, ("grafana", "grafana.ini")),
        ({"mount": {"name": "config", "mountPath": "/etc/grafana/"}}, ("grafana", "grafana.ini")),
        ({"mount": {**FILE, "subPath": "sso.ini"}}, ("grafana", "sso.ini")),
        (
            {"volume": {"name": "config", "configMap": {"name": "g", "items": [{"key": "k", "path": "grafana.ini"}]}}},
            ("g", "k"),
        ),
        ({"mount": {"name": "config", "mountPath": "/etc/grafana/provisioning"}}, None),
        # As grafana-operator makes it (controllers/reconcilers/grafana/deployment_reconciler.go).
        (
            {"mount": {"name": "config", "mountPath": "/etc/grafana/"}, "args": ["-config=/etc/grafana/grafana.ini"]},
            ("grafana", "grafana.ini"),
        ),
        (
            {"mount": {"name": "config", "mountPath": "/conf"}, "command": ["grafana", "--config", "/conf/own.ini"]},
            ("grafana", "own.ini"),
        ),
        (
            {"mount": {**FILE, "mountPath": "/a.ini"}, "env": [{"name": "GF_PATHS_CONFIG", "value": "/a.ini"}]},
            ("grafana", "grafana.ini"),
        ),
    ],
)
def test_the_file_is_found_where_it_is_mounted(arguments, place):
    assert ini_of(template(variable="OAUTH", **arguments), SECRET, "client_secret") == place


@pytest.mark.parametrize(
    "arguments",
    [
        {"volume": {"name": "config", "secret": {"secretName": "grafana-ini"}}},
        {"env": [{"name": "GF_PATHS_CONFIG", "value": "/data/grafana.ini"}]},
        {"args": ["--config=/data/grafana.ini"]},
        {"args": ["--config=$(SOME_FILE)"]},
        {"args": ["--config=conf/grafana.ini"]},
        {"env": [{"name": "GF_PATHS_CONFIG", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}]},
    ],
)
def test_what_the_suite_does_not_read_may_name_it(arguments):
    with pytest.raises(NotVerified, match="whether they name the variable"):
        ini_of(template(variable="OAUTH", **arguments), SECRET, "client_secret")
