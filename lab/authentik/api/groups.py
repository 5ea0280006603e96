"""/core/groups/."""

from __future__ import annotations

import uuid
from typing import Final

from starlette.routing import Route

from lab.authentik.api import completion
from lab.authentik.api.call import Body, Call, Reply, invalid, moment
from lab.authentik.api.endpoint import DETAIL, LIST, endpoint
from lab.authentik.api.listing import Listing, same, truth
from lab.authentik.api.users import role_object
from lab.authentik.directory import Group, User
from lab.world import World


def _member(user: User) -> Body:
    return {
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.is_active,
        "last_login": moment(user.last_login),
        "email": user.email,
        "attributes": user.attributes,
        "uid": user.uid,
    }


def _body(call: Call, group: Group) -> Body:
    directory = call.directory
    members = directory.members(group)
    with_users = call.query("include_users", "true").lower() != "false"
    children = [other.pk for other in directory.groups.values() if group.pk in other.parents]
    return {
        "pk": group.pk,
        "num_pk": group.num_pk,
        "name": group.name,
        "is_superuser": group.is_superuser,
        "parents": group.parents,
        "parents_obj": None,
        "users": [user.pk for user in members],
        "users_obj": [_member(user) for user in members] if with_users else None,
        "attributes": group.attributes,
        "roles": group.roles,
        "roles_obj": [role_object(directory.roles[pk]) for pk in group.roles if pk in directory.roles],
        "inherited_roles_obj": None,
        "children": children,
        "children_obj": None,
    }


_LISTING: Final = Listing[Group](
    shape=_body,
    rows=lambda call: call.visible("authentik_core.view_group", call.directory.groups.values()),
    order=("name", "is_superuser"),
    filters=same("name") | {"is_superuser": truth("is_superuser")},
    search=("name",),
    autocomplete=completion.groups,
    model="Group",
)


def _create(call: Call) -> Reply:
    call.require("authentik_core.add_group")
    name = call.data.get("name")
    if not name:
        raise invalid(name=["This field is required."])
    if call.directory.group(str(name)) is not None:
        raise invalid(name=["Group with this name already exists."])
    group = Group(str(uuid.uuid4()), str(name), attributes=call.data.get("attributes", {}))
    call.directory.groups[group.pk] = group
    return Reply(_body(call, group), 201)


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "core/groups/", LIST, get=_LISTING.all, post=_create),
        endpoint(world, "core/groups/{pk}/", DETAIL, get=_LISTING.detail),
    ]
