"""Rules of Authentik's health endpoints, and of its clock: how far it is from ours, as far as a Date header tells."""

import pytest

from fixtures.topics.reachability.rules import is_well, seconds_apart
from selftests.support.answers import answer

NOON = 1_790_000_000.0
DATE = {NOON: "Mon, 21 Sep 2026 14:13:20 GMT"}


@pytest.mark.parametrize(
    ("status", "body", "well"),
    [
        (200, b"", True),
        (200, b"\n", True),
        (200, b"<p>Sign in", False),
        (200, b"{}", False),
        (204, b"", False),
    ],
)
def test_a_health_endpoint_says_nothing_else(status, body, well):
    assert is_well(answer(status, body)) is well


@pytest.mark.parametrize(
    ("received", "elapsed", "apart"),
    [(NOON, 0.2, 0.0), (NOON + 1.1, 0.2, 0.0), (NOON + 31.2, 0.2, 30.0), (NOON - 30, 0.2, 30.0), (NOON + 9, 10, 0.0)],
)
def test_only_what_no_exchange_explains_counts(received, elapsed, apart):
    assert seconds_apart(answer(received=received, elapsed=elapsed, date=DATE[NOON])) == pytest.approx(apart)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}])
def test_no_date_is_no_clock(headers):
    assert seconds_apart(answer(received=NOON, **headers)) is None
