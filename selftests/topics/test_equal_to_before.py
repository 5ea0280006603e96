"""A whole run leaves the estate as it was: the lab's state before and after, value by value."""

import signal
from collections import Counter
from datetime import timedelta

import pytest

from lab.authentik.accounts import Token, User
from selftests.support.writing_stage import MACHINE, MADE

# What logging in and out notes in any Authentik, and a spent refresh token that OIDC-CODE-04 shows again.
EVENTS = {"login", "logout", "authorize_application", "suspicious_request"}
PROBE, EXCLUDED, SERVICE = "conformance-probe", "bob", "svc-sso-conformance"


def new_events(stage):
    return [event for event in stage.world.authentik.operations.events if event.created >= stage.world.clock.started]


def assert_equal_to_before(stage, *, machines=()):
    assert not stage.changed()
    assert not stage.left_open
    assert {event.action for event in new_events(stage)} <= EVENTS
    known = {PROBE, EXCLUDED, SERVICE, *machines, "AnonymousUser"}
    assert {event.user["username"] for event in new_events(stage)} <= known
    accounts = {app.name: app.accounts for app in stage.world.applications.by_name.values() if app.accounts}
    assert set(accounts) <= {"grafana", "infisical"}
    assert all(who == {"conformance-probe@derio.net"} for who in accounts.values())


def test_a_whole_run_leaves_the_estate_as_it_was(stage):
    run = stage.run("tests_smoke", "tests_oidc", "tests_forwardauth")
    assert run.exit_code == 0, run.stdout[-2000:]
    assert run.report["ledger"]["written"] == 0
    assert_equal_to_before(stage)
    # It looked, and it logged in: equal is not for want of doing anything.
    assert Counter(event.action for event in new_events(stage))["login"] > 3
    assert run.report["ledger"]["accounts"] == ["grafana", "infisical"]
    assert "the probe user may have an account in grafana, infisical now" in run.stdout


def test_a_whole_run_that_writes_does_so_too(stage):
    run = stage.run("--allow-writes")
    assert run.exit_code == 0, run.stdout[-2000:]
    assert run.report["ledger"]["written"] > 8
    (stays,) = run.report["ledger"]["left_behind"]
    assert MACHINE in stays
    assert_equal_to_before(stage, machines=(MACHINE, "ak-Grafana-client_credentials"))


def test_a_whole_run_that_is_stopped_half_way_does_so_too_and_so_does_the_next(stage):
    stage.lab.latency = 0.03
    code, output = stage.stopped(signal.SIGTERM, f"{MADE}.*-shell$", "--allow-writes")
    assert code == 128 + signal.SIGTERM, output
    assert "could not be closed" not in output
    machines = (MACHINE, "ak-Grafana-client_credentials")
    assert_equal_to_before(stage, machines=machines)
    stage.lab.latency = 0.0
    run = stage.run("--allow-writes")
    assert run.exit_code == 0, run.stdout[-2000:]
    assert run.report["ledger"]["cleared_away"] == []
    assert_equal_to_before(stage, machines=machines)


def test_a_run_that_is_stopped_while_it_is_logged_in_closes_its_sessions(stage):
    stage.lab.latency = 0.1
    code, output = stage.stopped(signal.SIGTERM, lambda: stage.left_open, "-k", "OIDC or FWD-PASS")
    assert code == 128 + signal.SIGTERM, output
    assert "could not be closed" not in output
    assert_equal_to_before(stage)


def test_one_wrong_password_is_one(stage):
    stage.environment["SSO_PROBE_PASSWORD"] = "not-the-probe-users-password"
    run = stage.run("--settle", "60", "--allow-writes")
    assert run.exit_code == 1, run.stdout[-2000:]
    failed = [event.user["username"] for event in new_events(stage) if event.action == "login_failed"]
    assert failed == [PROBE]
    assert not stage.changed()


def add_user(world):
    world.authentik.directory.add_user(User(99, "somebody", "else", world.clock.now()))


def add_token(world):
    world.authentik.directory.tokens["x"] = Token("x", 4, "key")


def move_token(world):
    world.authentik.directory.tokens["api-ops"].expires = world.clock.now() + timedelta(days=1)


def annotate(world):
    world.cluster.get("externalsecrets", "grafana", "grafana-oidc")["metadata"]["annotations"] = {"left": "behind"}


def change_secret(world):
    world.cluster.get("secrets", "grafana", "grafana-oidc")["data"]["client_secret"] = "eA=="


def forget_policy(world):
    world.authentik.applications["infisical"].bindings.clear()


def point_outpost_elsewhere(world):
    world.authentik.embedded_outpost().config["authentik_host"] = "http://localhost"


def rewrite_history(world):
    world.authentik.operations.events[0].action = "logout"


@pytest.mark.parametrize(
    "change",
    [
        add_user,
        add_token,
        move_token,
        annotate,
        change_secret,
        forget_policy,
        point_outpost_elsewhere,
        rewrite_history,
    ],
)
def test_a_change_is_noticed(change, stage):
    assert not stage.changed()
    change(stage.world)
    assert stage.changed()
