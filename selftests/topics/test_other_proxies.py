"""What is said, and what is to be done, where no Traefik leads to the application, or its Middleware is another's."""

import pytest

from fixtures.engine.checks import take_reason
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.model.signals import NotVerified
from fixtures.topics.gate.open_hosts import StatedHost
from fixtures.topics.gate.questions import Echo
from fixtures.topics.gate.spoofing import forged_headers
from fixtures.topics.routes.middleware_rules import by_full_name
from selftests.support.answers import answer
from selftests.support.small_estate import estate_of
from selftests.support.spelled import FORWARD, GATE, KNOWN
from tests_forwardauth import test_open_hosts as open_hosts
from tests_forwardauth import test_spoofing as spoofing

ECHO = Echo("mark", answer(200, " ".join(forged_headers("mark").values())))
OTHERWISE = ForwardAuthApplication(name=GATE.name, url=GATE.url, middleware=False)
RETIRED = StatedHost("old.example.org", "https://old.example.org", opened=False)
ABOUT = {"namespace": "traefik-system", "name": "auth", "labels": {"app.kubernetes.io/managed-by": "goauthentik.io"}}


def remedy_of(gate, known):
    with pytest.raises(AssertionError):
        spoofing.test_forged_identity(ECHO, known, gate, estate_of())
    return take_reason().remedy


def test_a_middleware_that_authentik_makes_is_copied():
    """Its worker takes out what is added there (goauthentik/authentik, controllers/k8s/traefik_3.py)."""
    own = by_full_name([{"metadata": ABOUT, "spec": FORWARD}])
    told = remedy_of(GATE, own)
    assert "copy it under another name" in told
    assert " edit " not in told
    assert " edit middlewares.traefik.io auth" in remedy_of(GATE, KNOWN)


def test_headers_are_taken_out_as_the_proxy_that_leads_there_does_it():
    """Envoy's ext_authz overwrites only what the outpost sends; nginx whatever auth-response-headers lists."""
    told = remedy_of(OTHERWISE, KNOWN)
    assert "earlyRequestHeaders" in told
    assert "auth-response-headers" in told
    assert "customRequestHeaders" not in told
    assert "customRequestHeaders" in remedy_of(GATE.model_copy(update={"mode": "proxy"}), KNOWN)


@pytest.mark.parametrize("body", ["", "not here"])
def test_a_404_without_a_word_may_be_envoys(body):
    """Of a host that it has no route for it says no more than that; where Traefik leads, it is an application's."""
    for estate in (estate_of(), estate_of(traefik={"middleware": "traefik-system/auth"})):
        expected = NotVerified if estate.traefik is None and not body else AssertionError
        with pytest.raises(expected):
            open_hosts.test_stated_host(answer(404, body), RETIRED, estate)
