"""Users, groups and tokens: good and bad examples."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.estate.loading import load_estate
from fixtures.estate.people import Group, Token, User
from fixtures.exchange.api_objects import ApiGroup, ApiToken, ApiUser, Event
from fixtures.topics.users.rules import (
    active_superusers,
    activity_complaints,
    administrators,
    endless_strangers,
    expiring_soon,
    machine_users,
    make_administrator,
    membership_complaints,
    missing_users,
    replaced_keys,
    token_complaints,
    user_called,
)
from lab.files import ESTATE_TEXT
from selftests.support.api_views import an

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ESTATE = load_estate(ESTATE_TEXT)
ADMINS = an(ApiGroup, pk="a", name="admins")


def user(username, *, active=True, superuser=False, groups=(), kind="internal"):
    return an(ApiUser, username=username, is_active=active, is_superuser=superuser, groups=list(groups), type=kind)


def token(identifier="t", *, expiring=False, expires="2020-01-01T00:00:00Z", owner="alice", active=True, **changes):
    return an(
        ApiToken,
        identifier=identifier,
        expiring=expiring,
        expires=expires,
        user_obj={"username": owner, "is_active": active},
        **{"intent": "api", **changes},
    )


def test_only_active_superusers_count():
    assert active_superusers([user("a", superuser=True, active=False), user("b", superuser=True), user("c")]) == ["b"]


@pytest.mark.parametrize(
    ("kind", "people"), [("internal", ["b"]), ("", ["b"]), ("service_account", []), ("internal_service_account", [])]
)
def test_who_nobody_logs_in_as_is_no_administrator(kind, people):
    users = [user("a", superuser=True, active=False), user("b", superuser=True, kind=kind)]
    assert active_superusers(users) == ["b"]
    assert administrators(users) == people


def test_an_administrator_is_made_of_who_is_there():
    """`ak create_admin_group` activates nobody, and makes no account."""
    active, deactivated, absent = (
        [step.line for step in make_administrator(ESTATE, users).steps]
        for users in ([user("akadmin")], [user("akadmin", active=False)], [user("alice")])
    )
    assert [line.partition(" -- ")[2] for line in active] == ["ak create_admin_group akadmin"]
    assert "update(is_active=True)" in deactivated[0]
    assert deactivated[1:] == active
    assert len(absent) == 1
    assert "ak shell" in absent[0]


def test_missing_and_inactive_users():
    users = [user("alice"), user("carol", active=True), user("bob", active=False)]
    declared = [User(username="alice"), User(username="carol", active=False), User(username="bob")]
    assert missing_users(["alice", "dave"], users) == ["dave"]
    assert activity_complaints(declared, users) == [
        "carol is active, declared is deactivated",
        "bob is deactivated, declared is active",
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("alice", "alice"),
        ("Alice@Example.org", "alice"),
        ("a.lice@corp", "alice"),
        # A name that is somebody's own is nobody else's, and one of two people's nobody's.
        ("bob@example.org", "bob@example.org"),
        ("shared@example.org", None),
        ("", None),
        ("nobody", None),
    ],
)
def test_a_user_is_known_by_what_the_login_takes(name, found):
    people = [
        an(ApiUser, username="alice", email="alice@example.org", attributes={"upn": "a.lice@corp"}),
        an(ApiUser, username="bob", email="bob@example.org", attributes={"upn": 7}),
        an(ApiUser, username="bob@example.org", email=""),
        *(an(ApiUser, username=each, email="shared@example.org") for each in ("x", "y")),
    ]
    user = user_called(name, people)
    assert (user.username if user else None) == found
    assert missing_users([name], people) == ([] if found else [name])
    groups = [Group(name="admins", members=(name,))] if name else []
    assert bool(membership_complaints(groups, [], people, [ADMINS])) is bool(name)


def test_memberships_are_taken_from_both_sides_and_said_once():
    groups = [Group(name="admins", members=("alice", "bob"))]
    users = [User(username="alice", groups=("admins",))]
    listed = [user("alice"), user("bob", groups=["a"])]
    assert membership_complaints(groups, users, listed, [ADMINS]) == ["alice is no direct member of 'admins'"]
    assert (
        membership_complaints(groups, users, [user("alice", groups=["a"]), user("bob", groups=["a"])], [ADMINS]) == []
    )


def test_a_missing_group_is_said_instead_of_its_members():
    assert membership_complaints([Group(name="devs", members=("a", "b"))], [], [], [ADMINS]) == [
        "there is no group 'devs'"
    ]


def test_machine_users_but_for_the_allowed():
    users = [user("ak-Grafana-client_credentials"), user("ak-K8s-client_credentials"), user("ak-outpost-1")]
    assert machine_users(users, ["ak-K8s-client_credentials"]) == ["ak-Grafana-client_credentials"]


def test_a_date_means_nothing_while_expiring_is_false():
    assert token().ends is None
    assert token(expiring=True).ends == datetime(2020, 1, 1, tzinfo=UTC)
    assert token_complaints([Token(identifier="t")], [token()], NOW) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "there is no token"),
        ([token(owner="bob")], "declared is alice"),
        ([token(active=False)], "deactivated"),
        ([token(expiring=True)], "expired on 2020-01-01"),
    ],
)
def test_bad_tokens(found, said):
    assert said in token_complaints([Token(identifier="t", user="alice")], found, NOW)[0]


def test_expiring_soon_is_neither_expired_nor_far():
    def ending(days):
        return token(f"in-{days}", expiring=True, expires=(NOW + timedelta(days=days)).isoformat())

    listed = expiring_soon([ending(-1), ending(3), ending(30), token()], NOW, 14)
    assert len(listed) == 1
    assert "in-3" in listed[0]


def test_endless_strangers_are_neither_declared_nor_managed_nor_short_lived():
    tokens = [
        token("declared"),
        token("managed", managed="goauthentik.io/outpost/x"),
        token("recovery", intent="recovery"),
        token("ending", expiring=True),
        token("stranger"),
    ]
    assert endless_strangers([Token(identifier="declared")], tokens) == ["stranger"]


def rotation(at, **token):
    about = {"token": token} if token else {"message": "Token t's secret was rotated."}
    return an(Event, pk="1", action="secret_rotate", created=at.isoformat(), context=about)


def of_a_field(at, *, by_request=False, **model):
    about = {"app": "authentik_core", "model": {"model_name": "token", **model}, "field": "key"}
    about |= {"http_request": {"method": "POST"}} if by_request else {}
    return an(Event, pk="1", action="secret_rotate", created=at.isoformat(), context=about)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("made", "events", "dead"),
    [
        ({}, [rotation(NOW - HOUR)], True),
        ({"pk": "a-b"}, [rotation(NOW - HOUR, pk="ab", name="API Token t")], True),
        ({"pk": "a-b"}, [rotation(NOW - HOUR, pk="cd", name="t")], False),
        ({}, [rotation(NOW - 40 * HOUR), rotation(NOW - HOUR, name="t")], True),
        ({"expires": (NOW + timedelta(days=90)).isoformat()}, [rotation(NOW - HOUR)], False),
        ({"expiring": False}, [rotation(NOW - HOUR)], False),
        ({}, [rotation(NOW - HOUR, name="another")], False),
        ({}, [], False),
        # Token.__str__ of some releases names the end as well.
        ({"pk": ""}, [rotation(NOW - HOUR, name="t (expires=2026-11-27 12:00:00+00:00)")], False),
        # A field's rotation in general: by a task, and by somebody who has the new key.
        ({"pk": "a-b"}, [of_a_field(NOW - HOUR, pk="ab")], True),
        ({"pk": "a-b"}, [of_a_field(NOW - HOUR, by_request=True, pk="ab")], False),
    ],
)
def test_a_key_that_was_replaced_is_told_from_one_that_lives(made, events, dead):
    found = token(**{"expiring": True, "expires": (NOW + HOUR).isoformat()} | made)
    assert bool(replaced_keys([Token(identifier="t")], [found], events, 14)) is dead
    assert replaced_keys([Token(identifier="other")], [found], events, 14) == []
