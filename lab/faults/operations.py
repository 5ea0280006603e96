"""Faults of the worker and what it does (runbook H2, S1, D1)."""

from __future__ import annotations

from datetime import timedelta

from lab import seeded
from lab.authentik.audit_log import record_event
from lab.authentik.operations import Blueprint, Schedule, Task, blueprint_path
from lab.faults import fault
from lab.world import World

_GRAFANA = blueprint_path("authentik-blueprints-provider-grafana")


def _blueprint(world: World) -> Blueprint:
    found = world.authentik.operations.blueprint(_GRAFANA)
    assert found is not None
    return found


def _fail(world: World, actor: str, ago: timedelta) -> Schedule:
    operations = world.authentik.operations
    schedule = seeded.schedule(world, actor)
    schedule.status = "error"
    at = world.clock.now() - ago
    operations.tasks.append(Task(actor, schedule.description, at, "error", message="Task failed"))
    return schedule


@fault("blueprint-in-error", known_from="redirect_uris as text, March 2026", turns_red=("SMOKE-BP-01",))
def blueprint_in_error(world: World) -> None:
    """Grafana's blueprint could not be applied; nothing but its status says so."""
    _blueprint(world).status = "error"
    _blueprint(world).applied_hash = ""


@fault("blueprint-orphaned", known_from="a ConfigMap that was renamed", turns_red=("SMOKE-BP-01",))
def blueprint_orphaned(world: World) -> None:
    """The file of Grafana's blueprint is gone."""
    _blueprint(world).status = "orphaned"


@fault("blueprint-without-instance", known_from="YAML that cannot be read", turns_red=("SMOKE-BP-01",))
def blueprint_without_instance(world: World) -> None:
    """Grafana's blueprint has a mistake in its YAML, and never became an instance."""
    world.authentik.operations.blueprints.remove(_blueprint(world))


@fault("worker-silent", known_from="runbook S1", turns_red=("SMOKE-WORK-01",))
def worker_silent(world: World) -> None:
    """The worker hangs: it has not reported in for ten minutes."""
    for worker in world.authentik.operations.workers:
        worker.last_seen = world.clock.now() - timedelta(minutes=10)


@fault("worker-of-another-version", known_from="a rollout that is stuck half-way", turns_red=("SMOKE-WORK-01",))
def worker_of_another_version(world: World) -> None:
    """The worker still runs the version before."""
    for worker in world.authentik.operations.workers:
        worker.version = "2026.2.1"


@fault("schedule-failing", known_from="runbook S1", turns_red=("SMOKE-WORK-01",))
def schedule_failing(world: World) -> None:
    """The outposts' controller failed an hour ago."""
    _fail(world, "authentik.outposts.tasks.outpost_controller", timedelta(hours=1))


@fault(
    "blueprints-paused",
    known_from="by hand at night, so that no blueprint undoes what was mended",
    turns_red=("SMOKE-WORK-01",),
    warns=True,
)
def blueprints_paused(world: World) -> None:
    """Somebody paused the search for blueprints, and forgot it: what changes in Git arrives no more."""
    schedule = seeded.schedule(world, "authentik.blueprints.v1.tasks.blueprints_discovery")
    schedule.paused, schedule.next_run = True, world.clock.now() - timedelta(days=2)


@fault("update-check-failing", known_from="a cluster without a way out", turns_red=("SMOKE-WORK-01",), warns=True)
def update_check_failing(world: World) -> None:
    """The update check is not paused, and the cluster does not reach the internet."""
    schedule = _fail(world, "authentik.admin.tasks.update_latest_version", timedelta(hours=1))
    schedule.paused, schedule.next_run = False, None


@fault("configuration-error-today", known_from="runbook D1", turns_red=("SMOKE-EVENT-01",))
def configuration_error_today(world: World) -> None:
    """Grafana exchanged a code with a redirect URI that is not registered, just now."""
    record_event(
        world,
        "configuration_error",
        "authentik.providers.oauth2.views.token",
        context={"message": "Invalid redirect URI used by provider", "http_request": {"user_agent": "Grafana"}},
    )


@fault("mapping-exception-last-week", known_from="runbook D1", turns_red=("SMOKE-EVENT-01",), warns=True)
def mapping_exception_last_week(world: World) -> None:
    """A property mapping raised an exception three days ago, and has not since."""
    record_event(
        world,
        "property_mapping_exception",
        "authentik.core.expression.exceptions",
        context={"message": "name 'usr' is not defined"},
        at=world.clock.now() - timedelta(days=3),
    )
