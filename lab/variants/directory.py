"""Accounts, groups, tokens and rights that look like trouble (runbook S3, S5, R2, R7, D12)."""

from __future__ import annotations

from datetime import timedelta

from lab import seeded
from lab.authentik.accounts import Group, Role, Token, User, stable_uuid
from lab.authentik.directory import Directory
from lab.authentik.providers import Application, Claims, PolicyBinding
from lab.faults.api import suite_token
from lab.faults.directory import replace_bootstrap_key
from lab.variants import variant
from lab.world import World


def _new_user(world: World, username: str, kind: str = "internal", **settings: bool | list[str]) -> User:
    """One more account, as many as Authentik has that no estate file names."""
    directory = world.authentik.directory
    user = User(directory.next_user_pk(), username, username, world.clock.now(), type=kind, **settings)  # type: ignore[arg-type]
    directory.add_user(user)
    return user


def _new_group(world: World, name: str, *, is_superuser: bool = False) -> Group:
    group = Group(stable_uuid("group", name), name, is_superuser=is_superuser)
    world.authentik.directory.groups[group.pk] = group
    return group


@variant("api-token-ends-in-a-month", of=("api-token-ends-soon",))
def api_token_ends_in_a_month(world: World) -> None:
    """The suite's API token expires in thirty days: time enough for whoever renews it."""
    suite_token(world).expiring = True
    suite_token(world).expires = world.clock.now() + timedelta(days=30)


@variant("api-token-with-a-second-role", of=("api-token-without-users",))
def api_token_with_a_second_role(world: World) -> None:
    """The suite's service account has another role besides its own, which lets it read flows."""
    directory = world.authentik.directory
    role = Role(stable_uuid("role", "flow readers"), "flow readers", {"authentik_flows.view_flow"})
    directory.roles[role.pk] = role
    directory.users[suite_token(world).user].roles.append(role.pk)


@variant("second-superuser-group", of=("no-superuser-left",))
def second_superuser_group(world: World) -> None:
    """There are two groups of superusers, and the second one is empty."""
    _new_group(world, "break-glass", is_superuser=True)


@variant(
    "service-account-among-superusers", of=("service-account-alone", "bootstrap-user-deactivated-and-no-other-left")
)
def service_account_among_superusers(world: World) -> None:
    """A service account is a superuser beside people, and one of them is deactivated."""
    group = _new_group(world, "automation", is_superuser=True)
    _new_user(world, "terraform", kind="service_account", groups=[group.pk])
    _new_user(world, "administrator-who-left", groups=[group.pk], is_active=False)


@variant("administrator-besides-the-bootstrap-user", of=("bootstrap-user-alone",))
def administrator_besides_the_bootstrap_user(world: World) -> None:
    """The bootstrap user is a superuser by a group of its own too; alice still is one."""
    akadmin = seeded.user(world, "akadmin")
    akadmin.groups.append(_new_group(world, "bootstrap", is_superuser=True).pk)


@variant("user-that-left", of=("user-active-again",))
def user_that_left(world: World) -> None:
    """Somebody whom the estate file does not name left, and was deactivated."""
    _new_user(world, "dave", is_active=False)


@variant("group-that-is-not-declared", of=("group-deleted",))
def group_that_is_not_declared(world: World) -> None:
    """A group that the estate file does not name has come into being."""
    _new_group(world, "book-club")


@variant("member-of-a-group-more", of=("group-member-lost",))
def member_of_a_group_more(world: World) -> None:
    """Alice is in one more group, which the estate file does not name."""
    alice = seeded.user(world, "alice")
    alice.groups.append(_new_group(world, "on-call").pk)


@variant("service-account-of-an-integration", of=("client-credentials-user",))
def service_account_of_an_integration(world: World) -> None:
    """A service account whose name begins like those of client_credentials, but is somebody's choice."""
    _new_user(world, "ak-backup", "service_account")


@variant("token-for-an-hour", of=("token-nobody-knows",))
def token_for_an_hour(world: World) -> None:
    """A token made by hand, which nobody declares, ends by itself in an hour."""
    akadmin = seeded.user(world, "akadmin")
    token = Token("by-hand", akadmin.pk, world.secrets.client_secret("token by-hand"), expiring=True)
    token.expires = world.clock.now() + timedelta(hours=1)
    world.authentik.directory.tokens[token.identifier] = token


@variant("grafana-for-developers-and-admins", of=("grafana-denied-by-policy",))
def grafana_for_developers_and_admins(world: World) -> None:
    """Grafana's application is bound to two groups, and the probe user is in one of them."""
    groups = [world.authentik.directory.group(name) for name in ("platform-admins", "developers")]
    world.authentik.applications["grafana"].bindings = [
        PolicyBinding(stable_uuid("binding", f"{group.name} of grafana"), group=group.pk) for group in groups if group
    ]


@variant("sympozium-bound-once-more", of=("sympozium-open-to-everybody",))
def sympozium_bound_once_more(world: World) -> None:
    """Sympozium is bound to one more user, and bob is still not among those who may."""
    alice = seeded.user(world, "alice")
    binding = PolicyBinding(stable_uuid("binding", "alice of sympozium"), user=alice.pk)
    world.authentik.applications["sympozium"].bindings.append(binding)


@variant("infisical-bound-by-a-disabled-binding-too", of=("infisical-open-to-everybody",))
def infisical_bound_by_a_disabled_binding_too(world: World) -> None:
    """Infisical has a binding that lets bob in, but it is disabled."""
    bob = seeded.user(world, "bob")
    binding = PolicyBinding(stable_uuid("binding", "bob of infisical"), user=bob.pk, enabled=False)
    world.authentik.applications["infisical"].bindings.append(binding)


@variant("declared-token-renewed-since", of=("declared-token-got-another-key",))
def declared_token_renewed_since(world: World) -> None:
    """The bootstrap token expired forty days ago and got another key; somebody took that, and set an end next year."""
    token = replace_bootstrap_key(world, world.clock.now() - timedelta(days=40))
    token.expires = world.clock.now() + timedelta(days=300)


@variant("groups-filtered-by-an-expression", of=("groups-claim-missing",))
def groups_filtered_by_an_expression(world: World) -> None:
    """The profile mapping passes on those groups alone that applications know of; the probe user is in none of them."""
    mapping = world.authentik.scope_mappings[stable_uuid("scope", "profile")]
    whole = mapping.evaluate

    def filtered(directory: Directory, user: User, application: Application | None) -> Claims:
        claims = whole(directory, user, application)
        return {
            **claims,
            "groups": [name for name in claims.get("groups", ()) if name in ("platform-admins", "devops")],
        }

    mapping.evaluate = filtered
