"""One call of the API: who calls, what they may see, and what refuses them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from starlette.requests import Request

from lab.authentik.directory import Directory, User
from lab.authentik.exchange import Exchange
from lab.authentik.operations import Operations
from lab.authentik.state import Authentik
from lab.world import World

Row = TypeVar("Row")
Body = dict[str, Any]


class RefusedCallError(Exception):
    """An answer that ends the call: an HTTP status and its JSON body."""

    def __init__(self, status: int, body: Body) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def forbidden(detail: str = "You do not have permission to perform this action.") -> RefusedCallError:
    """What every refusal of credentials or rights looks like; Authentik never says 401 here."""
    return RefusedCallError(403, {"detail": detail})


def missing(model: str | None = None) -> RefusedCallError:
    """The object is not there, or not for this caller; without a model, the key cannot be one at all."""
    return RefusedCallError(404, {"detail": f"No {model} matches the given query." if model else "Not found."})


def invalid(**errors: object) -> RefusedCallError:
    """A body that does not validate: messages by field."""
    return RefusedCallError(400, dict(errors))


class Reply(NamedTuple):
    """A JSON body (None for no body) and its status."""

    body: Any
    status: int = 200


@dataclass
class Call:
    """A request of the API; `caller` is set once it is authenticated."""

    world: World
    request: Request
    caller: User | None = None
    content: bytes = b""

    @property
    def state(self) -> Authentik:
        """Authentik as it is now."""
        return self.world.authentik

    @cached_property
    def exchange(self) -> Exchange:
        """The exchange this call belongs to: the one its replica put into the scope, or one of its own."""
        scope = self.request.scope
        found: Exchange | None = scope.get("exchange")
        return found or Exchange(self.world, scope.get("replica", 0), self.request)

    @property
    def directory(self) -> Directory:
        """Its users, groups, roles and tokens."""
        return self.world.authentik.directory

    @property
    def operations(self) -> Operations:
        """Its versions, workers, blueprints, tasks and events."""
        return self.world.authentik.operations

    @property
    def user(self) -> User:
        """Who calls; only where the endpoint asks for credentials."""
        if self.caller is None:
            raise forbidden("Authentication credentials were not provided.")
        return self.caller

    @cached_property
    def now(self) -> datetime:
        """The world's time, one for the whole call."""
        return self.world.clock.now()

    @cached_property
    def is_superuser(self) -> bool:
        """Whether the caller is one."""
        return self.directory.is_superuser(self.user)

    @cached_property
    def _permissions(self) -> set[str]:
        return self.directory.permissions(self.user)

    @cached_property
    def data(self) -> Body:
        """The JSON body; raises the 400 that a body which is no object gets."""
        try:
            data = json.loads(self.content or b"{}")
        except json.JSONDecodeError as error:
            place = f"line {error.lineno} column {error.colno} (char {error.pos})"
            raise invalid(detail=f"JSON parse error - unexpected character: {place}") from None
        if not isinstance(data, dict):
            kind = type(data).__name__
            raise invalid(non_field_errors=[f"Invalid data. Expected a dictionary, but got {kind}."])
        return data

    def argument(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.request.query_params.get(name, default)

    def may(self, permission: str) -> bool:
        """Whether the caller holds the permission on everything."""
        return self.is_superuser or permission in self._permissions

    def require(self, permission: str) -> None:
        """Raise the 403 unless the caller holds the permission."""
        if not self.may(permission):
            raise forbidden()

    def visible(
        self,
        permission: str,
        rows: Iterable[Row],
        *,
        owner: Callable[[Row], int] | None = None,
        strict: bool = False,
    ) -> list[Row]:
        """The rows that a list shows to this caller.

        Without the permission: one's own where rows have an `owner`; the 403 for an account that has no role
        at all, and always where `strict`; otherwise nothing (recordings api/nonadmin-*, measured.md).
        """
        if self.may(permission):
            return list(rows)
        if owner is not None:
            return [row for row in rows if owner(row) == self.user.pk]
        if strict or not any(True for _ in self.directory.roles_of(self.user)):
            raise forbidden()
        return []

    def one(self, model: str, rows: Iterable[Row], matches: Callable[[Row], bool]) -> Row:
        """The first row that matches; raises the 404 that names the model."""
        for row in rows:
            if matches(row):
                return row
        raise missing(model)


def moment(at: datetime | None) -> str | None:
    """A time as the API writes it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
