"""What a person sees behind a gate, in a real browser (runbook H4); asked with --browser."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.topics.seen.rules import not_the_page
from fixtures.topics.seen.visits import PageSeen


@check(
    "FWD-SEEN-01",
    trouble="In a browser the gate leads to no page that works",
    claim="in a browser the gate leads through the login to a page of the application that shows something",
    runbook="H4 D1",
    blind="the application's further pages, and what its page shows",
    leaves="own",
    needs=("browser", "user"),
)
def test_page_behind_the_gate(gate_seen: PageSeen, estate: Estate, gate: ForwardAuthApplication) -> None:
    """The gate stands before each script of the application as well: one that it keeps out leaves an empty page."""
    wrong = not_the_page(gate_seen, estate, gate, gate.expects.status)
    assert wrong is None, because(wrong.what, wrong.remedy, severity=wrong.severity, kind=wrong.kind)
