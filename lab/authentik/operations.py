"""What Authentik's machinery did: versions, workers, blueprints, tasks, schedules and events."""

from __future__ import annotations

import hashlib
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from lab.authentik.directory import EMBEDDED_OUTPOST, LAST_LOGINS, User, stable_uuid
from lab.authentik.records import VERSION, Blueprint, Event, Schedule, Task, Worker

if TYPE_CHECKING:
    from lab.world import World

__all__ = [
    "BLUEPRINT_CONFIG_MAPS",
    "BRAND",
    "VERSION",
    "Blueprint",
    "Event",
    "Operations",
    "Schedule",
    "Task",
    "Worker",
    "blueprint_path",
    "event_user",
    "record_event",
    "seed_operations",
]

_EVENTS_KEPT: Final = 5000

BRAND: Final = {
    "pk": stable_uuid("brand", "authentik-default").replace("-", ""),
    "app": "authentik_brands",
    "name": "Default brand",
    "model_name": "brand",
}

# The blueprint ConfigMaps of the estate (file, heading), mounted in the worker under /blueprints/mounted/cm-<name>.
BLUEPRINT_CONFIG_MAPS: Final = {
    "authentik-blueprints-groups": ("groups.yaml", "Groups"),
    "authentik-blueprints-provider-argocd": ("provider-argocd.yaml", "ArgoCD OIDC Provider"),
    "authentik-blueprints-provider-grafana": ("provider-grafana.yaml", "Grafana OIDC Provider"),
    "authentik-blueprints-provider-infisical": ("provider-infisical.yaml", "Infisical OIDC Provider"),
    "authentik-blueprints-proxy-providers": ("proxy-providers.yaml", "Proxy Providers"),
    "authentik-blueprints-sso-conformance": ("sso-conformance.yaml", "SSO conformance probe"),
}
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


def blueprint_path(config_map: str) -> str:
    """The path by which Authentik names the one file of a mounted ConfigMap, relative to /blueprints."""
    return f"mounted/cm-{config_map}/{BLUEPRINT_CONFIG_MAPS[config_map][0]}"


@dataclass
class Operations:
    """The tables. `events` runs from oldest to newest and forgets the oldest."""

    version_latest: str = "0.0.0"
    history: list[tuple[datetime, str]] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    blueprints: list[Blueprint] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=_EVENTS_KEPT))

    def blueprint(self, path: str) -> Blueprint | None:
        """The instance of the file at that path (relative to /blueprints)."""
        return next((entry for entry in self.blueprints if entry.path == path), None)

    def schedule(self, actor: str) -> Schedule | None:
        """The schedule of that actor."""
        return next((entry for entry in self.schedules if entry.actor == actor), None)


def event_user(user: User | None, attempted: str | None = None) -> dict[str, Any]:
    """How an event names who did it: an account, a name nobody has (`attempted`), or the anonymous user."""
    anonymous = {"pk": 1, "email": "", "username": "AnonymousUser", "is_anonymous": True}
    if user is not None:
        return {"pk": user.pk, "email": user.email, "username": user.username}
    if attempted is None:
        return anonymous
    return {"pk": None, "email": attempted, "username": attempted, "authenticated_as": anonymous}


def record_event(
    world: World,
    action: str,
    app: str,
    *,
    user: User | None = None,
    attempted: str | None = None,
    context: dict[str, Any] | None = None,
    client_ip: str = "127.0.0.1",
    at: datetime | None = None,
) -> Event:
    """Append an event to the world's audit log and return it; `at` defaults to the world's now."""
    event = Event(action, app, event_user(user, attempted), context or {}, client_ip, at or world.clock.now())
    world.authentik.operations.events.append(event)
    return event


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


def seed_operations(world: World) -> Operations:
    """A machinery in order: everything applied, nothing failed, one worker of the server's version."""
    started = world.clock.started
    deployed = started - timedelta(days=40)
    operations = Operations(history=[(deployed, VERSION)])
    operations.workers = [Worker(f"{stable_uuid('worker', '0')}@authentik-worker-0")]
    operations.blueprints = _seed_blueprints(deployed)
    operations.schedules = _seed_schedules(deployed)
    operations.tasks = _seed_tasks(operations, started)
    _seed_events(operations, started)
    return operations
