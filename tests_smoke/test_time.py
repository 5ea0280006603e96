"""Clocks (runbook H3)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Address, Estate
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import CLOCKS_APART
from fixtures.model.remedy import Remedy, read
from fixtures.topics.reachability.rules import seconds_apart

REMEDY = Remedy(
    "set the clocks: the nodes' and the one here have to follow one source of time", read("timedatectl status")
)


@check(
    "SMOKE-TIME-01",
    claim="Authentik's clock and ours differ by less than the estate's bounds (5 s warned, 30 s failed by default)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the clocks of the applications, which judge iat and exp by their own",
    requires=("SMOKE-UP-02",),
)
def test_clock(ready: Answer, address: Address, estate: Estate) -> None:
    """Tokens of a clock that runs ahead are refused as not yet valid; codes live a minute only."""
    apart, bounds = seconds_apart(ready), estate.bounds
    assert apart is not None, because(
        f"{address.url} sends no Date header", remedy="look at what stands before Authentik"
    )
    told = f"Authentik at {address.url} is {apart:.0f} s apart from this machine's clock"
    assert apart < bounds.clock_fail_seconds, because(
        f"{told}: {bounds.clock_fail_seconds:g} s or more", remedy=REMEDY, kind=CLOCKS_APART
    )
    assert apart < bounds.clock_warn_seconds, because(
        f"{told}: {bounds.clock_warn_seconds:g} s or more", remedy=REMEDY, severity="warning", kind=CLOCKS_APART
    )
