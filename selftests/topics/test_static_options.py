"""Traefik's static options by argument, environment and file: the same ones, whichever way they are given."""

import pytest

from fixtures.estate.estate import Estate
from fixtures.exchange.rights import Right, denied
from fixtures.exchange.workloads import Workload
from fixtures.topics.routes.proxy import EntryPoint, entry_points
from fixtures.topics.routes.proxy_questions import proxy
from fixtures.topics.routes.static_options import of_arguments, of_environment, of_file

MIDDLEWARE = "traefik-system-auth@kubernetescrd"
WANTED = {"websecure": EntryPoint((MIDDLEWARE, "b@file"), tls=True)}
YAML = f"entryPoints:\n  websecure:\n    http:\n      middlewares: [{MIDDLEWARE}, b@file]\n      tls: {{}}\n"
TOML = f'[entryPoints.websecure.http]\nmiddlewares = ["{MIDDLEWARE}", "b@file"]\n[entryPoints.websecure.http.tls]\n'
ARGUMENTS = [
    f"--entryPoints.websecure.http.middlewares={MIDDLEWARE}, b@file",
    "--entrypoints.webSecure.http.tls",
]
ENVIRONMENT = {
    "TRAEFIK_ENTRYPOINTS_WEBSECURE_HTTP_MIDDLEWARES": f"{MIDDLEWARE},b@file",
    "TRAEFIK_ENTRYPOINTS_WEBSECURE_HTTP_TLS": "true",
    "HOME": "/",
}


@pytest.mark.parametrize(
    "options",
    [of_arguments(ARGUMENTS), of_environment(ENVIRONMENT), of_file("traefik.yml", YAML), of_file("traefik.toml", TOML)],
)
def test_options_are_the_same_however_they_are_given(options):
    assert entry_points(options) == WANTED


@pytest.mark.parametrize(("path", "text", "says"), [("a.yaml", "a: [", "no YAML"), ("a.toml", "a = [", "Invalid")])
def test_what_is_no_file_of_options_is_refused(path, text, says):
    with pytest.raises(ValueError, match=says):
        of_file(path, text)


class Maps:
    """A cluster with ConfigMaps; one called `hidden` may not be seen."""

    def __init__(self, **data):
        self.data = data

    def get(self, _version, _plural, namespace, name):
        if name == "hidden":
            raise denied(Right(("get",), "v1", "configmaps", namespace, name), by_another=False)
        metadata = {"namespace": namespace, "name": name}
        return {"metadata": metadata, "data": self.data[name]} if name in self.data else None


def asked(container, *, volumes=(), workload="traefik-system/daemonset/traefik", **maps):
    estate = Estate.model_validate(
        {
            "name": "lab",
            "authentik": {"url": "http://a.example", "public_url": "https://a.example"},
            "traefik": {"workload": workload},
        }
    )
    content = {
        "metadata": {"namespace": "traefik-system", "name": "traefik"},
        "spec": {
            "selector": {},
            "template": {
                "spec": {
                    "containers": [{"name": "traefik", "image": "traefik:v3.7.1", **container}],
                    "volumes": list(volumes),
                }
            },
        },
    }
    listed = {estate.traefik.workload_ref: Workload.read(content, "DaemonSet")}
    return proxy(Maps(**maps), estate, {}, listed if "daemonset" in workload else {}, {}, {}, ())


VOLUME = {"name": "config", "configMap": {"name": "options"}}
MOUNTED = [{"name": "config", "mountPath": "/etc/traefik"}]
AT_HOME = [{"name": "config", "mountPath": "/srv/.config"}]
RENAMED = {"name": "config", "configMap": {"name": "options", "items": [{"key": "own", "path": "traefik.yml"}]}}
ONE_FILE = {"name": "config", "mountPath": "/etc/traefik/traefik.yml", "subPath": "own"}
WITH_A_VARIABLE = "--entryPoints.websecure.http.middlewares=$(GATE),b@file"
ELSEWHERE = {"name": "GATE", "valueFrom": {"secretKeyRef": {"name": "gate", "key": "name"}}}
HOME = [{"name": "HOME", "value": "/srv"}]
REPEATED = ["--entryPoints.websecure.http.middlewares=b@file"]
VARIABLES = [{"name": name, "value": value} for name, value in ENVIRONMENT.items()]


@pytest.mark.parametrize(
    "found",
    [
        asked({"args": ARGUMENTS}),
        asked({"env": VARIABLES}),
        asked({"envFrom": [{"configMapRef": {"name": "options"}}]}, options=ENVIRONMENT),
        asked({"volumeMounts": MOUNTED}, volumes=[VOLUME], options={"traefik.yaml": YAML}),
        # The file comes first, and what else is given does not count beside it.
        asked(
            {"args": ["--configFile=/etc/traefik/t.toml"], "volumeMounts": MOUNTED, "env": VARIABLES},
            volumes=[VOLUME],
            options={"t.toml": TOML},
        ),
    ],
)
def test_the_proxy_knows_its_options(found):
    assert (dict(found.entry_points), found.unknown, found.version) == (WANTED, "", (3, 7, 1))


@pytest.mark.parametrize(
    "found",
    [
        # traefik/paerser, flag/flagparser.go: the next argument is the value, and a list grows.
        asked({"args": ["--entryPoints.websecure.http.middlewares", MIDDLEWARE, *ARGUMENTS[1:], *REPEATED]}),
        # traefik/traefik, pkg/cli/loader_file.go: where a file is looked for, unasked.
        asked({"volumeMounts": AT_HOME, "env": HOME}, volumes=[VOLUME], options={"traefik.yml": YAML}),
        asked({"volumeMounts": AT_HOME, "workingDir": "/srv/.config"}, volumes=[VOLUME], options={"traefik.yml": YAML}),
        # Kubernetes, Volumes: a key by another name, or as a single file; Container.args: the value of a variable.
        asked({"volumeMounts": MOUNTED}, volumes=[RENAMED], options={"own": YAML, "traefik.yml": "log: {}"}),
        asked({"volumeMounts": [ONE_FILE]}, volumes=[VOLUME], options={"own": YAML}),
        asked({"args": [WITH_A_VARIABLE, *ARGUMENTS[1:]], "env": [{"name": "GATE", "value": MIDDLEWARE}]}),
        # A variable names no file.
        asked({"env": [*VARIABLES, {"name": "TRAEFIK_CONFIGFILE", "value": "/etc/traefik/t.yml"}]}),
    ],
)
def test_other_spellings_of_the_same_options(found):
    assert (dict(found.entry_points), found.unknown) == (WANTED, "")


def test_arguments_come_before_the_environment():
    assert "websecure" not in asked({"args": ["--log.level=INFO"], "env": VARIABLES}).entry_points


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (asked({}, workload="traefik"), "no deployment traefik in namespace traefik-system"),
        (asked({"envFrom": [{"secretRef": {"name": "options"}}]}), "Secret options"),
        (asked({"envFrom": [{"configMapRef": {"name": "hidden"}}]}), "no right to get on configmaps"),
        (asked({"volumeMounts": MOUNTED}, volumes=[{"name": "config", "secret": {}}]), "in no ConfigMap"),
        (asked({"volumeMounts": MOUNTED}, volumes=[VOLUME], options={"traefik.toml": "a = ["}), "Invalid"),
        (asked({"args": ["--configFile=/data/t.yml"]}), "/data/t.yml"),
        (asked({"args": [WITH_A_VARIABLE], "env": [ELSEWHERE]}), "GATE is taken from elsewhere"),
        (asked({"command": ["/bin/sh", "-c"], "args": ["exec traefik --ping"]}), "a script of /bin/sh starts it"),
    ],
)
def test_what_cannot_be_read_is_said(found, says):
    assert says in found.unknown
