"""Blueprints, schedules, versions and events: good and bad examples."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.exchange.api_objects import Blueprint, Event, Schedule, Task
from fixtures.topics.operations.rules import (
    between,
    blueprint_complaints,
    failed_schedules,
    needs_internet,
    neglected_schedules,
    paused_schedules,
    same_version,
    told,
    troubles,
)
from selftests.support.api_views import an

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def blueprint(path, status="successful", *, enabled=True):
    return an(Blueprint, name=path, path=path, status=status, enabled=enabled)


def test_blueprints_in_order():
    assert blueprint_complaints(["a"], [blueprint("a"), blueprint("b", "warning")]) == []
    assert blueprint_complaints([], [blueprint("a", "unknown", enabled=False)]) == []


def test_blueprints_that_failed_or_are_not_there():
    found = [
        blueprint("a", "error"),
        blueprint("b", "orphaned"),
        blueprint("c", "unknown"),
        blueprint("d", enabled=False),
    ]
    notes = blueprint_complaints(["a", "d", "e"], found)
    assert [note.split()[0] for note in notes] == ["a", "b", "c", "d", "e"]


def at(moment):
    return moment.isoformat().replace("+00:00", "Z")


def schedule(actor, status="done", *, paused=False, due_ago=timedelta(minutes=-5)):
    return an(Schedule, actor_name=actor, last_task_status=status, paused=paused, next_run=at(NOW - due_ago))


def task(actor, ago):
    return an(Task, actor_name=actor, mtime=at(NOW - ago))


def test_schedules_that_failed_within_the_window():
    schedules = [
        schedule("ok"),
        schedule("bad", "error"),
        schedule("paused", "error", paused=True),
        schedule("never", None),
    ]
    window = timedelta(hours=48)
    assert failed_schedules(schedules, [], NOW, window) == ["bad"]
    assert failed_schedules(
        schedules, [task("bad", timedelta(hours=1)), task("bad", timedelta(days=9))], NOW, window
    ) == ["bad"]
    assert failed_schedules(schedules, [task("bad", timedelta(days=9))], NOW, window) == []


DAY = timedelta(days=1)


@pytest.mark.parametrize("status", ["done", "queued", "running", "waiting_for_dependencies", "", None])
def test_a_schedule_that_was_due_long_ago_is_neglected_whatever_its_last_run_came_to(status):
    assert neglected_schedules([schedule("a", status, due_ago=DAY)], [], NOW) == {"a": NOW - DAY}


def test_a_task_that_nobody_takes_is_neglected():
    schedules = [schedule("a", "queued"), schedule("b", "done")]
    queued = [task("a", DAY), task("b", DAY)]
    assert neglected_schedules(schedules, queued, NOW) == {"a": NOW - DAY}


def test_what_is_due_or_queued_for_a_while_is_not_neglected():
    schedules = [
        schedule("paused", "queued", paused=True, due_ago=DAY),
        schedule("due a moment ago", "queued", due_ago=timedelta(minutes=10)),
        schedule("queued again", "queued"),
        schedule("never", None),
        schedule("queued, and its task is not shown", "queued"),
    ]
    queued = [task("queued again", DAY), task("queued again", timedelta(seconds=5))]
    assert neglected_schedules(schedules, queued, NOW) == {}


def test_only_the_update_check_and_its_kin_need_the_internet():
    assert needs_internet("authentik.admin.tasks.update_latest_version")
    assert not needs_internet("authentik.outposts.tasks.outpost_controller")


def test_versions_are_compared_as_versions():
    assert same_version("2026.5.0-rc1", "2026.5.0rc1")
    assert not same_version("2026.5.0", "2026.5.1")
    assert not same_version(None, "2026.5.0")
    assert same_version("custom-build", "custom-build")


def event(action, agent=None, ago=timedelta()):
    context = {"message": "it  went\nwrong", "http_request": {"user_agent": agent}} if agent else {}
    created = (NOW - ago).isoformat().replace("+00:00", "Z")
    return an(Event, action=action, app="x", context=context, created=created)


def test_troubles_are_errors_and_exceptions_of_others():
    wanted = [event("configuration_error", "Grafana"), event("property_mapping_exception")]
    others = [event("login"), event("configuration_error", "sso-conformance/1 (run 1)"), event("suspicious_request")]
    assert troubles([*wanted, *others]) == wanted


def test_events_are_chosen_by_time():
    new, old = event("a", ago=timedelta(hours=1)), event("a", ago=timedelta(hours=30))
    since = NOW - timedelta(hours=24)
    assert between([new, old], since) == [new]
    assert between([new, old], NOW - timedelta(days=7), since) == [old]


def test_an_event_is_told_in_one_line():
    assert (
        told(event("configuration_error", "Grafana")) == "2026-11-24 12:00 UTC configuration_error in x: it went wrong"
    )


def test_what_an_installation_lives_by_is_not_paused():
    """Settings pause the check for updates and the search for the cluster that it runs in; nothing pauses these."""
    names = (
        "a.blueprints_discovery",
        "a.update_latest_version",
        "b.outpost_controller",
        "b.outpost_connection_discovery",
    )
    told = paused_schedules(schedule(name, paused=True) for name in names)
    assert [line.partition(" (")[0] for line in told] == ["a.blueprints_discovery", "b.outpost_controller"]
    assert paused_schedules(map(schedule, names)) == []
