"""Rules of Authentik's health endpoints, and of its clock: how far it is from ours, as far as a Date header tells."""

import pytest

from fixtures.topics.reachability.rules import is_well, said_of_health, seconds_apart, shows_admin_interface
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


@pytest.mark.parametrize(("age", "well"), [("0", True), ("5", True), ("2400", False), ("a while", True)])
def test_what_a_cache_kept_says_nothing_of_now(age, well):
    kept = answer(200, b"", received=NOON, elapsed=0.2, date=DATE[NOON], age=age)
    assert is_well(kept) is well
    assert ("kept for" in said_of_health(kept)) is not well


def test_a_clock_is_told_by_when_a_cache_kept_it():
    assert seconds_apart(answer(received=NOON + 45, elapsed=0.2, date=DATE[NOON], age="45")) == 0.0
    assert seconds_apart(answer(received=NOON + 76, elapsed=0.2, date=DATE[NOON], age="45")) > 29


@pytest.mark.parametrize(
    ("received", "elapsed", "apart"),
    [(NOON, 0.2, 0.0), (NOON + 1.1, 0.2, 0.0), (NOON + 31.2, 0.2, 30.0), (NOON - 30, 0.2, 30.0), (NOON + 9, 10, 0.0)],
)
def test_only_what_no_exchange_explains_counts(received, elapsed, apart):
    assert seconds_apart(answer(received=received, elapsed=elapsed, date=DATE[NOON])) == pytest.approx(apart)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}])
def test_no_date_is_no_clock(headers):
    assert seconds_apart(answer(received=NOON, **headers)) is None


@pytest.mark.parametrize(
    ("status", "path", "shown"),
    [
        (302, "/flows/-/default/authentication/?next=/if/admin/", True),
        (302, "/if/flow/default-authentication-flow/?next=%2Fif%2Fadmin%2F", True),
        (302, "/if/admin/", False),
        (302, "/if/user/", False),
        # A gate before the auth host: its login needs what it guards.
        (302, "/application/o/authorize/?client_id=gate", False),
        (301, "/flows/-/default/authentication/", False),
    ],
)
def test_who_is_not_logged_in_is_led_to_a_login(status, path, shown):
    base = "https://sso.example.org/auth"
    assert shows_admin_interface(answer(status, location=base + path), base) is shown
    assert not shows_admin_interface(answer(status, location=f"https://elsewhere.example.org{path}"), base)


def test_the_admin_interface_is_known_by_its_element():
    assert shows_admin_interface(answer(200, "<ak-interface-admin></ak-interface-admin>"), "https://sso.example.org")
    assert not shows_admin_interface(answer(200, "<ak-interface-user></ak-interface-user>"), "https://sso.example.org")
