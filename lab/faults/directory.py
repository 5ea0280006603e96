"""Faults of users, groups and tokens (runbook S5, R2, R7, D12)."""

from __future__ import annotations

from datetime import datetime, timedelta

from lab import seeded
from lab.authentik.accounts import Group, Token, User
from lab.authentik.audit_log import record_event
from lab.faults import fault
from lab.world import World


@fault("no-superuser-left", known_from="a group blueprint without is_superuser", turns_red=("SMOKE-USER-01",))
def no_superuser_left(world: World) -> None:
    """The administrators' group makes nobody a superuser any more."""
    seeded.group(world, "authentik Admins").is_superuser = False


@fault(
    "bootstrap-user-alone",
    known_from="everybody shares akadmin's password",
    turns_red=("SMOKE-USER-01",),
    warns=True,
)
def bootstrap_user_alone(world: World) -> None:
    """Only the bootstrap user is a superuser: the administrators' group lost that right, its own group has it."""
    own = Group("5c3f0f0e-6f52-4a54-9f9c-6a2f5d0d7a11", "bootstrap", is_superuser=True)
    world.authentik.directory.groups[own.pk] = own
    seeded.user(world, "akadmin").groups.append(own.pk)
    seeded.group(world, "authentik Admins").is_superuser = False


@fault(
    "bootstrap-user-deactivated-and-no-other-left",
    known_from="hardening: the bootstrap user is deactivated; then a group blueprint without is_superuser",
    turns_red=("SMOKE-TOKEN-01", "SMOKE-USER-01"),
    other_roots=("SMOKE-USER-01",),
)
def bootstrap_user_deactivated_and_no_other_left(world: World) -> None:
    """The bootstrap user is deactivated, and the administrators' group makes nobody a superuser any more."""
    seeded.user(world, "akadmin").is_active = False
    seeded.group(world, "authentik Admins").is_superuser = False


@fault("service-account-alone", known_from="a bot among the superusers", turns_red=("SMOKE-USER-01",), warns=True)
def service_account_alone(world: World) -> None:
    """The administrators' group makes nobody a superuser any more; Terraform's account is one by a group of its own."""
    own = Group("0d7f2e54-9c1b-4f7e-8a55-3f8f1d6a9c20", "terraform", is_superuser=True)
    world.authentik.directory.groups[own.pk] = own
    pk, now = world.authentik.directory.next_user_pk(), world.clock.now()
    world.authentik.directory.add_user(User(pk, "terraform", "terraform", now, type="service_account", groups=[own.pk]))
    seeded.group(world, "authentik Admins").is_superuser = False


@fault("user-deleted", known_from="runbook S5", turns_red=("SMOKE-USER-01",))
def user_deleted(world: World) -> None:
    """A declared user was deleted."""
    world.authentik.directory.remove_user(seeded.user(world, "carol"))


@fault("user-active-again", known_from="an import that re-activates everybody", turns_red=("SMOKE-USER-01",))
def user_active_again(world: World) -> None:
    """A user who left, and was deactivated, is active again."""
    seeded.user(world, "carol").is_active = True


@fault("group-member-lost", known_from="a group blueprint that replaces members", turns_red=("SMOKE-USER-02",))
def group_member_lost(world: World) -> None:
    """Alice fell out of the group devops."""
    seeded.user(world, "alice").groups.remove(seeded.group(world, "devops").pk)


@fault("group-deleted", known_from="runbook R2", turns_red=("SMOKE-USER-02",))
def group_deleted(world: World) -> None:
    """The group devops does not exist any more."""
    del world.authentik.directory.groups[seeded.group(world, "devops").pk]


@fault("client-credentials-user", known_from="runbook D12", turns_red=("SMOKE-USER-03",), warns=True)
def client_credentials_user(world: World) -> None:
    """Somebody ran the runbook's client_credentials request, which left a user behind."""
    directory = world.authentik.directory
    name = "ak-Grafana-client_credentials"
    user = User(directory.next_user_pk(), name, name, world.clock.now(), type="service_account")
    directory.add_user(user)


@fault("declared-token-expired", known_from="runbook R7", turns_red=("SMOKE-TOKEN-01",))
def declared_token_expired(world: World) -> None:
    """The bootstrap token expired yesterday."""
    token = world.authentik.directory.tokens["authentik-bootstrap-token"]
    token.expiring, token.expires = True, world.clock.now() - timedelta(days=1)


@fault(
    "declared-token-got-another-key",
    known_from="facts/measured-2026.8.md; Authentik's core/models.py: Token.expire_action",
    turns_red=("SMOKE-TOKEN-01",),
)
def declared_token_got_another_key(world: World) -> None:
    """The bootstrap token expired ten minutes ago: a task gave it another key and another end, and noted that."""
    replace_bootstrap_key(world, world.clock.now() - timedelta(minutes=10))


def replace_bootstrap_key(world: World, at: datetime) -> Token:
    """What the clean-up of expired objects makes of the bootstrap token: as Authentik's Token.expire_action does."""
    identifier = "authentik-bootstrap-token"
    token = world.authentik.directory.tokens[identifier]
    token.key = world.secrets.client_secret(f"{identifier} after it expired")
    token.expiring, token.expires = True, at + timedelta(minutes=30)
    # Read in its source: `name` is what Token.__str__ says, with the new end; the context has the message besides.
    said = f"{identifier} (expires={token.expires})"
    about = {"pk": token.pk.replace("-", ""), "app": "authentik_core", "name": said, "model_name": "token"}
    context = {"token": about, "message": f"Token {identifier}'s secret was rotated."}
    record_event(world, "secret_rotate", "authentik.core.models", context=context, at=at)
    return token


@fault("declared-token-of-somebody-else", known_from="runbook R7", turns_red=("SMOKE-TOKEN-01",))
def declared_token_of_somebody_else(world: World) -> None:
    """The bootstrap token belongs to a user who left."""
    world.authentik.directory.tokens["authentik-bootstrap-token"].user = seeded.user(world, "carol").pk


@fault(
    "token-nobody-knows",
    known_from="runbook S3 makes api-ops without expiry",
    turns_red=("SMOKE-TOKEN-01",),
    warns=True,
)
def token_nobody_knows(world: World) -> None:
    """A token made by hand lives on without end, and nobody declares it."""
    secret = world.secrets.client_secret("token api-ops")
    world.authentik.directory.tokens["api-ops"] = Token("api-ops", seeded.user(world, "akadmin").pk, secret)
