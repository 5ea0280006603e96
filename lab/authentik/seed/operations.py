"""A machinery in order: what ran, what was applied, who logged in."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Final

from lab.authentik.accounts import stable_uuid
from lab.authentik.directory import EMBEDDED_OUTPOST
from lab.authentik.operations import BLUEPRINT_CONFIG_MAPS, Operations, blueprint_path
from lab.authentik.records import Blueprint, Event, Schedule, Task, Worker
from lab.authentik.releases import Release
from lab.authentik.seed.directory import LAST_LOGINS
from lab.world import World

_ACCOUNTS: Final = {
    "akadmin": (4, "root@frank.derio.net"),
    "alice": (5, "alice@derio.net"),
    "bob": (6, "bob@derio.net"),
}
_SYSTEM_BLUEPRINTS: Final = {
    "default/flow-default-authentication-flow.yaml": "Default - Authentication flow",
    "default/flow-default-invalidation-flow.yaml": "Default - Invalidation flow",
    "default/flow-default-provider-authorization-implicit-consent.yaml": (
        "Default - Provider authorization flow (implicit consent)"
    ),
    "default/flow-default-provider-invalidation.yaml": "Default - Provider invalidation flow",
    "system/providers-oauth2.yaml": "System - OAuth2 Provider - Scopes",
    "system/providers-proxy.yaml": "System - Proxy Provider - Scopes",
}


def _applied(name: str, path: str, at: datetime, labels: dict[str, str] | None = None) -> Blueprint:
    digest = hashlib.sha512(path.encode()).hexdigest()
    return Blueprint(name, path, at, applied_hash=digest, labels=labels or {})


def _seed_blueprints(at: datetime) -> list[Blueprint]:
    system = {"blueprints.goauthentik.io/system": "true"}
    shipped = [
        _applied(name, path, at, system if path.startswith("system/") else None)
        for path, name in _SYSTEM_BLUEPRINTS.items()
    ]
    mounted = [_applied(heading, blueprint_path(name), at) for name, (_, heading) in BLUEPRINT_CONFIG_MAPS.items()]
    return shipped + mounted


_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_RUNNING: Final = {
    "authentik.blueprints.v1.tasks.blueprints_discovery": ("10 * * * *", _HOUR),
    "authentik.blueprints.v1.tasks.clear_failed_blueprints": ("8 * * * *", _HOUR),
    "authentik.core.tasks.clean_expired_models": ("2-59/5 * * * *", 5 * _MINUTE),
    "authentik.core.tasks.clean_temporary_users": ("9-59/5 * * * *", 5 * _MINUTE),
    "authentik.crypto.tasks.certificate_discovery": ("14 * * * *", _HOUR),
    "authentik.events.tasks.notification_cleanup": ("53 */8 * * *", 8 * _HOUR),
    "authentik.outposts.tasks.outpost_controller": ("57 */4 * * *", 4 * _HOUR),
    "authentik.outposts.tasks.outpost_token_ensurer": ("48 */8 * * *", 8 * _HOUR),
}
_PAUSED: Final = {
    "authentik.admin.tasks.update_latest_version": ("3 * * * *", _HOUR),
    "authentik.outposts.tasks.outpost_connection_discovery": ("51 */8 * * *", 8 * _HOUR),
}
_DESCRIPTIONS: Final = {
    "blueprints_discovery": "Find blueprints and check if they need to be created in the database.",
    "clear_failed_blueprints": "Remove blueprints which couldn't be fetched.",
    "clean_expired_models": "Remove expired objects.",
    "clean_temporary_users": "Remove temporary users created by SAML Sources.",
    "certificate_discovery": "Discover, import and update certificates from the filesystem.",
    "notification_cleanup": "Cleanup seen notifications and notifications whose event expired.",
    "outpost_controller": "Create/update/monitor/delete the deployment of an Outpost.",
    "outpost_token_ensurer": "Periodically ensure that all Outposts have valid Service Accounts and Tokens.",
    "update_latest_version": "Update latest version info.",
    "outpost_connection_discovery": "Checks the local environment and create Service connections.",
}


def _schedule(actor: str, crontab: str, period: timedelta) -> Schedule:
    schedule = Schedule(actor, _DESCRIPTIONS[actor.rpartition(".")[2]], crontab, period)
    if actor.endswith(".outpost_controller"):
        schedule.related = ("authentik_outposts", "outpost", EMBEDDED_OUTPOST)
        schedule.uid = f"{actor}:authentik Embedded Outpost"
    return schedule


def _seed_schedules(at: datetime) -> list[Schedule]:
    running = [_schedule(actor, *rhythm) for actor, rhythm in _RUNNING.items()]
    paused = [_schedule(actor, *rhythm) for actor, rhythm in _PAUSED.items()]
    for schedule in paused:
        schedule.paused, schedule.next_run = True, at
    paused[0].status = None
    return running + paused


def _seed_tasks(operations: Operations, started: datetime) -> list[Task]:
    tasks = [
        Task(
            "authentik.blueprints.v1.tasks.apply_blueprint",
            "Apply single blueprint.",
            blueprint.applied,
            uid=f"authentik.blueprints.v1.tasks.apply_blueprint:{blueprint.name}",
            related=("authentik_blueprints", "blueprintinstance", blueprint.pk),
        )
        for blueprint in operations.blueprints
    ]
    for schedule in operations.schedules:
        if schedule.status == "done":
            ran = min(started, schedule.due(started) - schedule.period)
            tasks.append(Task(schedule.actor, schedule.description, ran, related=schedule.related))
    return tasks


def _login(username: str, created: datetime) -> Event:
    number, email = _ACCOUNTS[username]
    request = {
        "args": {"next": "/if/user/"},
        "path": "/api/v3/flows/executor/default-authentication-flow/",
        "method": "GET",
        "request_id": uuid.uuid4().hex,
        "user_agent": "Mozilla/5.0",
    }
    context = {
        "auth_method": "password",
        "http_request": request,
        "auth_method_args": {"known_device": False},
    }
    user = {"pk": number, "email": email, "username": username}
    return Event("login", "authentik.events.signals", user, context, "192.168.55.10", created)


def _seed_events(operations: Operations, started: datetime) -> None:
    for day in (timedelta(days=1), timedelta()):
        for username, ago in LAST_LOGINS.items():
            operations.events.append(_login(username, started - day - ago))


def seed_operations(world: World, release: Release) -> Operations:
    """A machinery in order: everything applied, nothing failed, one worker of the server's version."""
    started = world.clock.started
    deployed = started - timedelta(days=40)
    operations = Operations(history=[(deployed, release.version)])
    operations.workers = [Worker(f"{stable_uuid('worker', '0')}@authentik-worker-0")]
    operations.blueprints = _seed_blueprints(deployed)
    operations.schedules = _seed_schedules(deployed)
    operations.tasks = _seed_tasks(operations, started)
    _seed_events(operations, started)
    return operations
