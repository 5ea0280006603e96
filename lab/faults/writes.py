"""Faults that show only when something is written (runbook R1, R5, S3, D12)."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.authentik.accounts import User
from lab.cluster.resources import Resource
from lab.cluster.state import Object
from lab.faults import fault
from lab.faults.rewriting import where
from lab.world import World

ALLOWED = ("--allow-writes",)


@fault(
    "user-not-created",
    known_from="a database that ran out of disk",
    turns_red=("SMOKE-WRITE-01",),
    options=ALLOWED,
    blocks=("OIDC-TOKEN-05",),
)
def user_not_created(world: World) -> None:
    """Authentik reads as ever, and answers 500 to whoever wants to create a user: its database takes no writes."""
    directory = world.authentik.directory

    def creates(request: Request, _: Response) -> bool:
        return request.method == "POST" and request.url.path == "/api/v3/core/users/"

    failed = JSONResponse({"detail": "cannot execute INSERT in a read-only transaction"}, 500)
    directory.add_user = lambda user: user  # type: ignore[method-assign]
    world.authentik.tampering.append(where(creates, lambda _request, _response: failed))


@fault(
    "user-never-listed",
    known_from="a read replica that lags",
    turns_red=("SMOKE-WRITE-01",),
    options=ALLOWED,
    blocks=("OIDC-TOKEN-05",),
)
def user_never_listed(world: World) -> None:
    """Authentik says 201, and the user is nowhere: it reads from a replica that no longer follows."""
    world.authentik.directory.add_user = lambda user: user  # type: ignore[method-assign]


@fault(
    "user-not-deleted",
    known_from="a read replica that lags",
    turns_red=("SMOKE-WRITE-01",),
    options=ALLOWED,
    blocks=("OIDC-TOKEN-05",),
)
def user_not_deleted(world: World) -> None:
    """Authentik says 204 to a deletion, and the user stays."""

    def keep(user: User) -> None:
        return None

    world.authentik.directory.remove_user = keep  # type: ignore[method-assign]


@fault("operator-deaf", known_from="an operator whose watch broke off", turns_red=("SMOKE-WRITE-02",), options=ALLOWED)
def operator_deaf(world: World) -> None:
    """External Secrets Operator refreshes by the clock, but hears of no change any more: its watch broke off."""
    controllers = world.cluster.reconcilers
    hearing = list(controllers)

    def started_anew(resource: Resource, obj: Object) -> None:
        """A controller that starts lists everything and watches from there (client-go's reflector)."""
        if resource.plural == "deployments" and obj["metadata"]["namespace"] == "external-secrets":
            controllers[:] = hearing

    controllers[:] = [started_anew]


@fault("minted-token-unknown", known_from="a read replica that lags", turns_red=("SMOKE-WRITE-03",), options=ALLOWED)
def minted_token_unknown(world: World) -> None:
    """The shell writes into the database, the server reads from a replica that stopped following this morning."""
    directory = world.authentik.directory
    bearer, known = directory.bearer, set(directory.tokens)

    def of_this_morning(key: str, now: datetime, intent: str = "api") -> User | None:
        there = any(token.key == key for name, token in directory.tokens.items() if name in known)
        return bearer(key, now, intent) if there else None

    directory.bearer = of_this_morning  # type: ignore[method-assign]


@fault(
    "deleted-token-accepted", known_from="a cache in front of an API", turns_red=("SMOKE-WRITE-03",), options=ALLOWED
)
def deleted_token_accepted(world: World) -> None:
    """A cache keeps whose a token is; after the token was deleted it still opens the API."""
    directory = world.authentik.directory
    bearer = directory.bearer
    kept: dict[str, User | None] = {}

    def cached(key: str, now: datetime, intent: str = "api") -> User | None:
        kept[key] = bearer(key, now, intent) or kept.get(key)
        return kept[key]

    directory.bearer = cached  # type: ignore[method-assign]


@fault("machine-users-deactivated", known_from="a hardening rule", turns_red=("OIDC-TOKEN-05",), options=ALLOWED)
def machine_users_deactivated(world: World) -> None:
    """A rule of the installation deactivates each service account as it appears: client_credentials is refused."""
    directory = world.authentik.directory
    add = directory.add_user

    def deactivated(user: User) -> User:
        user.is_active = user.type != "service_account"
        return add(user)

    directory.add_user = deactivated  # type: ignore[method-assign]
