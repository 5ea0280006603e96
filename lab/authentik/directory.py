"""Who Authentik knows: users, groups, roles with permissions, and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lab.authentik.accounts import Group, Role, Token, User, stable_uuid

__all__ = [
    "EMBEDDED_OUTPOST",
    "OUTPOST_TOKEN",
    "SUITE_PERMISSIONS",
    "Directory",
    "Group",
    "Role",
    "Token",
    "User",
    "stable_uuid",
]

EMBEDDED_OUTPOST: Final = stable_uuid("outpost", "embedded")
OUTPOST_TOKEN: Final = f"ak-outpost-{EMBEDDED_OUTPOST}-api"

# What the role of the suite's service account may see (facts/probe-blueprint.yaml).
SUITE_PERMISSIONS: Final = (
    "authentik_rbac.view_system_info",
    "authentik_providers_proxy.view_proxyprovider",
    "authentik_providers_oauth2.view_oauth2provider",
    "authentik_outposts.view_outpost",
    "authentik_blueprints.view_blueprintinstance",
    "authentik_core.view_application",
    "authentik_core.view_provider",
    "authentik_core.view_user",
    "authentik_core.view_group",
    "authentik_core.view_token",
    "authentik_events.view_event",
    "authentik_crypto.view_certificatekeypair",
    "authentik_tasks.view_task",
    "authentik_tasks_schedules.view_schedule",
    "authentik_flows.view_flow",
    "authentik_core.preview_user",
    "authentik_providers_oauth2.view_scopemapping",
    "authentik_core.view_propertymapping",
    "authentik_policies.view_policybinding",
)


@dataclass
class Directory:
    """The tables; users by number, groups and roles by UUID, tokens by identifier."""

    users: dict[int, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def user(self, username: str) -> User | None:
        """The account of that exact name."""
        return next((user for user in self.users.values() if user.username == username), None)

    def user_of_login(self, uid_field: str) -> User | None:
        """The account the identification stage finds: by user name or e-mail, whatever the case."""
        wanted = uid_field.strip().lower()
        for user in self.users.values():
            if wanted and wanted in {user.username.lower(), user.email.lower()}:
                return user
        return None

    def group(self, name: str) -> Group | None:
        """The group of that exact name."""
        return next((group for group in self.groups.values() if group.name == name), None)

    def role(self, name: str) -> Role | None:
        """The role of that exact name."""
        return next((role for role in self.roles.values() if role.name == name), None)

    def members(self, group: Group) -> list[User]:
        """The direct members of a group, by primary key."""
        return [user for _, user in sorted(self.users.items()) if group.pk in user.groups]

    def direct_groups(self, user: User) -> list[Group]:
        """The groups the user joined, in that order; what the `groups` claim lists."""
        return [self.groups[pk] for pk in user.groups if pk in self.groups]

    def all_groups(self, user: User) -> list[Group]:
        """The direct groups and their ancestors."""
        found: dict[str, Group] = {}
        pending = [group.pk for group in self.direct_groups(user)]
        while pending:
            pk = pending.pop()
            if pk in found or pk not in self.groups:
                continue
            found[pk] = self.groups[pk]
            pending.extend(self.groups[pk].parents)
        return list(found.values())

    def is_superuser(self, user: User) -> bool:
        """Superusers are made by a group, never by the account itself."""
        return any(group.is_superuser for group in self.all_groups(user))

    def roles_of(self, user: User) -> Iterator[Role]:
        """The user's own roles and those of all their groups."""
        keys = [*user.roles, *(pk for group in self.all_groups(user) for pk in group.roles)]
        for pk in dict.fromkeys(keys):
            if pk in self.roles:
                yield self.roles[pk]

    def permissions(self, user: User) -> set[str]:
        """Every permission the user's roles grant; superusers need none."""
        return {permission for role in self.roles_of(user) for permission in role.permissions}

    def bearer(self, key: str, now: datetime, intent: str = "api") -> User | None:
        """The active user of an unexpired token with that key and intent."""
        for token in self.tokens.values():
            if token.key == key and token.intent == intent and not token.expired(now):
                user = self.users.get(token.user)
                return user if user is not None and user.is_active else None
        return None

    def app_password(self, username: str, password: str, now: datetime) -> User | None:
        """The active user of that name who holds an unexpired app password of that value."""
        user = self.bearer(password, now, intent="app_password")
        return user if user is not None and user.username == username else None

    def add_user(self, user: User) -> User:
        """File an account under its number."""
        self.users[user.pk] = user
        return user

    def next_user_pk(self) -> int:
        """The number the next account gets."""
        return max(self.users, default=0) + 1

    def remove_user(self, user: User) -> None:
        """Delete an account and, as the database's cascade does, its tokens."""
        del self.users[user.pk]
        for identifier in [name for name, token in self.tokens.items() if token.user == user.pk]:
            del self.tokens[identifier]
