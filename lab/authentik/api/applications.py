"""/core/applications/: listed as far as the caller may use them, and who may use one."""

from __future__ import annotations

import re
import uuid
from typing import Final
from urllib.parse import urlsplit

from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, invalid, missing
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, same
from lab.authentik.api.provider_bodies import common_body
from lab.authentik.directory import User
from lab.authentik.providers import Application, OAuth2Provider, ProxyProvider
from lab.world import World

_BAD_SLUG: Final = "Enter a valid \u201cslug\u201d consisting of letters, numbers, underscores or hyphens."


def _launch_url(application: Application, provider: OAuth2Provider | None) -> str | None:
    if application.meta_launch_url:
        return application.meta_launch_url
    if isinstance(provider, ProxyProvider):
        return provider.external_host
    first = next(iter(provider.redirect_uris), None) if provider else None
    if first is None:
        return None
    try:
        parts = urlsplit(first.url)
    except ValueError:
        # authentik/providers/oauth2/models.py, launch_url: what cannot be taken apart has none.
        return None
    return f"{parts.scheme}://{parts.netloc}"


def _body(call: Call, application: Application) -> Body:
    provider = call.state.providers.get(application.provider or 0)
    return {
        "pk": application.pk,
        "name": application.name,
        "slug": application.slug,
        "provider": provider.pk if provider else None,
        "provider_obj": common_body(call, provider) if provider else None,
        "backchannel_providers": [],
        "backchannel_providers_obj": [],
        "launch_url": _launch_url(application, provider),
        "open_in_new_tab": application.open_in_new_tab,
        "meta_launch_url": application.meta_launch_url,
        "meta_icon": application.meta_icon,
        "meta_icon_url": application.meta_icon or None,
        "meta_icon_themed_urls": None,
        "meta_description": application.meta_description,
        "meta_publisher": application.meta_publisher,
        "policy_engine_mode": application.policy_engine_mode,
        "group": application.group,
        **call.state.release.application_fields,
    }


_LISTING: Final = Listing[Application](
    shape=_body,
    rows=lambda call: call.visible("authentik_core.view_application", call.state.applications.values()),
    order=("name", "slug"),
    filters=same("name", "slug", "group", "meta_launch_url"),
    search=("name", "slug", "meta_launch_url"),
    model="Application",
    key="slug",
)


def _passes(call: Call, application: Application, user: User) -> bool:
    return call.state.rules.may_use(call.directory, application, user)


def _list(call: Call) -> Reply:
    # Anybody may ask; policies thin the page out after it was counted.
    rows = list(call.state.applications.values())
    if call.is_superuser and call.query("superuser_full_list").lower() == "true":
        return _LISTING.page(call, rows)
    user = _of_whom(call)
    return _LISTING.page(call, rows, keep=lambda application: _passes(call, application, user))


def _of_whom(call: Call) -> User:
    # authentik/core/api/applications.py, list(): for_user takes a permission, and whoever lacks it finds no such user.
    asked = call.query("for_user")
    if not asked:
        return call.user
    user = call.directory.users.get(int(asked)) if asked.isdecimal() else None
    if user is None or not call.may("authentik_core.view_user_applications"):
        raise invalid(for_user="User not found")
    return user


def _create(call: Call) -> Reply:
    call.require("authentik_core.add_application")
    data = call.data
    errors: Body = {name: ["This field is required."] for name in ("name", "slug") if name not in data}
    slug = str(data.get("slug", ""))
    if slug and not re.fullmatch(r"[-\w]+", slug, re.ASCII):
        errors["slug"] = [_BAD_SLUG]
    elif slug in call.state.applications:
        errors["slug"] = ["Application with this slug already exists."]
    if errors:
        raise invalid(**errors)
    application = Application(str(uuid.uuid4()), str(data["name"]), slug, data.get("provider"))
    call.state.applications[slug] = application
    return Reply(_body(call, application), 201)


def _delete(call: Call) -> Reply:
    application = _LISTING.one(call)
    call.require("authentik_core.delete_application")
    del call.state.applications[application.slug]
    return Reply(None, 204)


def _judged(call: Call) -> User:
    # Asked about somebody else by anyone but a superuser, Authentik answers about the caller.
    asked = call.query("for_user")
    if not asked or not call.is_superuser:
        return call.user
    user = call.directory.users.get(int(asked)) if asked.isdecimal() else None
    if user is None:
        raise invalid(for_user="User not found")
    return user


def _check_access(call: Call) -> Reply:
    application = call.state.applications.get(call.argument("slug"))
    if application is None:
        raise missing("Application")
    passing = _passes(call, application, _judged(call))
    return Reply({"passing": passing, "messages": [], "log_messages": []})


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "core/applications/", LIST, get=_list, post=_create),
        endpoint(world, "core/applications/{slug}/", DETAIL, get=_LISTING.detail, delete=_delete),
        endpoint(world, "core/applications/{slug}/check_access/", READ, get=_check_access),
    ]
