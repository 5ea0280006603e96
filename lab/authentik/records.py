"""The rows of Authentik's machinery: blueprints, workers, tasks, schedules and events."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.authentik.accounts import stable_uuid


@dataclass
class Blueprint:
    """An instance of a blueprint file; `applied_hash` is empty after a failed application."""

    name: str
    path: str
    applied: datetime
    status: str = "successful"
    enabled: bool = True
    applied_hash: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    content: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    pk: str = ""

    def __post_init__(self) -> None:
        self.pk = self.pk or stable_uuid("blueprint", self.path or self.name)


@dataclass
class Worker:
    """A worker process; `last_seen` None means that it reports in all the time.

    `version` is empty where it is the server's.
    """

    name: str
    version: str = ""
    last_seen: datetime | None = None

    def reports(self, now: datetime) -> bool:
        """Whether Authentik still lists it: seen within the last two minutes."""
        return self.last_seen is None or now - self.last_seen <= timedelta(minutes=2)


@dataclass
class Task:
    """One run of an actor, finished or not."""

    actor: str
    description: str
    at: datetime
    status: str = "done"
    uid: str = ""
    related: tuple[str, str, str] | None = None
    message: str = "Task finished processing without errors"
    pk: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Schedule:
    """A recurring task. `next_run` None means it keeps its rhythm; a paused or stuck one has a fixed time."""

    actor: str
    description: str
    crontab: str
    period: timedelta
    next_run: datetime | None = None
    paused: bool = False
    status: str | None = "done"
    related: tuple[str, str, str] | None = None
    uid: str = ""

    @property
    def pk(self) -> str:
        """Its primary key."""
        return stable_uuid("schedule", self.uid or self.actor)

    def due(self, now: datetime) -> datetime:
        """When it runs next, seen from `now`."""
        if self.next_run is not None:
            return self.next_run
        seconds = int(self.period.total_seconds())
        return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)


@dataclass
class Event:
    """One line of Authentik's audit log, already in its JSON form but for the times."""

    action: str
    app: str
    user: dict[str, Any]
    context: dict[str, Any]
    client_ip: str
    created: datetime
    pk: str = field(default_factory=lambda: str(uuid.uuid4()))
