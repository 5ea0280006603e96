"""/core/tokens/: everybody sees their own; a key only ever through view_key, which leaves an event."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from starlette.routing import Route

from lab.authentik.api.call import Body, Call, Reply, invalid, moment
from lab.authentik.api.endpoint import DETAIL, LIST, READ, endpoint
from lab.authentik.api.listing import Listing, one_of, same, truth
from lab.authentik.api.users import user_body
from lab.authentik.directory import Token, User
from lab.authentik.oidc.issuing import random_text
from lab.world import World

_INTENTS: Final = ("verification", "api", "recovery", "app_password")
# The installation's default_token_duration and default_token_length.
_DURATION: Final = timedelta(minutes=30)
_LENGTH: Final = 60


def _body(call: Call, token: Token) -> Body:
    owner = call.directory.users.get(token.user)
    return {
        "pk": token.pk,
        "managed": token.managed,
        "identifier": token.identifier,
        "intent": token.intent,
        "user": token.user,
        "user_obj": user_body(call, owner) if owner else None,
        "description": token.description,
        "expires": moment(token.expires),
        "expiring": token.expiring,
    }


def _rows(call: Call) -> list[Token]:
    tokens = call.directory.tokens.values()
    return call.visible("authentik_core.view_token", tokens, owner=lambda token: token.user)


_LISTING: Final = Listing[Token](
    shape=_body,
    rows=_rows,
    order=("identifier", "intent", "expiring"),
    computed={
        "expires": lambda token: token.expires.timestamp() if token.expires else 0,
        "managed": lambda token: token.managed or "",
    },
    filters=same("identifier", "description", "managed") | {"intent": one_of("intent"), "expiring": truth("expiring")},
    search=("identifier", "intent", "description"),
    model="Token",
    key="identifier",
)


def _list(call: Call) -> Reply:
    rows, username = _rows(call), call.query("user__username")
    if username:
        owner = call.directory.user(username)
        rows = [token for token in rows if owner is not None and token.user == owner.pk]
    return _LISTING.page(call, rows)


def _owner(call: Call) -> User:
    asked = call.data.get("user")
    if asked is None or not call.is_superuser:
        return call.user
    if asked not in call.directory.users:
        raise invalid(user=[f'Invalid pk "{asked}" - object does not exist.'])
    return call.directory.users[asked]


def _create(call: Call) -> Reply:
    call.require("authentik_core.add_token")
    identifier = str(call.data.get("identifier", ""))
    if not identifier:
        raise invalid(identifier=["This field is required."])
    if identifier in call.directory.tokens:
        raise invalid(identifier=["Token with this identifier already exists."])
    intent = call.data.get("intent", "app_password")
    if intent not in _INTENTS:
        raise invalid(intent=[f'"{intent}" is not a valid choice.'])
    key = random_text(_LENGTH)
    token = Token(identifier, _owner(call).pk, key, intent, pk=str(uuid.uuid4()))
    token.description = str(call.data.get("description", ""))
    token.expiring = bool(call.data.get("expiring", True))
    # API tokens get the installation's default; only then may a caller choose.
    token.expires = call.now + _DURATION
    call.directory.tokens[identifier] = token
    return Reply(_body(call, token), 201)


def _delete(call: Call) -> Reply:
    token = _LISTING.one(call)
    if token.user != call.user.pk:
        call.require("authentik_core.delete_token")
    del call.directory.tokens[token.identifier]
    return Reply(None, 204)


def _view_key(call: Call) -> Reply:
    token = _LISTING.one(call)
    call.require("authentik_core.view_token_key")
    secret = {
        "pk": token.pk.replace("-", ""),
        "app": "authentik_core",
        "name": token.identifier,
        "model_name": "token",
    }
    call.exchange.record("secret_view", "authentik.core.api.tokens", user=call.user, secret=secret)
    return Reply({"key": token.key})


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [
        endpoint(world, "core/tokens/", LIST, get=_list, post=_create),
        endpoint(world, "core/tokens/{identifier}/", DETAIL, get=_LISTING.detail, delete=_delete),
        endpoint(world, "core/tokens/{identifier}/view_key/", READ, get=_view_key),
    ]
