"""What a killed run left, told from what a living one uses: good and bad examples."""

import os
import socket
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.doors.run import process_is_gone
from fixtures.exchange.api_objects import ApiUser
from fixtures.topics.writes.rules import (
    MADE_FOR,
    is_unused,
    left_tokens,
    left_users,
    made_for,
)
from selftests.support.api_views import an

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RUN = "sso-conformance-run-0badcafe"


def user(name, age, **more):
    return an(ApiUser, username=name, date_joined=(NOW - timedelta(seconds=age)).isoformat(), **more)


def test_users_that_were_there_before_this_run_began_are_left():
    old, young = user(RUN, 100), user(f"{RUN}-x", 5)
    assert left_users([old, young, user("alice", 100)], NOW, run_age=60) == [old]


@pytest.mark.parametrize(
    ("name", "expired", "left"),
    [
        (f"{RUN}-shell", -250, False),  # made 50 s ago, this run is a minute old
        (f"{RUN}-shell", -230, True),
        (f"{RUN}-api", -1, False),
        (f"{RUN}-api", 1, True),
    ],
)
def test_tokens_that_no_living_run_needs_are_left(name, expired, left):
    assert left_tokens([(name, "process 1 on elsewhere", expired)], 60, 300, process_is_gone) == [name] * left


@pytest.mark.parametrize(
    ("description", "gone"),
    [
        (f"process {os.getpid()} on {socket.gethostname()}", False),
        (f"process 2147480000 on {socket.gethostname()}", True),
        (f"process 9999999999 on {socket.gethostname()}", False),
        (f"process {'9' * 5000} on {socket.gethostname()}", False),
        ("process 2147480000 on another-machine", False),
        ("nothing of the kind", False),
    ],
    # Each of xdist's workers is a process of its own, and they have to collect the same tests.
    ids=["this process", "one that is gone", "too large", "huge", "on another machine", "no process"],
)
def test_only_a_process_of_this_machine_is_known_to_be_gone(description, gone):
    assert process_is_gone(description) is gone


@pytest.mark.parametrize(
    ("attributes", "name"),
    [({MADE_FOR: "ak-x-client_credentials"}, "ak-x-client_credentials"), ({}, ""), (None, ""), ([], "")],
)
def test_a_user_tells_what_it_was_made_for(attributes, name):
    assert made_for(user(RUN, 1, attributes=attributes)) == name


@pytest.mark.parametrize(("login", "unused"), [(None, True), (98, True), (102, True), (-60, False)])
def test_whom_somebody_else_used_since_is_not_ours_to_remove(login, unused):
    """`login` is how many seconds ago; the run made its mark 100 seconds ago, and it was done in moments."""
    last = None if login is None else (NOW - timedelta(seconds=login)).isoformat()
    assert is_unused(user(RUN, 100), user("ak-x", 99, last_login=last)) is unused
