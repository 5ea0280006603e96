"""An anonymous visitor meets the gate, and the gate leads to the right place (runbook H4, D5, D7, D8)."""

from fixtures.engine.checks import check
from fixtures.topics.gate.redirect import redirect_complaints, wrong_origin
from fixtures.topics.gate.rules import classify_refusal


@check(
    "FWD-GATE-01",
    claim="an anonymous request is answered with a redirect to Authentik, never with the application",
    runbook="H4 D7",
    blind="paths that the estate file does not name, ways past the ingress (FWD-ROUTE-03), and whether a login then "
    "lets anybody through (FWD-PASS-01)",
)
def test_gated(gate_contact, gate_proven):
    """An application without a login of its own is open to the whole network once its gate is gone."""
    assert gate_proven.location


@check(
    "FWD-GATE-02",
    claim="that redirect's scheme, host and port are Authentik's public origin; client id, callback and the return URL "
    "in the state are this application's",
    runbook="D5 D7",
    blind="whether Authentik knows that client and callback (FWD-PASS-01), and other replicas (FWD-GATE-03)",
)
def test_redirect(gate_contact, gate_redirect, gate, estate):
    """The outpost's persisted authentik_host decides, not the environment: after a move it keeps the old name."""
    assert not wrong_origin(gate_redirect, estate.authentik.outpost.authentik_host)
    assert not redirect_complaints(gate_redirect, gate, gate.address(gate.paths[0]))


@check(
    "FWD-GATE-06",
    claim="what is not a gate's answer is named for what it is: Authentik's 404, the proxy's 404, 403, 500, 502 or 503",
    runbook="D8",
    blind="an application that answers in the very words of the proxy",
)
def test_answer_is_known(gate_contact, gate_answer, gate):
    """Each of them has another cause and another cure, and the outpost's log shows none of them."""
    assert classify_refusal(gate_answer, gate.expects.contains) is None
