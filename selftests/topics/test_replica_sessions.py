"""A login at one replica of the gate: what it is worth at the others, and who keeps a visitor with one of them."""

from types import SimpleNamespace

import pytest

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.services import by_name
from fixtures.login.journey import Arrival
from fixtures.model.kinds import LOGIN_LOOP, SESSIONS_APART
from fixtures.model.signals import Blocked, Broken, NotVerified
from fixtures.topics.gate.sessions import GateSession
from fixtures.topics.replicas.rules import Knowing, ReplicaAnswer, knowing
from fixtures.topics.routes.middleware_rules import by_full_name
from fixtures.topics.routes.proxy import Proxy
from selftests.support.answers import answer
from tests_forwardauth.test_replicas import test_replicas_judge_alike as judge_alike
from tests_forwardauth.test_replicas import test_sessions_count_at_every_replica as judge

LOGIN = (
    "https://auth.example.org/application/o/authorize/?client_id=c&state=s&"
    "redirect_uri=https%3A%2F%2Fapp.example.org%2Foutpost.goauthentik.io%2Fcallback"
)
ASKED_FOR_A_LOGIN = answer(302, url="https://app.example.org/", location=LOGIN)
ESTATE = SimpleNamespace(traefik=SimpleNamespace(namespace="traefik"))
GATE = ForwardAuthApplication(name="app", url="https://app.example.org")
OF_AUTHENTIK = SimpleNamespace(authentik=SimpleNamespace(outpost_ref=None))
CALLBACK = "https://app.example.org/outpost.goauthentik.io/callback"


def said(pod, status, location=None):
    return ReplicaAnswer(pod, answer(status, url="http://10.0.0.1/", location=location))


KNOWS, ASKS = (said("a", 200), said("b", 200)), (said("a", 200), said("b", 302, LOGIN))


def outpost(**spec):
    ports = [{"name": "http", "port": 9000}]
    metadata = {"name": "ak", "namespace": "authentik"}
    return by_name([{"metadata": metadata, "spec": {"ports": ports, "clusterIP": "10.43.0.9", **spec}}])


def gate(**more):
    table = {"name": "app", "url": "https://app.example.org", "middleware": "traefik/gate", **more}
    return ForwardAuthApplication.model_validate(table)


def arrived(*hops, at="http://10.0.0.1/"):
    return GateSession(None, "probe", Arrival(answer(url=at), hops))


LOOP = GateSession(None, "probe", Broken("round", "look", kind=LOGIN_LOOP))


def judged(answers, services, *, session=None, pods=1, host="ak.authentik.svc", app=None):
    address = f"http://{host}:9000/outpost.goauthentik.io/auth/traefik"
    listed = [{"metadata": {"name": "gate", "namespace": "traefik"}, "spec": {"forwardAuth": {"address": address}}}]
    proxy = Proxy(by_full_name(listed), pods=pods)
    judge(answers, ASKED_FOR_A_LOGIN, session or arrived(CALLBACK), app or gate(), ESTATE, proxy, services)


def test_who_knows_a_session():
    others = (said("c", 500), said("d", 404), said("e", 502))
    assert knowing((*ASKS, *others)) == Knowing(("a", "d", "e"), ("b",))


def test_one_store_for_all():
    judged(KNOWS, outpost())


@pytest.mark.parametrize("services", [outpost(), outpost(sessionAffinity="None")])
def test_each_has_its_own(services):
    with pytest.raises(AssertionError, match="known to a and not to b"):
        judged(ASKS, services)


def test_a_loop_of_another_cause():
    with pytest.raises(Blocked):
        judged((said("a", 302, LOGIN), said("b", 302, LOGIN)), outpost(), session=LOOP)


@pytest.mark.parametrize("session", [LOOP, arrived(CALLBACK, CALLBACK)])
def test_a_login_that_each_wanted_for_itself(session):
    with pytest.raises(AssertionError, match="took several logins"):
        judged(KNOWS, outpost(), session=session)


def test_the_loop_is_the_symptom():
    assert SESSIONS_APART.narrows(LOGIN_LOOP)


def test_the_service_keeps_the_one_pod_of_the_proxy_with_one_replica():
    judged(ASKS, outpost(sessionAffinity="ClientIP"))


@pytest.mark.parametrize(
    "told",
    [
        {"pods": 2},
        {"pods": 0},
        {"app": gate(mode="proxy")},
        {"app": gate(middleware=False)},
        {"host": "pod-0.ak.authentik.svc"},
        {"host": "auth.example.org"},
    ],
)
def test_whom_a_visitor_meets_cannot_be_told(told):
    with pytest.raises(NotVerified):
        judged(ASKS, outpost(sessionAffinity="ClientIP"), **told)


def test_a_service_without_an_address_keeps_nobody():
    with pytest.raises(AssertionError):
        judged(ASKS, outpost(sessionAffinity="ClientIP", clusterIP="None"))


def test_a_session_that_nobody_knows():
    nobody = (said("a", 302, LOGIN), said("b", 302, LOGIN))
    with pytest.raises(NotVerified, match="no replica lets the session pass"):
        judged(nobody, outpost(), session=arrived(CALLBACK, at="https://app.example.org/"))
    with pytest.raises(Blocked) as blocked:
        judged(nobody, outpost())
    assert "probe logs in at the gate of app, and then: it ends at " in blocked.value.root.cause


def unheard(pod):
    return ReplicaAnswer(pod, answer(404, url="http://10.0.0.1/", **{"x-powered-by": "authentik"}))


def test_replicas_that_do_not_believe_the_suite_prove_nothing():
    """Equal answers to a host that none of them was told are no proof that they judge alike."""
    with pytest.raises(NotVerified, match="believes the X-Forwarded-Host"):
        judge_alike((unheard("a"), unheard("b")), ASKED_FOR_A_LOGIN, GATE, OF_AUTHENTIK)
    with pytest.raises(NotVerified, match="believes the X-Forwarded-Host"):
        judged((unheard("a"), unheard("b")), outpost())


def test_replicas_without_the_provider_are_alike_where_the_gate_says_the_same():
    judge_alike((unheard("a"), unheard("b")), unheard("gate").answer, GATE, OF_AUTHENTIK)


def test_one_replica_that_does_not_know_the_host_is_behind():
    with pytest.raises(AssertionError):
        judge_alike((said("a", 302, LOGIN), unheard("b")), ASKED_FOR_A_LOGIN, GATE, OF_AUTHENTIK)
