"""Authentik's own log of events (runbook D1)."""

import re
from datetime import timedelta

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy, page, read
from fixtures.topics.logs.catalogue import DATABASE
from fixtures.topics.operations.rules import Troubles, between, server_time, told

SHOWN = 3
# How many windows older events are still worth a warning: they stay in the log for a year.
WARNED = 7


@check(
    "SMOKE-EVENT-01",
    trouble="Authentik has recorded errors",
    claim="no configuration_error or exception event newer than the last healthy run, nor, where none is known, within "
    "the window (24 hours, unless the estate sets another; a warning for older ones, up to seven windows back)",
    runbook="D1",
    blind="redirect URIs refused at the authorize endpoint: they leave no event, only a log line (SMOKE-LOG-01)",
    needs=("api",),
)
def test_no_troubling_events(troubling_events: Troubles, direct_answer: Answer, estate: Estate) -> None:
    """Authentik tells here what a browser only sees as an error page; the suite's own questions do not count."""
    now, window = server_time(direct_answer), timedelta(hours=estate.bounds.event_window_hours)
    events, since = troubling_events.events, troubling_events.news_since(now, window)
    remedy = Remedy(
        "read them, and fix the provider, mapping or policy they name", page(estate.admin_page("events/log"))
    )
    if any(re.search(DATABASE, told(event), re.IGNORECASE) for event in events):
        remedy = Remedy(
            "the database did not serve: see whether it runs, and read its own log",
            read("kubectl -n {} get pods", estate.authentik.namespace),
            *remedy.steps,
        )
    recent = between(events, since)
    assert not recent, because(
        f"{len(recent)} since {since:%Y-%m-%d %H:%M} UTC: {'; '.join(map(told, recent[:SHOWN]))}", remedy=remedy
    )
    older = between(events, now - WARNED * window, since)
    assert not older, because(
        f"{len(older)} older ones, none since: {'; '.join(map(told, older[:SHOWN]))}", remedy=remedy, severity="warning"
    )
