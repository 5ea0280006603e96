"""Users and groups of Authentik (runbook S5, R2, D12)."""

from fixtures.engine.checks import because, check
from fixtures.engine.subjects import refuse_unsaid
from fixtures.estate.estate import Estate
from fixtures.exchange.api_objects import ApiGroup, ApiUser
from fixtures.model.kinds import USER_MISSING
from fixtures.model.remedy import Remedy, page
from fixtures.topics.users.rules import (
    active_superusers,
    activity_complaints,
    administrators,
    declared_users,
    machine_users,
    make_administrator,
    membership_complaints,
    missing_users,
    said_missing,
)


@check(
    "SMOKE-USER-01",
    trouble="An administrator or a declared user is missing",
    claim="at least one active superuser exists (warned when no person is one but the bootstrap user); declared users "
    "exist and are active",
    runbook="S5",
    blind="that they know their passwords, or that their second factors work",
    needs=("api",),
)
def test_people_are_there(users: list[ApiUser], estate: Estate) -> None:
    """Nobody can repair an Authentik without an active superuser; a login check needs its user."""
    declared = declared_users(estate)
    absent = missing_users((user.username for user in declared), users)
    cause, way_out = said_missing(estate, absent)
    assert not absent, because(cause, remedy=way_out, kind=USER_MISSING)
    users_page, bootstrap = page(estate.admin_page("identity/users")), estate.authentik.bootstrap_user
    superusers, people = active_superusers(users), administrators(users)
    assert superusers, because(
        "no active user is a superuser: nobody can administer Authentik", remedy=make_administrator(estate, users)
    )
    wrong = activity_complaints(declared, users)
    assert not wrong, because(
        "; ".join(wrong),
        remedy=Remedy("make it so, if that is still meant; else correct `active` in the estate file", users_page),
    )
    assert people, because(
        f"no active superuser is a person ({', '.join(superusers)}): nobody can administer Authentik by a login",
        remedy=make_administrator(estate, users),
        severity="warning",
    )
    assert people != [bootstrap], because(
        f"{bootstrap} is the only active superuser who is a person: whoever has its password acts under no name of "
        "their own",
        remedy=Remedy("add a person to a group of superusers", users_page),
        severity="warning",
    )
    refuse_unsaid(
        estate, "users", "users", "which users must exist", 'add to the estate file: [[users]] username = "…"'
    )


@check(
    "SMOKE-USER-02",
    trouble="A declared group is missing, or has other members",
    claim="declared groups exist with the declared members",
    runbook="R2",
    blind="members beyond the declared ones, and memberships through parent groups",
    needs=("api",),
)
def test_groups_have_their_members(users: list[ApiUser], groups: list[ApiGroup], estate: Estate) -> None:
    """Policies and applications decide by group: who fell out of one is refused without an error anywhere."""
    wrong = membership_complaints(estate.groups, estate.users, users, groups)
    assert not wrong, because(
        "; ".join(wrong),
        remedy=Remedy(
            "add them (a blueprint may keep it), or correct the file", page(estate.admin_page("identity/groups"))
        ),
    )
    refuse_unsaid(
        estate, "groups", "groups", "which groups must exist", 'add to the estate file: [[groups]] name = "…"'
    )


@check(
    "SMOKE-USER-03",
    trouble="Client credentials have left users behind",
    claim="no `ak-…-client_credentials` user that the file does not allow (a warning)",
    runbook="D12",
    blind="what such a user was used for; Authentik's events tell it",
    needs=("api",),
)
def test_no_strange_machine_users(users: list[ApiUser], estate: Estate) -> None:
    """The runbook's own client_credentials request leaves such a user behind; the next one looks like an intruder's."""
    found = machine_users(users, estate.allowed_client_credentials_users)
    assert not found, because(
        f"client_credentials made {', '.join(found)}: a machine uses that provider, or somebody tried it",
        remedy=Remedy(
            "where no machine is to use that provider, delete it (it comes back as long as one does); else add it to "
            "allowed_client_credentials_users",
            page(estate.admin_page("identity/users")),
            page(estate.admin_page("events/log")),
        ),
        severity="warning",
    )
