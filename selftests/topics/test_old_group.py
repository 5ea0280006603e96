"""Traefik's old API group: what version 2 reads of it, what hides it, and what an update to version 3 leaves behind."""

from types import SimpleNamespace

import pytest

from fixtures.engine.checks import take_reason
from fixtures.estate.authentik import Traefik
from fixtures.estate.names import RouteRef
from fixtures.exchange.workloads import Workload
from fixtures.model.signals import NotVerified
from fixtures.topics.gate.questions import Echo
from fixtures.topics.gate.spoofing import forged_headers
from fixtures.topics.routes.bypasses import ways_past, ways_to_gate
from fixtures.topics.routes.closing import put_gate_into
from fixtures.topics.routes.middleware_rules import by_full_name, gate_middleware
from fixtures.topics.routes.traefik_objects import TraefikObjects, reads_old_group
from fixtures.topics.routes.unserved import restore
from selftests.support.answers import answer
from selftests.support.small_estate import estate_of
from selftests.support.spelled import BACKEND, FORWARD, GATE, HOST, KNOWN, proxy, verdict
from tests_forwardauth import test_routes as checks
from tests_forwardauth import test_spoofing as spoofing

OLD = "traefik.containo.us"
GROUPS = {"traefik.io": ("traefik.io/v1alpha1",), OLD: (f"{OLD}/v1alpha1",)}


class Cluster:
    """Lists what it was given by group and plural; of a group that is not there it knows nothing."""

    def __init__(self, **listed):
        self._listed, self.asked = listed, []

    def list(self, group_version, plural, namespace="", label_selector="", *, name=""):
        self.asked.append(f"{group_version.partition('/')[0]} {plural}")
        return self._listed.get(self.asked[-1])

    def list_served(self, group_versions, plural):
        return next((self.list(each, plural) for each in group_versions), None)


def route(name="longhorn", rule=f"Host(`{HOST}`)", *gates):
    entry = {"match": rule, "services": [{"name": BACKEND.name}]}
    entry["middlewares"] = [{"name": each, "namespace": "traefik-system"} for each in gates]
    about = {"namespace": BACKEND.namespace, "name": name}
    return {"metadata": about, "spec": {"entryPoints": ["websecure"], "routes": [entry]}}


def workloads(image):
    """What runs the proxy, by that image; none where there is no such thing."""
    template = {"metadata": {"labels": {}}, "spec": {"containers": [{"name": "traefik", "image": image}]}}
    about = {"namespace": "traefik-system", "name": "traefik"}
    found = Workload.read({"metadata": about, "spec": {"selector": {"matchLabels": {}}, "template": template}})
    return {Traefik().workload_ref: found} if image else {}


def seen(groups=GROUPS, image="docker.io/traefik:v2.11.57", **listed):
    cluster = Cluster(**{name.replace("_", " ").replace("new", "traefik.io").replace("old", OLD): each
                         for name, each in listed.items()})  # fmt: skip
    return TraefikObjects(cluster, groups, reads_old_group(estate_of(), workloads(image))), cluster


GATED = route("longhorn", f"Host(`{HOST}`)", "auth")
OPEN = route("api", f"Host(`{HOST}`) && PathPrefix(`/api`)")


@pytest.mark.parametrize(
    ("image", "new", "old", "is_it"),
    [
        ("traefik:v2.11.57", [GATED], [OPEN], "open"),
        ("traefik:2.4", [], [GATED], "gated"),
        ("traefik:v2.11", [GATED], [route()], "gated"),  # hidden by the one of the new group
        ("traefik:v3.7.13", [GATED], [route()], "gated"),
        ("traefik:v3.7.13", [], [GATED], "left out"),
        ("traefik:v3.7.13", [GATED], [OPEN], "not told"),  # another Traefik may read it still
        ("traefik:latest", [GATED], [OPEN], "not told"),
        ("traefik:latest", [], [GATED], "gated"),
        ("", [GATED], [OPEN], "not told"),
    ],
)
def test_routes_of_the_old_group(image, new, old, is_it):
    objects, _ = seen(image=image, new_ingressroutes=new, old_ingressroutes=old)
    assert verdict(list(objects.routes())) == is_it


def test_a_cluster_without_the_group_is_asked_for_nothing_of_it():
    objects, cluster = seen({"traefik.io": GROUPS["traefik.io"]}, new_ingressroutes=[GATED])
    assert verdict(list(objects.routes())) == "gated"
    assert objects.read("middlewares") == []
    assert cluster.asked == [f"traefik.io {plural}" for plural in ("ingressroutes", "ingressroutetcps", "middlewares")]


@pytest.mark.parametrize(("image", "reads"), [("traefik:v2.11", True), ("traefik:v3.7", False), ("traefik", True)])
def test_middlewares_of_the_old_group(image, reads):
    about = {"namespace": "traefik-system", "name": "auth"}
    objects, _ = seen(image=image, old_middlewares=[{"metadata": about, "spec": FORWARD}])
    known = by_full_name((each.content for each in objects.read("middlewares")), OLD)
    assert [each.kind for each in known.values()] == ([f"middlewares.{OLD}"] if reads else [])


@pytest.mark.parametrize(
    ("new", "old", "kind"),
    [
        ((), ("headers",), f"middlewares.{OLD}"),
        ((), ("auth",), f"middlewares.{OLD}"),
        (("auth",), ("headers",), "middlewares.traefik.io"),
        (("headers",), ("auth",), f"middlewares.{OLD}"),
        (("headers",), ("others",), "middlewares.traefik.io"),
        ((), (), "middlewares.traefik.io"),
    ],
)
def test_a_gate_that_asks_nobody_is_shown_in_its_group(new, old, kind):
    """Before Traefik 2.10 kubectl knows no Middleware of traefik.io."""
    given = [
        [{"metadata": {"namespace": "traefik-system", "name": name}, "spec": {"headers": {}}} for name in names]
        for names in (old, new)
    ]
    known = by_full_name(given[0], OLD) | by_full_name(given[1])
    assert gate_middleware(GATE, known).kind == kind


def test_who_may_list_routes_is_asked_in_their_group(monkeypatch):
    """By a name that kubectl does not know nobody may, and Traefik was never started anew."""
    monkeypatch.setattr(checks, "loading_complaints", lambda *_: ["it has no router of it"])
    about = {"namespace": "traefik-system", "name": "auth"}
    known = by_full_name([{"metadata": about, "spec": FORWARD}], OLD)
    loaded = SimpleNamespace(traefik=Traefik())
    with pytest.raises(AssertionError):
        checks.test_proxy_has_loaded_the_routes(loaded, (), known, proxy(), GATE)
    assert f"kubectl auth can-i list ingressroutes.{OLD} -A" in take_reason().remedy


@pytest.mark.parametrize(
    ("groups", "kind"),
    [((OLD,), f"middlewares.{OLD}"), (("",), "middlewares.traefik.io"), ((), "middlewares.traefik.io")],
)
def test_the_middleware_that_lets_headers_through_is_edited_in_its_group(groups, kind):
    about = {"namespace": "traefik-system", "name": "auth"}
    known = {}
    for group in groups:
        known |= by_full_name([{"metadata": about, "spec": FORWARD}], group)
    echo = Echo("mark", answer(200, " ".join(forged_headers("mark").values())))
    with pytest.raises(AssertionError):
        spoofing.test_forged_identity(echo, known or NotVerified("no cluster", "give one"), GATE, estate_of())
    assert f"kubectl -n traefik-system edit {kind} auth" in take_reason().remedy


def test_a_second_host_of_the_old_group_leads_past_the_gate():
    objects, _ = seen(new_ingressroutes=[GATED], old_ingressroutes=[route("quick", "Host(`quick.example.org`)")])
    (way,) = ways_past(GATE, [BACKEND], list(objects.routes()), proxy(), {}, {}, (), (), frozenset())
    assert (str(way.ref), way.problem) == (f"longhorn-system/ingressroute.{OLD}/quick", "")


def test_the_estate_file_may_leave_the_group_out():
    objects, _ = seen(image="traefik:v2.4", old_ingressroutes=[GATED])
    (found,) = objects.routes()
    assert found.is_of(RouteRef.parse("longhorn-system/ingressroute/longhorn"))


def test_commands_name_the_group():
    """Kubectl takes `ingressroute` for that of either group."""
    objects, _ = seen(new_ingressroutes=[GATED], old_ingressroutes=[OPEN])
    (opened,) = ways_to_gate(GATE, list(objects.routes()), proxy()).open
    assert f"get ingressroute.{OLD} api" in put_gate_into(opened, GATE, KNOWN)
    objects, _ = seen(image="traefik:v3.7", old_ingressroutes=[GATED])
    (left,) = ways_to_gate(GATE, list(objects.routes()), proxy()).unserved
    told = restore(left, KNOWN, estate_of())
    assert "apiVersion: traefik.io/v1alpha1" in told
    assert " edit " not in told


def test_weighted_services_are_of_either_group():
    about = {"namespace": BACKEND.namespace, "name": "both"}
    several = {"metadata": about, "spec": {"weighted": {"services": [{"name": "canary", "weight": 1}]}}}
    objects, _ = seen(image="traefik:v2.11", old_traefikservices=[several])
    assert [each.content for each in objects.read("traefikservices")] == [several]
