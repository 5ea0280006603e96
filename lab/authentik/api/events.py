"""/events/events/: the audit log."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Final

from starlette.routing import Route

from lab.authentik.api import completion
from lab.authentik.api.call import Body, Call, Reply, invalid, moment
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, contains, one_of
from lab.authentik.audit_log import record_event
from lab.authentik.operations import BRAND, Event
from lab.world import World

# The installation's event_retention.
_RETENTION: Final = timedelta(days=365)


def _body(_: Call, event: Event) -> Body:
    return {
        "pk": event.pk,
        "user": event.user,
        "action": event.action,
        "app": event.app,
        "context": event.context,
        "client_ip": event.client_ip,
        "created": moment(event.created),
        "expires": moment(event.created + _RETENTION),
        "brand": BRAND,
    }


def _context_model(event: Event, name: str) -> str:
    return str(event.context.get("model", {}).get(name, ""))


_LISTING: Final = Listing[Event](
    shape=_body,
    rows=lambda call: call.visible("authentik_events.view_event", call.operations.events),
    order=("created", "action", "app", "client_ip"),
    default="-created",
    computed={"user": lambda event: str(event.user.get("username"))},
    filters={
        "action": contains("action"),
        "actions": one_of("action"),
        "username": contains(lambda event: str(event.user.get("username", ""))),
        "client_ip": contains("client_ip"),
        "context_model_name": contains(lambda event: _context_model(event, "model_name")),
        "context_model_app": contains(lambda event: _context_model(event, "app")),
    },
    search=("action", "app", lambda event: str(event.context)),
    autocomplete=completion.events,
    model="Event",
)


def _create(call: Call) -> Reply:
    call.require("authentik_events.add_event")
    data = call.data
    lacking = {name: ["This field is required."] for name in ("action", "app") if name not in data}
    if lacking:
        raise invalid(**lacking)
    client_ip = str(data.get("client_ip") or "")
    try:
        ipaddress.ip_address(client_ip or "127.0.0.1")
    except ValueError:
        raise invalid(client_ip=["Enter a valid IPv4 or IPv6 address."]) from None
    event = record_event(
        call.world, str(data["action"]), str(data["app"]), context=data.get("context"), client_ip=client_ip
    )
    event.user = data.get("user", {})
    return Reply(_body(call, event), 201)


def _actions(_: Call) -> Reply:
    rest = {"model_name": "", "requires_enterprise": False, "deprecated": False}
    return Reply(
        [
            {"name": name, "description": "", "component": action, **rest}
            for action, name in completion.EVENT_ACTIONS.items()
        ]
    )


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "events/events/", LIST, get=_LISTING.all, post=_create),
        endpoint(world, "events/events/actions/", READ, get=_actions),
        endpoint(world, "events/events/{pk}/", DETAIL, get=_LISTING.detail),
    ]
