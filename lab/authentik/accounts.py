"""The rows of Authentik's directory: roles, groups, users and tokens."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

_NAMESPACE: Final = uuid.UUID("6d1f3c1e-5a53-4a0e-9a51-3d6a4f1c9b02")


def stable_uuid(kind: str, name: str) -> str:
    """The primary key of a seeded object: the same in every world, so that healing changes none."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}:{name}"))


@dataclass
class Role:
    """Permissions ("app_label.codename") under a name; held by groups, and by outposts' own users."""

    pk: str
    name: str
    permissions: set[str] = field(default_factory=set)


@dataclass
class Group:
    """A group; its members name it in their own `groups`."""

    pk: str
    name: str
    is_superuser: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)

    @property
    def num_pk(self) -> int:
        """The number LDAP clients see: the first digits of the key's integer value."""
        return int(str(uuid.UUID(self.pk).int)[:5])


@dataclass
class User:
    """An account; `groups` and `roles` hold primary keys in the order of joining."""

    pk: int
    username: str
    name: str
    joined: datetime
    email: str = ""
    type: str = "internal"
    path: str = "users"
    is_active: bool = True
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)
    totp_seed: str | None = field(default=None, repr=False)
    other_devices: list[str] = field(default_factory=list)
    last_login: datetime | None = None
    password_changed: datetime | None = None
    updated: datetime | None = None
    uuid: str = ""

    def __post_init__(self) -> None:
        self.uuid = self.uuid or stable_uuid("user", self.username)
        self.password_changed = self.password_changed or self.joined
        self.updated = self.updated or self.joined

    @property
    def uid(self) -> str:
        """The stable hash that is also the `sub` of tokens in sub mode hashed_user_id."""
        return hashlib.sha256(f"{self.pk}-lab".encode()).hexdigest()


@dataclass
class Token:
    """A key that stands for its user; `expires` means nothing while `expiring` is false."""

    identifier: str
    user: int
    key: str = field(repr=False)
    intent: str = "api"
    description: str = ""
    managed: str | None = None
    expiring: bool = False
    expires: datetime | None = None
    pk: str = ""

    def __post_init__(self) -> None:
        self.pk = self.pk or stable_uuid("token", self.identifier)

    def expired(self, now: datetime) -> bool:
        """Whether Authentik refuses it at `now`."""
        return self.expiring and self.expires is not None and self.expires <= now
