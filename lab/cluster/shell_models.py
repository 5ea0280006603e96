"""`Token` and `User` as `ak shell` shows them: Django's query methods over the lab's directory."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from lab.authentik.directory import Token, User
from lab.cluster.state import Value
from lab.world import World

# Tokens that nobody gives an expiry live as long as the brand's default says.
DEFAULT_LIFETIME = timedelta(minutes=30)


class TokenIntents:
    """The intents of tokens."""

    INTENT_VERIFICATION = "verification"
    INTENT_API = "api"
    INTENT_RECOVERY = "recovery"
    INTENT_APP_PASSWORD = "app_password"


class ModelError(Exception):
    """What Django raises for what it cannot take; the text is the last line of its traceback."""


@dataclass
class UserRow:
    """A user; attributes that are not listed here come from the directory's row."""

    world: World
    row: User

    def delete(self) -> tuple[int, dict[str, int]]:
        """Take the row away, and with it the user's tokens."""
        self.world.authentik.directory.remove_user(self.row)
        return 1, {"authentik_core.User": 1}

    def __getattr__(self, name: str) -> Value:
        return getattr(self.row, name)

    def __str__(self) -> str:
        return self.row.username

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UserRow) and other.row is self.row

    __hash__ = None  # type: ignore[assignment] # rows are compared, never kept in sets


class TokenRow:
    """A token; assignments reach the directory when `save` is called on it, as far as anybody can see."""

    fields = frozenset({"identifier", "key", "intent", "description", "expiring", "expires", "pk", "managed"})

    def __init__(self, world: World, row: Token) -> None:
        self.world, self.row = world, row

    def read(self, name: str) -> Value:
        """The value of a field. Raises ModelError for one that tokens do not have."""
        if name == "user":
            return UserRow(self.world, self.world.authentik.directory.users[self.row.user])
        if name in self.fields:
            return getattr(self.row, name)
        raise ModelError(f"AttributeError: 'Token' object has no attribute '{name}'")

    def write(self, name: str, value: Value) -> None:
        """Set a field. Raises ModelError for one that tokens do not have."""
        if name == "user":
            self.row.user = value.row.pk
        elif name in self.fields:
            setattr(self.row, name, value)
        else:
            raise ModelError(f"FieldError: Invalid field name(s) for model Token: '{name}'.")

    def save(self) -> None:
        """File the row under its identifier."""
        tokens = self.world.authentik.directory.tokens
        for identifier in [name for name, row in tokens.items() if row is self.row]:
            del tokens[identifier]
        tokens[self.row.identifier] = self.row

    def delete(self) -> tuple[int, dict[str, int]]:
        """Take the row away."""
        self.world.authentik.directory.tokens.pop(self.row.identifier, None)
        return 1, {"authentik_core.Token": 1}

    def __str__(self) -> str:
        return f"Token {self.row.identifier}"


Row = TypeVar("Row", UserRow, TokenRow)


class Query(Generic[Row]):
    """A query set: rows that can be narrowed further."""

    def __init__(self, model: str, rows: Callable[[], list[Row]]) -> None:
        self.model = model
        self.rows: Callable[[], list[Row]] = rows

    def all(self) -> Query[Row]:
        """Everything in the set."""
        return self

    def filter(self, **lookups: Value) -> Query[Row]:
        """The rows that match all lookups."""
        return Query(self.model, lambda: [row for row in self.rows() if _matches(row, lookups)])

    def get(self, **lookups: Value) -> Row:
        """The one row that matches. Raises ModelError when there is none, or more."""
        found = self.filter(**lookups).rows()
        if len(found) == 1:
            return found[0]
        if not found:
            raise ModelError(f"{self.model}.DoesNotExist: {self.model} matching query does not exist.")
        raise ModelError(f"{self.model}.MultipleObjectsReturned: get() returned {len(found)} objects!")

    def first(self) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows()), None)

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows())

    def exists(self) -> bool:
        """Whether there is a row."""
        return bool(self.rows())

    def values_list(self, *names: str, flat: bool = False) -> list[Value]:
        """The named fields of each row."""
        if flat:
            return [_value(row, names[0]) for row in self.rows()]
        return [tuple(_value(row, name) for name in names) for row in self.rows()]

    def update(self, **values: Value) -> int:
        """Set fields of every row of the set, in the database alone; returns how many."""
        for row in (rows := self.rows()):
            for name, value in values.items():
                setattr(row.row, name, value)
        return len(rows)

    def delete(self) -> int:
        """Delete every row of the set; returns how many."""
        gone = [row.delete() for row in self.rows()]
        return len(gone)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows())

    def __len__(self) -> int:
        return self.count()


class Tokens(Query[TokenRow]):
    """`Token.objects`: the query methods, and those that create."""

    def __init__(self, world: World) -> None:
        self.world = world
        directory = world.authentik.directory
        super().__init__("Token", lambda: [TokenRow(world, row) for row in directory.tokens.values()])

    def create(self, **values: Value) -> TokenRow:
        """File a new token; the key is drawn when none is given."""
        expires = self.world.clock.now() + DEFAULT_LIFETIME
        row = Token(values["identifier"], 0, secrets.token_urlsafe(45), expiring=True, expires=expires)
        made = TokenRow(self.world, row)
        for name, value in values.items():
            made.write(name, value)
        made.save()
        return made

    def get_or_create(self, defaults: dict[str, Value] | None = None, **lookups: Value) -> tuple[TokenRow, bool]:
        """The token that matches, or a new one, and whether it is new."""
        if found := self.filter(**lookups).first():
            return found, False
        return self.create(**lookups, **(defaults or {})), True


def users(world: World) -> Query[UserRow]:
    """`User.objects`."""
    return Query("User", lambda: [UserRow(world, row) for row in world.authentik.directory.users.values()])


def _value(row: UserRow | TokenRow, path: str) -> Value:
    found: Value = row
    for name in path.split("__"):
        found = found.read(name) if isinstance(found, TokenRow) else getattr(found, name)
    return found


_OPERATORS: dict[str, Callable[[Value, Value], bool]] = {
    "startswith": lambda value, wanted: str(value).startswith(wanted),
    "in": lambda value, wanted: value in wanted,
}


def _matches(row: UserRow | TokenRow, lookups: dict[str, Value]) -> bool:
    for lookup, wanted in lookups.items():
        path, _, operator = lookup.rpartition("__")
        if path and operator in _OPERATORS:
            if not _OPERATORS[operator](_value(row, path), wanted):
                return False
        elif _value(row, lookup) != wanted:
            return False
    return True
