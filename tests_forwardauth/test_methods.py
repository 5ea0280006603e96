"""No method passes the gate (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy
from fixtures.topics.gate.questions import Attempt
from fixtures.topics.gate.redirect import gated_alike
from fixtures.topics.gate.rules import where_to_look


@check(
    "FWD-GATE-04",
    trouble="Some methods get past the gate",
    claim="HEAD, POST, PUT, DELETE, PATCH, OPTIONS and a WebSocket upgrade are gated alike",
    runbook="H4",
    blind="other methods, real CORS preflights, and methods at paths that have a route of their own",
    leaves="session",
)
def test_methods(
    gated_methods: tuple[Attempt, ...], gate_contact: Answer, gate: ForwardAuthApplication, estate: Estate
) -> None:
    """Whoever opens one method (for preflights, for a webhook, for WebSockets) opens it to everybody."""
    last = gated_methods[-1]
    where = where_to_look(estate, gate)["application"].steps
    assert gated_alike(last.answer, gate_contact), because(
        f"{last.what} at {gate.url} is not refused as GET is: {last.answer.summary}; nothing more was tried",
        remedy=Remedy(f"look for a rule with Method(…) or Header(…) for {gate.host}", *where),
    )
