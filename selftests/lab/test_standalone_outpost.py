"""The lab's standalone outpost: what it has in common with the embedded one, and what is its own."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from lab.network import Network
from lab.shapes.outposts import CORE_URL, DEPLOYMENT, NAMESPACE, OUTPOST, standalone_outpost
from lab.world import World

SERVICE = f"http://{DEPLOYMENT}.{NAMESPACE}.svc:9000"
PREFIX = "/outpost.goauthentik.io"


@pytest.fixture
def world():
    return World(shape=standalone_outpost)


def ask(world, path, host="longhorn.frank.derio.net"):
    forwarded = [("x-forwarded-host", host), ("x-forwarded-proto", "https"), ("x-forwarded-uri", "/")]
    return asyncio.run(Network(world).request("GET", SERVICE + path, [("host", host), *forwarded]))


def login_of(answer):
    parts = urlsplit(answer.header("location"))
    return f"{parts.scheme}://{parts.netloc}"


def test_it_answers_its_ping_for_every_host(world):
    assert ask(world, f"{PREFIX}/ping", "nope.example").status == 204


@pytest.mark.parametrize(
    ("host", "browser", "leads_to"),
    [
        (CORE_URL, "https://auth.frank.derio.net", "https://auth.frank.derio.net"),
        ("https://auth.frank.derio.net", "", "https://auth.frank.derio.net"),
        (CORE_URL, "", CORE_URL),
    ],
)
def test_its_environment_decides_where_browsers_go(world, host, browser, leads_to):
    (process,) = world.authentik.outpost_processes
    process.host, process.host_browser = host, browser
    world.authentik.outposts[OUTPOST].config["authentik_host"] = "https://persisted.example"
    assert login_of(ask(world, f"{PREFIX}/auth/traefik")) == leads_to


def test_of_several_applications_it_serves_none_for_a_strange_host(world):
    answer = ask(world, f"{PREFIX}/auth/traefik", "nope.example")
    assert (answer.status, json.loads(answer.body)["Message"]) == (400, "no app for hostname")


def test_the_only_application_is_served_for_every_host(world):
    outpost = world.authentik.outposts[OUTPOST]
    outpost.providers = outpost.providers[:1]
    assert ask(world, f"{PREFIX}/auth/traefik", "nope.example").status == 302


def test_there_is_no_core_behind_it(world):
    assert ask(world, "/if/admin/").status == 404


def test_it_writes_into_the_log_of_its_own_pod(world):
    (process,) = world.authentik.outpost_processes
    before = [len(world.cluster.log_lines(NAMESPACE, pod)) for pod in world.cluster.server_pods]
    ask(world, f"{PREFIX}/ping")
    line = json.loads(world.cluster.log_lines(NAMESPACE, process.pod)[-1])
    assert line["event"] == f"{PREFIX}/ping"
    assert [len(world.cluster.log_lines(NAMESPACE, pod)) for pod in world.cluster.server_pods] == before


def test_the_embedded_one_serves_nothing_beside_it(world):
    request = Network(world).request(
        "GET",
        f"http://authentik-server.{NAMESPACE}.svc{PREFIX}/auth/traefik",
        [("host", "longhorn.frank.derio.net"), ("x-forwarded-proto", "https"), ("x-forwarded-uri", "/")],
    )
    answer = asyncio.run(request)
    assert (answer.status, answer.header("x-powered-by")) == (404, "authentik")
