"""Clocks (runbook H3)."""

from datetime import timedelta

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Address, Estate
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import CLOCKS_APART, CLOCKS_DAYS_APART
from fixtures.model.moments import in_words
from fixtures.model.remedy import Remedy, read
from fixtures.topics.reachability.rules import seconds_apart

DAY = 24 * 3600
REMEDY = Remedy(
    "set the clocks: the nodes' and the one here have to follow one source of time", read("timedatectl status")
)


@check(
    "SMOKE-TIME-01",
    trouble="Authentik's clock and ours are apart",
    claim="Authentik's clock and ours differ by less than the estate's bounds (5 s warned, 30 s failed by default)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the clocks of the applications, which judge iat and exp by their own",
    requires=("SMOKE-UP-02",),
)
def test_clock(ready: Answer, address: Address, estate: Estate) -> None:
    """Tokens of a clock that runs ahead are refused as not yet valid; codes live a minute only."""
    apart, bounds = seconds_apart(ready), estate.bounds
    unread = "a Date header that is no date" if "date" in ready.headers else "no Date header"
    assert apart is not None, because(
        f"{address.url} sends {unread}",
        remedy=Remedy("look at what stands before Authentik", read("curl -i {}", ready.url)),
    )
    told = f"Authentik at {address.url} is {apart:.0f} s apart from this machine's clock"
    assert apart < DAY, because(
        f"{told}, which is {in_words(timedelta(seconds=apart))}: where this machine's is the wrong one, certificates "
        "seem expired, or not yet valid, to it alone",
        remedy=REMEDY,
        kind=CLOCKS_DAYS_APART,
    )
    assert apart < bounds.clock_fail_seconds, because(
        f"{told}: {bounds.clock_fail_seconds:g} s or more", remedy=REMEDY, kind=CLOCKS_APART
    )
    assert apart < bounds.clock_warn_seconds, because(
        f"{told}: {bounds.clock_warn_seconds:g} s or more", remedy=REMEDY, severity="warning", kind=CLOCKS_APART
    )
