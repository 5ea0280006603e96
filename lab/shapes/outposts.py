"""An outpost of its own: the gate in pods beside the server, as deployed from a manifest."""

from __future__ import annotations

import base64
from copy import deepcopy
from datetime import timedelta
from typing import Final

from lab import names, seeded
from lab.arrangements import put_object
from lab.authentik.accounts import Token, User, stable_uuid
from lab.authentik.outpost.model import Outpost, OutpostInstance, outpost_config
from lab.authentik.state import OutpostProcess
from lab.cluster.objects import Age
from lab.cluster.seed.estate import Component, Front, plant_component
from lab.cluster.seed.log_lines import plant_outpost
from lab.cluster.seed.routes import GATE_ADDRESS as EMBEDDED_ADDRESS
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE
from lab.cluster.seed.workloads import Workload
from lab.cluster.state import Object
from lab.registry import Table, described
from lab.shapes import shape
from lab.world import World

NAME: Final = "gate"
NAMESPACE: Final = "authentik"
_SECOND: Final = "second-gate"
DEPLOYMENT: Final = f"ak-outpost-{NAME}"
SECRET: Final = f"{DEPLOYMENT}-api"
OUTPOST: Final = stable_uuid("outpost", NAME)
CORE_URL: Final = f"http://authentik-server.{NAMESPACE}.svc"
GATE_ADDRESS: Final = f"http://{DEPLOYMENT}.{NAMESPACE}.svc.cluster.local:9000/outpost.goauthentik.io/auth/traefik"
# What Authentik's worker gives the pods that it makes, and the keys of the Secret that it keeps it in.
_BY_WORKER: Final = {
    "AUTHENTIK_HOST": "authentik_host",
    "AUTHENTIK_HOST_BROWSER": "authentik_host_browser",
    "AUTHENTIK_TOKEN": "token",
    "AUTHENTIK_INSECURE": "authentik_host_insecure",
}


def describe_own_outpost(estate: Table) -> None:
    estate["authentik"]["outpost"] = {
        "kind": "standalone",
        "name": NAME,
        "namespace": NAMESPACE,
        "workload": f"{NAMESPACE}/deployment/{DEPLOYMENT}",
        "service": DEPLOYMENT,
    }


@shape("standalone-outpost", describe=describe_own_outpost)
def standalone_outpost(world: World) -> None:
    """An outpost with a Deployment, a Service and a token of its own judges; the embedded one serves nothing."""
    _of_its_own(world, replicas=1)


def _of_its_own(world: World, replicas: int) -> None:
    authentik = world.authentik
    outpost = authentik.outposts[OUTPOST] = Outpost(OUTPOST, NAME, outpost_config(names.AUTH_URL))
    for other in authentik.outposts.values():
        other.providers = []
    outpost.providers = [provider.pk for provider in authentik.proxy_providers()]
    pods = _deployed(world, _own_token(world, outpost), replicas)
    outpost.instances = [OutpostInstance(stable_uuid("instance", pod), authentik.version, hostname=pod) for pod in pods]
    authentik.outpost_processes = [
        OutpostProcess(outpost=OUTPOST, namespace=NAMESPACE, pod=pod, host=CORE_URL, host_browser=names.AUTH_URL)
        for pod in pods
    ]
    middleware = world.cluster.get("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, "authentik-forwardauth")
    middleware["spec"]["forwardAuth"]["address"] = GATE_ADDRESS


@shape("outpost-of-two-replicas", describe=describe_own_outpost)
def outpost_of_two_replicas(world: World) -> None:
    """A standalone outpost of two pods, whose Service leads each client to one of them: the proxy has one pod itself.

    Each keeps its sessions in files of its own (field/reports.md 31).
    """
    _of_its_own(world, replicas=2)
    world.cluster.get("services", NAMESPACE, DEPLOYMENT)["spec"]["sessionAffinity"] = "ClientIP"


@shape("outpost-deployed-by-authentik", describe=describe_own_outpost)
def outpost_deployed_by_authentik(world: World) -> None:
    """A standalone outpost that Authentik's worker deploys: its persisted settings are in the Secret of its pods."""
    standalone_outpost(world)
    authentik, cluster = world.authentik, world.cluster
    outpost = authentik.outposts[OUTPOST]
    outpost.service_connection = stable_uuid("service connection", "local")
    for process in authentik.outpost_processes:
        process.host, process.host_browser = names.AUTH_URL, ""
    settings = {"authentik_host": names.AUTH_URL, "authentik_host_browser": "", "authentik_host_insecure": "false"}
    secret = cluster.get("secrets", NAMESPACE, SECRET)
    secret["data"] |= {key: base64.b64encode(value.encode()).decode() for key, value in settings.items()}
    deployment = cluster.get("deployments", NAMESPACE, DEPLOYMENT)
    template = deployment["spec"]["template"]
    for metadata in (deployment["metadata"], template["metadata"]):
        metadata["labels"] = {**metadata["labels"], "app.kubernetes.io/managed-by": "goauthentik.io"}
    template["spec"]["containers"][0]["env"] = [_from_secret(variable, key) for variable, key in _BY_WORKER.items()]


def _own_token(world: World, outpost: Outpost) -> str:
    """The outpost's user and its token, as Authentik makes them when an outpost is created; returns the key."""
    directory = world.authentik.directory
    user = User(
        directory.next_user_pk(),
        f"ak-outpost-{outpost.pk.replace('-', '')}",
        f"Outpost {outpost.name} Service-Account",
        world.clock.started - timedelta(days=40),
        type="internal_service_account",
        path="goauthentik.io/outposts",
        roles=[stable_uuid("role", "outpost")],
    )
    directory.add_user(user)
    key = world.secrets.client_secret(f"outpost {outpost.name}")
    directory.tokens[outpost.token_identifier] = Token(
        outpost.token_identifier,
        user.pk,
        key,
        description=f"Autogenerated by authentik for Outpost {outpost.name}",
        managed=f"goauthentik.io/outpost/{outpost.token_identifier}",
    )
    return key


def _deployed(world: World, token: str, replicas: int) -> list[str]:
    """Put the Secret, the Deployment and the Service; returns the pods' names."""
    cluster, age = world.cluster, Age(world.clock.now())
    data = {"token": base64.b64encode(token.encode()).decode()}
    put_object(world, "v1", "Secret", SECRET, NAMESPACE, data=data, type="Opaque")
    front = Front(DEPLOYMENT, (("http", 9000, "http"), ("https", 9443, "https"), ("http-metrics", 9300, "metrics")))
    pods = plant_component(cluster, Component("", _workload(world.authentik.version, replicas), (front,)), age)
    found = [str(pod["metadata"]["name"]) for pod in pods]
    for name in found:
        plant_outpost(world, NAMESPACE, name)
    return found


def _workload(version: str, replicas: int) -> Workload:
    return Workload(
        NAMESPACE,
        DEPLOYMENT,
        f"ghcr.io/goauthentik/proxy:{version}",
        names.OUTPOST_POD_IPS[:replicas],
        [f"authentik-outpost/{number}" for number in range(replicas)],
        container="proxy",
        ports=(("http", 9000), ("https", 9443), ("metrics", 9300)),
        labels={
            "app.kubernetes.io/name": "authentik-outpost-proxy",
            "app.kubernetes.io/instance": NAME,
            "goauthentik.io/outpost-name": NAME,
            "goauthentik.io/outpost-type": "proxy",
        },
        env=(
            {"name": "AUTHENTIK_HOST", "value": CORE_URL},
            {"name": "AUTHENTIK_HOST_BROWSER", "value": names.AUTH_URL},
            _from_secret("AUTHENTIK_TOKEN", "token"),
        ),
        probe=("/outpost.goauthentik.io/ping", "/outpost.goauthentik.io/ping"),
    )


def _from_secret(variable: str, key: str) -> Object:
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": key}}}


def _second_outpost(estate: Table) -> None:
    longhorn = described(estate, "longhorn")
    longhorn |= {
        "middleware": f"{MIDDLEWARE_NAMESPACE}/{_SECOND}",
        "outpost": {"name": NAME, "service": f"{NAMESPACE}/service/{DEPLOYMENT}"},
    }


@shape("second-outpost", describe=_second_outpost)
def second_outpost(world: World) -> None:
    """An outpost of its own judges Longhorn, the embedded one all others (field/reports.md 21)."""
    authentik, cluster = world.authentik, world.cluster
    embedded = authentik.embedded_outpost()
    standalone_outpost(world)
    gate = seeded.gate(world, "longhorn")
    authentik.outposts[OUTPOST].providers = [gate.pk]
    if embedded is not None:
        embedded.providers = [provider.pk for provider in authentik.proxy_providers() if provider.pk != gate.pk]
    first = cluster.get("middlewares.traefik.io", MIDDLEWARE_NAMESPACE, "authentik-forwardauth")
    second = deepcopy(first)
    second["metadata"]["name"] = _SECOND
    cluster.put(second)
    first["spec"]["forwardAuth"]["address"] = EMBEDDED_ADDRESS
    (rule,) = cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"]
    rule["middlewares"][-1]["name"] = _SECOND
