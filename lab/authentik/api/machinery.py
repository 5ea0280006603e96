"""/managed/blueprints/ and /tasks/: what the worker did and will do."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, moment
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, equals, one_of, same, truth
from lab.authentik.operations import Blueprint, Schedule, Task
from lab.world import World

_SYSTEM_INFO: Final = "authentik_rbac.view_system_info"
_TASK_LOGGER: Final = "authentik.tasks.middleware.TaskLogMiddleware"


def _metadata(blueprint: Blueprint) -> Body:
    return {"name": blueprint.name, "labels": blueprint.labels}


def _blueprint_body(_: Call, blueprint: Blueprint) -> Body:
    return {
        "pk": blueprint.pk,
        "name": blueprint.name,
        "path": blueprint.path,
        "context": blueprint.context,
        "last_applied": moment(blueprint.applied),
        "last_applied_hash": blueprint.applied_hash,
        "status": blueprint.status,
        "enabled": blueprint.enabled,
        "managed_models": [],
        "metadata": {} if blueprint.status == "unknown" else _metadata(blueprint),
        "content": blueprint.content,
    }


_BLUEPRINTS: Final = Listing[Blueprint](
    shape=_blueprint_body,
    rows=lambda call: call.visible("authentik_blueprints.view_blueprintinstance", call.operations.blueprints),
    order=("name", "path"),
    filters=same("name", "path"),
    search=("name", "path"),
    model="BlueprintInstance",
)


def _available(call: Call) -> Reply:
    call.require("authentik_blueprints.view_blueprintinstance")
    return Reply(
        [
            {
                "path": blueprint.path,
                "version": 1,
                "hash": blueprint.applied_hash,
                "last_m": int(blueprint.applied.timestamp()),
                "meta": _metadata(blueprint),
            }
            for blueprint in call.operations.blueprints
            if blueprint.path and blueprint.status != "orphaned"
        ]
    )


def _related(related: tuple[str, str, str] | None) -> Body:
    if related is None:
        return {"rel_obj_id": None}
    return dict(zip(("rel_obj_app_label", "rel_obj_model", "rel_obj_id"), related, strict=True))


def _log(task: Task, event: str, attributes: Body, level: str = "info") -> Body:
    return {
        "timestamp": moment(task.at),
        "log_level": level,
        "logger": _TASK_LOGGER,
        "event": event,
        "attributes": attributes,
    }


def _task_body(_: Call, task: Task) -> Body:
    level = "error" if task.status == "error" else "info"
    return {
        "message_id": task.pk,
        "queue_name": "default",
        "actor_name": task.actor,
        "state": "rejected" if task.status == "error" else task.status,
        "mtime": moment(task.at),
        "retries": 0,
        "eta": None,
        **_related(task.related),
        "uid": task.uid or task.actor,
        "logs": [
            _log(task, "Task has been queued", {"delay": None}),
            _log(task, "Task is being processed", {}),
            _log(task, task.message, {}, level),
        ],
        "previous_logs": [],
        "aggregated_status": task.status,
        "description": task.description,
    }


_TASKS: Final = Listing[Task](
    shape=_task_body,
    rows=lambda call: call.visible("authentik_tasks.view_task", call.operations.tasks),
    order=(),
    default="-mtime",
    computed={
        "mtime": attrgetter("at"),
        "actor_name": attrgetter("actor"),
        "aggregated_status": attrgetter("status"),
    },
    filters={
        "actor_name": equals("actor"),
        "queue_name": equals(lambda _: "default"),
        "state": one_of(lambda task: "rejected" if task.status == "error" else task.status),
        "aggregated_status": one_of("status"),
        "rel_obj_id": equals(lambda task: task.related[2] if task.related else None),
    },
    search=("actor", "uid", "status"),
)


def _schedule_body(call: Call, schedule: Schedule) -> Body:
    return {
        "id": schedule.pk,
        "identifier": schedule.related[2] if schedule.related else "None",
        "uid": schedule.uid or schedule.actor,
        "actor_name": schedule.actor,
        **_related(schedule.related),
        "crontab": schedule.crontab,
        "paused": schedule.paused,
        "next_run": moment(schedule.due(call.now)),
        "description": schedule.description,
        "last_task_status": schedule.status,
    }


def _schedules(call: Call) -> Reply:
    listing = Listing[Schedule](
        shape=_schedule_body,
        rows=lambda call: call.visible("authentik_tasks_schedules.view_schedule", call.operations.schedules),
        order=(),
        computed={"next_run": lambda schedule: schedule.due(call.now), "actor_name": attrgetter("actor")},
        filters={"actor_name": equals("actor"), "paused": truth("paused")},
        search=("actor", "description"),
    )
    return listing.all(call)


def _workers(call: Call) -> Reply:
    call.require(_SYSTEM_INFO)
    operations = call.operations
    return Reply(
        [
            {
                "worker_id": worker.name,
                "version": version,
                "version_matching": version == call.state.version,
            }
            for worker in operations.workers
            if worker.reports(call.now)
            for version in (worker.version or call.state.version,)
        ]
    )


def routes(world: World) -> list[Route]:
    """The routes of these resources."""
    return [
        endpoint(world, "managed/blueprints/", LIST, get=_BLUEPRINTS.all),
        endpoint(world, "managed/blueprints/available/", READ, get=_available),
        endpoint(world, "managed/blueprints/{pk}/", DETAIL, get=_BLUEPRINTS.detail),
        endpoint(world, "tasks/tasks/", READ, get=_TASKS.all),
        endpoint(world, "tasks/schedules/", READ, get=_schedules),
        endpoint(world, "tasks/workers/", READ, get=_workers),
    ]
