"""Authentik's audit log: how an event is written, and how it names who did it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lab.authentik.accounts import User
from lab.authentik.records import Event
from lab.world import World


def _event_user(user: User | None, attempted: str | None) -> dict[str, Any]:
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
    event = Event(action, app, _event_user(user, attempted), context or {}, client_ip, at or world.clock.now())
    world.authentik.operations.events.append(event)
    return event
