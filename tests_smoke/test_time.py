"""Clocks (runbook H3)."""

from fixtures.checks import because, check


@check(
    "SMOKE-TIME-01",
    claim="Authentik's clock and ours differ by less than the estate's bounds (5 s warned, 30 s failed by default)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the clocks of the applications, which judge iat and exp by their own",
)
def test_clock(ready, estate, address):
    """Tokens of a clock that runs ahead are refused as not yet valid; codes live a minute only."""
    assert ready.date is not None, because(
        f"{address.url} sends no Date header", fix="look at what stands before Authentik"
    )
    # A Date has whole seconds and was written some time within the exchange: only what lies beyond counts.
    early, late = ready.received - ready.elapsed, ready.received
    apart = max(ready.date - late, early - (ready.date + 1), 0.0)
    bounds = estate.bounds
    said = f"Authentik at {address.url} is {apart:.0f} s apart from this machine's clock"
    fix = "timedatectl status on the nodes and here; chronyc tracking"
    assert apart < bounds.clock_fail_seconds, because(f"{said}: {bounds.clock_fail_seconds:g} s or more", fix=fix)
    assert apart < bounds.clock_warn_seconds, because(
        f"{said}: {bounds.clock_warn_seconds:g} s or more", fix=fix, severity="warning"
    )
