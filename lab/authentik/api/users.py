"""/core/users/: the accounts, and the caller's own."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import Any, Final

from starlette.routing import Route

from lab.authentik.api import completion
from lab.authentik.api.avatars import avatar
from lab.authentik.api.call import Body, Call, Reply, invalid, moment
from lab.authentik.api.endpoint import ACTION, DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, one_of, same, truth
from lab.authentik.directory import Group, Role, User
from lab.world import World

_ANONYMOUS: Final = "AnonymousUser"
# What a superuser may do to the installation as a whole.
_SYSTEM_PERMISSIONS: Final = (
    "access_admin_interface",
    "add_initialpermissions",
    "add_role",
    "assign_role_permissions",
    "change_initialpermissions",
    "change_role",
    "delete_initialpermissions",
    "delete_role",
    "edit_system_settings",
    "manage_media_files",
    "unassign_role_permissions",
    "view_initialpermissions",
    "view_media_files",
    "view_role",
    "view_system_info",
    "view_system_settings",
)


def role_object(role: Role) -> Body:
    """A role where another object embeds it."""
    return {"pk": role.pk, "name": role.name}


def group_object(group: Group) -> Body:
    """A group where another object embeds it."""
    return {
        "pk": group.pk,
        "num_pk": group.num_pk,
        "name": group.name,
        "is_superuser": group.is_superuser,
        "attributes": group.attributes,
    }


def user_body(call: Call, user: User) -> Body:
    """An account in full."""
    directory = call.directory
    return {
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.is_active,
        "last_login": moment(user.last_login),
        "date_joined": moment(user.joined),
        "is_superuser": directory.is_superuser(user),
        "groups": user.groups,
        "groups_obj": [group_object(group) for group in directory.direct_groups(user)],
        "roles": user.roles,
        "roles_obj": [role_object(directory.roles[pk]) for pk in user.roles if pk in directory.roles],
        "email": user.email,
        "avatar": avatar(user.name),
        "attributes": user.attributes,
        "uid": user.uid,
        "path": user.path,
        "type": user.type,
        "uuid": user.uuid,
        "password_change_date": moment(user.password_changed),
        "last_updated": moment(user.updated),
    }


def _me(call: Call) -> Reply:
    user = call.user
    held = [name for name in _SYSTEM_PERMISSIONS if call.may(f"authentik_rbac.{name}")]
    body = {
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.is_active,
        "is_superuser": call.is_superuser,
        "groups": [{"name": group.name, "pk": group.pk} for group in call.directory.direct_groups(user)],
        "roles": [{"name": role.name, "pk": role.pk} for role in call.directory.roles_of(user)],
        "email": user.email,
        "avatar": avatar(user.name),
        "uid": user.uid,
        "settings": user.attributes.get("settings", {}),
        "type": user.type,
        "system_permissions": held,
    }
    return Reply({"user": body})


def _rows(call: Call) -> list[User]:
    accounts = [user for user in call.directory.users.values() if user.username != _ANONYMOUS]
    return call.visible("authentik_core.view_user", accounts)


_LISTING: Final = Listing[User](
    shape=user_body,
    rows=_rows,
    order=("username", "name", "pk", "is_active", "type"),
    computed={"id": attrgetter("pk"), "date_joined": attrgetter("joined")},
    filters=same("username", "name", "email", "uuid", "path")
    | {
        "is_active": truth("is_active"),
        "type": one_of("type"),
        "groups_by_pk": lambda user, wanted: set(wanted) <= set(user.groups),
    },
    search=("username", "name", "email"),
    autocomplete=completion.users,
    model="User",
    readable=str.isdecimal,
)


def _list(call: Call) -> Reply:
    rows = _rows(call)
    asked = call.query("is_superuser").lower()
    if asked in {"true", "false"}:
        rows = [user for user in rows if call.directory.is_superuser(user) == (asked == "true")]
    names = call.request.query_params.getlist("groups_by_name")
    for name in names:
        group = call.directory.group(name)
        rows = [user for user in rows if group is not None and group.pk in user.groups]
    return _LISTING.page(call, rows)


def _validated(call: Call, data: dict[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name in ("username", "name"):
        if name not in data:
            errors[name] = ["This field is required."]
        elif name == "username" and not data[name]:
            errors[name] = ["This field may not be blank."]
    if "username" not in errors and call.directory.user(str(data["username"])) is not None:
        errors["username"] = ["This field must be unique."]
    groups = [pk for pk in data.get("groups", []) if pk not in call.directory.groups]
    if groups:
        errors["groups"] = [f'Invalid pk "{groups[0]}" - object does not exist.']
    if errors:
        raise invalid(**errors)


def _create(call: Call) -> Reply:
    call.require("authentik_core.add_user")
    data = call.data
    _validated(call, data)
    user = User(call.directory.next_user_pk(), str(data["username"]), str(data["name"]), call.now)
    user.uuid = str(uuid.uuid4())
    for name in ("email", "path", "type", "is_active", "groups", "attributes"):
        if name in data:
            setattr(user, name, data[name])
    call.directory.add_user(user)
    return Reply(user_body(call, user), 201)


def _delete(call: Call) -> Reply:
    user = _LISTING.one(call)
    call.require("authentik_core.delete_user")
    call.directory.remove_user(user)
    return Reply(None, 204)


def _set_password(call: Call) -> Reply:
    user = _LISTING.one(call)
    call.require("authentik_core.reset_user_password")
    if "password" not in call.data:
        raise invalid(password=["This field is required."])
    user.password = str(call.data["password"])
    user.password_changed = call.now
    return Reply(None, 204)


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "core/users/", LIST, get=_list, post=_create),
        endpoint(world, "core/users/me/", READ, get=_me),
        endpoint(world, "core/users/{pk}/", DETAIL, get=_LISTING.detail, delete=_delete),
        endpoint(world, "core/users/{pk}/set_password/", ACTION, post=_set_password),
    ]
