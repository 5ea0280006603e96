"""Clocks (runbook H3)."""

from fixtures.engine.checks import because, check
from fixtures.topics.reachability.questions import CLOCKS, MEND_CLOCKS, clocks_apart


@check(
    "SMOKE-TIME-01",
    claim="Authentik's clock and ours differ by less than the estate's bounds (5 s warned, 30 s failed by default)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the clocks of the applications, which judge iat and exp by their own",
)
def test_clock(clock, estate, address):
    """Tokens of a clock that runs ahead are refused as not yet valid; codes live a minute only."""
    bound = estate.bounds.clock_warn_seconds
    assert clock < bound, because(clocks_apart(address, clock, bound), fix=MEND_CLOCKS, severity="warning", kind=CLOCKS)
