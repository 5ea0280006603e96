"""Faults of the API token and of what it may see (runbook S3, S4, S5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab import seeded
from lab.authentik.accounts import Role, Token, User
from lab.faults import fault
from lab.faults.rewriting import Tampering, at, where
from lab.world import World

_LISTS = (
    *("users", "groups", "tokens", "blueprints", "schedules", "workers", "events", "scope-mappings"),
    *("providers", "oauth-providers", "proxy-providers", "certificates", "outposts"),
)


def suite_token(world: World) -> Token:
    """The suite's API token."""
    return world.authentik.directory.tokens["sso-conformance-api"]


def _suite_user(world: World) -> User:
    return world.authentik.directory.users[suite_token(world).user]


def _suite_role(world: World) -> Role:
    return next(world.authentik.directory.roles_of(_suite_user(world)))


def amending_json(path: str, change: Callable[[Any], Any]) -> Tampering:
    """Change the JSON of answers to addresses below `path`."""

    def amend(_: Request, response: Response) -> Response:
        content = json.loads(bytes(response.body))
        return JSONResponse(change(content), response.status_code)

    return where(lambda request, response: request.url.path == path and response.status_code == 200, amend)


@fault(
    "api-token-rotated",
    known_from="Authentik rotates the key of an expired API token",
    turns_red=("SMOKE-API-01",),
    blocks=("FWD-HOST-02", "FWD-OUT", "FWD-ROUTE-04", "OIDC-AUTHZ", "OIDC-PROV", "SMOKE"),
)
def api_token_rotated(world: World) -> None:
    """Authentik changed the key of the suite's API token when it expired."""
    suite_token(world).key = "rotated-in-the-lab"


@fault(
    "api-token-expired",
    known_from="runbook R7",
    turns_red=("SMOKE-API-01",),
    blocks=("FWD-HOST-02", "FWD-OUT", "FWD-ROUTE-04", "OIDC-AUTHZ", "OIDC-PROV", "SMOKE"),
)
def api_token_expired(world: World) -> None:
    """The suite's API token expired an hour ago."""
    suite_token(world).expiring = True
    suite_token(world).expires = world.clock.now() - timedelta(hours=1)


@fault(
    "api-token-is-an-app-password",
    known_from="the API takes tokens of intent API only",
    turns_red=("SMOKE-API-01",),
    blocks=("FWD-HOST-02", "FWD-OUT", "FWD-ROUTE-04", "OIDC-AUTHZ", "OIDC-PROV", "SMOKE"),
)
def api_token_is_an_app_password(world: World) -> None:
    """The suite was given an app password in place of an API token."""
    suite_token(world).intent = "app_password"


@fault(
    "authorization-header-taken-away",
    known_from="proxies that authenticate by themselves",
    turns_red=("SMOKE-API-01",),
    blocks=("FWD-HOST-02", "FWD-OUT", "FWD-ROUTE-04", "OIDC-AUTHZ", "OIDC-PROV", "SMOKE"),
)
def authorization_header_taken_away(world: World) -> None:
    """A proxy in front of Authentik takes the Authorization header away."""

    def needs_token(request: Request, _: Response) -> bool:
        return at("/api/v3/")(request, _) and "authorization" in request.headers

    refusal = JSONResponse({"detail": "Authentication credentials were not provided."}, 403)
    world.authentik.tampering.append(where(needs_token, lambda _request, _response: refusal))


@fault(
    "api-token-without-users",
    known_from="a role made before the suite asked for users",
    turns_red=("SMOKE-API-02[users]",),
    blocks=("OIDC-PROV-09", "SMOKE-USER"),
)
def api_token_without_users(world: World) -> None:
    """The role of the suite's token lacks view_user, and the API shows an empty list of users."""
    _suite_role(world).permissions.discard("authentik_core.view_user")


@fault(
    "api-token-sees-its-own-tokens",
    known_from="lists with an owner show one's own",
    turns_red=("SMOKE-API-02[tokens]",),
    blocks=("SMOKE-API-03", "SMOKE-TOKEN-01"),
)
def api_token_sees_its_own_tokens(world: World) -> None:
    """The role of the suite's token lacks view_token, and the API lists its own tokens only."""
    _suite_role(world).permissions.discard("authentik_core.view_token")


@fault(
    "api-token-without-a-role",
    known_from="a token of a user without roles",
    turns_red=tuple(f"SMOKE-API-02[{name}]" for name in _LISTS),
    root="SMOKE-API-02",
    blocks=("FWD-HOST-02", "FWD-OUT", "FWD-ROUTE-04", "OIDC-AUTHZ", "OIDC-PROV", "SMOKE"),
)
def api_token_without_a_role(world: World) -> None:
    """The suite's service account lost its role: everything it asks is refused or shown empty."""
    world.authentik.directory.groups[_suite_user(world).groups[0]].roles.clear()


@fault(
    "api-list-in-part",
    known_from="Authentik counts before it filters",
    turns_red=("SMOKE-API-02[oauth-providers]",),
    blocks=("OIDC-AUTHZ", "OIDC-PROV", "SMOKE-PROV"),
)
def api_list_in_part(world: World) -> None:
    """The list of OAuth2 providers counts more than it shows."""

    def shorten(content: Any) -> Any:  # noqa: ANN401 - a JSON document
        return {**content, "results": content["results"][1:]}

    world.authentik.tampering.append(amending_json("/api/v3/providers/oauth2/", shorten))


@fault(
    "api-token-of-a-superuser",
    known_from="runbook S3 makes one for akadmin",
    turns_red=("SMOKE-API-03",),
    warns=True,
)
def api_token_of_a_superuser(world: World) -> None:
    """The suite's service account was put into the administrators' group."""
    admins = seeded.group(world, "authentik Admins")
    _suite_user(world).groups.append(admins.pk)


@fault(
    "api-token-ends-soon",
    known_from="runbook R7",
    turns_red=("SMOKE-API-03", "SMOKE-TOKEN-01"),
    warns=True,
    other_roots=("SMOKE-TOKEN-01",),
)
def api_token_ends_soon(world: World) -> None:
    """The suite's API token expires in three days."""
    suite_token(world).expiring = True
    suite_token(world).expires = world.clock.now() + timedelta(days=3)
