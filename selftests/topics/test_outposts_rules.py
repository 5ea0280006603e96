"""Outposts: good and bad examples."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication, GateOutpost
from fixtures.exchange.api_objects import ApiOutpost, OutpostInstance, ProxyProvider
from fixtures.exchange.labels import is_made_by_authentik
from fixtures.exchange.rights import Denied
from fixtures.exchange.workloads import Workload
from fixtures.topics.outposts.questions import environment_sources
from fixtures.topics.outposts.rules import (
    Environment,
    Outpost,
    Whole,
    assignment_complaints,
    environment_of,
    host_complaint,
    judging_outpost,
    outpost_of,
    replicas_wanted,
    served_elsewhere,
    with_sources,
)
from selftests.support.api_views import an

PUBLIC = "https://auth.example.org"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GATE = ForwardAuthApplication(name="longhorn", url="https://longhorn.example.org")
OUTPOST = an(ApiOutpost, name="embedded", providers=[1])


@pytest.mark.parametrize(
    "persisted", [PUBLIC, f"{PUBLIC}/", "https://auth.example.org:443", "https://AUTH.example.org"]
)
def test_good_hosts(persisted):
    assert host_complaint(persisted, PUBLIC) == ""


@pytest.mark.parametrize(
    ("persisted", "said"),
    [
        ("", "it is empty"),
        ("auth.example.org", "no scheme"),
        ("https://[auth", "no address"),
        ("auth.example.org:443", "no scheme"),
        ("http://auth.example.org", "instead of"),
        ("https://auth.example.org:9443", "instead of"),
        ("https://auth.old.org", "instead of"),
        ("http://0.0.0.0:9000", "instead of"),
    ],
)
def test_bad_hosts(persisted, said):
    assert said in host_complaint(persisted, PUBLIC)


def test_an_instance_without_a_time_is_gone():
    def seen(ago):
        return an(OutpostInstance, last_seen=(NOW - ago).isoformat().replace("+00:00", "Z"))

    recent = seen(timedelta(seconds=12))
    outpost = Outpost(OUTPOST, [recent, seen(timedelta(minutes=5)), an(OutpostInstance)], NOW)
    assert outpost.live_instances(60) == [recent]


def test_the_outpost_that_is_meant():
    def estate(**outpost):
        urls = {"url": PUBLIC, "public_url": PUBLIC}
        return Estate.model_validate({"name": "x", "authentik": urls | ({"outpost": outpost} if outpost else {})})

    ours = an(ApiOutpost, name="renamed", managed="goauthentik.io/outposts/embedded")
    gate = an(ApiOutpost, name="gate", service_connection="local", config={"kubernetes_replicas": 3})
    standalone = estate(kind="standalone", name="gate")
    assert outpost_of(estate(), [gate, ours]) == ours
    assert outpost_of(standalone, [ours, gate]) == gate
    assert outpost_of(standalone, [ours]) is None
    assert replicas_wanted(standalone, Outpost(gate, [], NOW)) == 3
    assert replicas_wanted(standalone, Outpost(an(ApiOutpost, config={"kubernetes_replicas": None}), [], NOW)) == 1
    assert replicas_wanted(estate(), Outpost(gate, [], NOW)) == 1


def test_the_persisted_host_of_a_standalone_outpost_is_the_browsers():
    settings = {"authentik_host": "http://inside:9000", "authentik_host_browser": PUBLIC}
    outpost = Outpost(an(ApiOutpost, config=settings), [], NOW)
    assert outpost.persisted_host(embedded=False) == PUBLIC
    assert outpost.persisted_host(embedded=True) == "http://inside:9000"
    assert Outpost(an(ApiOutpost, config={"authentik_host": None}), [], NOW).persisted_host(embedded=True) == ""


def test_what_a_manifest_gives():
    env = [
        {"name": "AUTHENTIK_HOST", "value": PUBLIC},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "authentik", "key": "token"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
    ]
    container = {"name": "server", "image": "x", "env": env, "envFrom": [{"configMapRef": {"name": "settings"}}]}
    manifest = {
        "metadata": {"name": "server", "namespace": "authentik", "labels": None},
        "spec": {"selector": {}, "template": {"metadata": {}, "spec": {"containers": [container]}}},
    }
    workload = Workload.read(manifest)
    assert environment_of(workload) == (
        {"AUTHENTIK_HOST": PUBLIC},
        {"TOKEN": "Secret authentik", "NODE": "the pod itself"},
        (Whole("ConfigMap", "settings"),),
    )
    assert not is_made_by_authentik(workload)
    manifest["metadata"]["labels"] = {"app.kubernetes.io/managed-by": "goauthentik.io"}
    assert is_made_by_authentik(Workload.read(manifest))


def redirects(url):
    return [{"matching_mode": "strict", "url": url}]


def provider(**changes):
    host = changes.get("external_host", GATE.url)
    usual = {
        "pk": 1,
        "name": "Longhorn",
        "external_host": host,
        "assigned_application_slug": "longhorn",
        "mode": "forward_single",
        "redirect_uris": redirects(f"{host}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true"),
    }
    return an(ProxyProvider, **{**usual, **changes})


def test_a_provider_in_order():
    assert assignment_complaints(GATE, provider(), OUTPOST, [provider()]) == []
    escaped = r"https://longhorn\.example\.org/outpost.goauthentik.io/callback\?X-authentik-auth-callback=true"
    assert assignment_complaints(GATE, provider(redirect_uris=redirects(escaped)), OUTPOST, []) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pk": 7}, "not assigned"),
        ({"assigned_application_slug": None}, "no application"),
        ({"external_host": "https://longhorn.old.org"}, "external host"),
        ({"external_host": "https://longhorn.example.org:443"}, "external host"),
        ({"external_host": "http://longhorn.example.org"}, "external host"),
        ({"mode": "proxy"}, "mode is proxy"),
        ({"redirect_uris": redirects("https://longhorn.old.org/outpost.goauthentik.io/callback")}, "redirect URIs"),
    ],
)
def test_bad_assignments(changes, said):
    assert any(said in note for note in assignment_complaints(GATE, provider(**changes), OUTPOST, []))


def test_the_outpost_that_judges_a_gate():
    own, edge = an(ApiOutpost, name="own", providers=[2]), an(ApiOutpost, name="edge", providers=[1])
    outpost = Outpost(own, [], datetime.now(UTC))
    assert judging_outpost(GATE, outpost, [own, edge]) is own
    for name, found in (("edge", edge), ("gone", None)):
        named = GATE.model_copy(update={"outpost": GateOutpost(name=name)})
        assert judging_outpost(named, outpost, [own, edge]) is found
    assert served_elsewhere(provider(), own, [own, edge]) == "edge"
    assert served_elsewhere(provider(), edge, [own, edge]) == ""
    assert served_elsewhere(provider(pk=7), own, [own, edge]) == ""


def test_two_providers_for_one_host_compete_when_both_are_served():
    twin = provider(pk=2, name="Longhorn (old)")
    assert assignment_complaints(GATE, provider(), OUTPOST, [provider(), twin]) == []
    both = an(ApiOutpost, providers=[1, 2])
    assert "Longhorn (old)" in assignment_complaints(GATE, provider(), both, [provider(), twin])[0]


def test_what_whole_sources_give():
    secret, settings, hidden = (
        Whole("Secret", "authentik"),
        Whole("ConfigMap", "settings", "AUTHENTIK_"),
        Whole("Secret", "x"),
    )
    seen = {
        secret.at("authentik"): {"A": None, "B": None, "AUTHENTIK_HOST": None},
        settings.at("authentik"): {"HOST": PUBLIC},
    }

    def given(*sources, **own):
        found = with_sources(Environment(own, {"B": "Secret b"}, sources), "authentik", seen)
        assert found.taken["B"] == "Secret b"
        return found.values, {name: whose for name, whose in found.taken.items() if name != "B"}, found.sources

    # The last one wins, as the kubelet has it.
    assert given(secret, settings, A="own") == ({"A": "own", "AUTHENTIK_HOST": PUBLIC}, {}, ())
    of_secret = {"A": "Secret authentik", "AUTHENTIK_HOST": "Secret authentik"}
    assert given(settings, secret) == ({}, of_secret, ())
    assert given(settings, secret, settings) == ({"AUTHENTIK_HOST": PUBLIC}, {"A": "Secret authentik"}, ())
    # One that is not known may replace what comes before it.
    assert given(hidden, settings) == ({"AUTHENTIK_HOST": PUBLIC}, {}, (hidden,))
    assert given(secret, settings, hidden) == ({}, {}, (hidden,))
    assert given(settings, AUTHENTIK_HOST="own") == ({"AUTHENTIK_HOST": "own"}, {}, (settings,))
    both = {"AUTHENTIK_HOST": PUBLIC, "AUTHENTIK_HOST_BROWSER": "own"}
    assert given(settings, AUTHENTIK_HOST_BROWSER="own") == (both, {}, ())


class Namespace:
    """A cluster whose objects are these, by plural and name; None stands for one that may not be seen."""

    def __init__(self, **there):
        self._there = there

    def get(self, _, plural, __, name):
        found = self._there.get(f"{plural}_{name}", {})
        if found is None:
            raise Denied(f"no right to {plural}", "give it")
        return {"metadata": {"name": name}, **found} if found else None

    metadata = get


@pytest.mark.parametrize(
    ("there", "seen"),
    [
        ({}, {"configmap": {}, "secret": {}}),
        ({"configmaps_a": None, "secrets_a": None}, {}),
        (
            {"configmaps_a": {"data": {"AUTHENTIK_HOST": PUBLIC}}},
            {"configmap": {"AUTHENTIK_HOST": PUBLIC}, "secret": {}},
        ),
    ],
)
def test_a_whole_source_that_is_not_there_gives_nothing(there, seen):
    """It is optional then, or no pod starts; and no right is missing to see that."""
    sources = [{"configMapRef": {"name": "a", "optional": True}}, {"secretRef": {"name": "a", "optional": True}}]
    spec = {"selector": {"matchLabels": {}}, "template": {"spec": {"containers": [{"name": "x", "envFrom": sources}]}}}
    estate = Estate.model_validate({"name": "x", "authentik": {"url": PUBLIC, "public_url": PUBLIC}})
    deployed = {estate.authentik.server_ref: Workload.read({"metadata": {"name": "x"}, "spec": spec})}
    found = environment_sources(Namespace(**there), estate, deployed)
    assert {ref.kind: keys for ref, keys in found.items()} == seen
