"""What the runbook has operators do: a user, a forced sync, a token by `ak shell` (R1, R5, S3); --allow-writes only."""

from fixtures.doors.authentik import NOT_PERMITTED
from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import auth_route, server_environment
from fixtures.estate.places import forced_sync as sync_now
from fixtures.model.remedy import Command, Remedy, page, read
from fixtures.topics.minting.questions import TokenLife
from fixtures.topics.secrets.external_secrets import OPERATOR_PODS, RESTART_OPERATOR
from fixtures.topics.secrets.forced_sync import ANNOTATION, ForcedSync
from fixtures.topics.writes.questions import UserLife


@check(
    "SMOKE-WRITE-01",
    trouble="A user cannot be created and deleted through the API",
    claim="a user can be created through the API and is gone again afterwards",
    runbook="R1",
    blind="whether that user could log in: it is given no password, no group and no application",
    leaves="write",
    needs=("api",),
)
def test_user_is_created_and_gone(own_user: UserLife, estate: Estate) -> None:
    """A read-only database or a broken signal handler shows only when something is written."""
    name, answer = own_user.name, own_user.created
    users = page(estate.admin_page("identity/users"))
    assert answer.status == 201, because(
        f"Authentik does not create a user: {answer.summary}: {answer.beginning(300)}",
        remedy=Remedy(
            "the server's log says why; then create one by hand", _log_of(estate, estate.authentik.server), users
        ),
    )
    assert own_user.shown, because(
        f"Authentik says that it created {name} (201), and does not list that user",
        remedy=Remedy(
            "see whether two databases are behind the replicas",
            server_environment(estate),
            _log_of(estate, estate.authentik.server),
        ),
    )
    wrong = [key for user in own_user.shown for key, value in own_user.asked.items() if getattr(user, key) != value]
    assert not wrong, because(
        f"the user that was created has another {', '.join(wrong)} than was asked for",
        remedy=Remedy(
            "look for an expression or a blueprint that changes users", page(estate.admin_page("blueprints/instances"))
        ),
    )
    assert not own_user.left, because(
        f"Authentik says that it deleted the user {name}, and still lists it",
        remedy=Remedy(
            f"delete {name} by hand; the worker's log says why", _log_of(estate, estate.authentik.worker), users
        ),
    )


@check(
    "SMOKE-WRITE-02",
    trouble="An ExternalSecret does not sync when it is forced to",
    claim="forcing an ExternalSecret to sync moves its refresh time (within 30 s, unless the estate sets another)",
    runbook="R5",
    blind="the other ExternalSecrets: one is forced, the first declared one that can be",
    leaves="write",
    needs=("cluster",),
)
def test_forced_sync_is_followed(forced_sync: ForcedSync) -> None:
    """After a secret is rotated the runbook forces a sync; an operator that does not hear it keeps the old one."""
    name = forced_sync.name
    moved = forced_sync.after is not None and (forced_sync.before is None or forced_sync.after > forced_sync.before)
    assert moved, because(
        f"ExternalSecret {name} was annotated ({ANNOTATION}), and {forced_sync.waited:.0f} s later its refresh time is "
        f"still {forced_sync.after}: its operator does not hear of changes",
        remedy=Remedy(
            "read the operator's log, and start it anew",
            read(
                "kubectl -n {} get externalsecret {} -o jsonpath='{{.status.refreshTime}}'", name.namespace, name.name
            ),
            OPERATOR_PODS,
            RESTART_OPERATOR,
            sync_now(name),
        ),
    )


@check(
    "SMOKE-WRITE-03",
    trouble="No token can be made through the Django shell",
    claim="a token can be minted through the Django shell under the run's own identifier, works, and is gone "
    "afterwards; an existing `api-ops` is untouched",
    runbook="S3",
    blind="who else may exec into the server's pods: whoever can is Authentik's administrator",
    leaves="write",
    needs=("cluster",),
)
def test_minted_token_works_and_is_gone(own_token: TokenLife, estate: Estate) -> None:
    """It is how operators get in when no token works any more; one that cannot be taken away again is a hole."""
    name, used, after = own_token.identifier, own_token.used, own_token.after
    tokens = page(estate.admin_page("core/tokens"))
    username = (used.object.get("user") or {}).get("username")
    assert used.status == 200 and username == own_token.owner, because(  # noqa: PT018
        f"the token that was minted for {own_token.owner} is not accepted by the API: {used.summary}: "
        f"{used.object.get('detail', '')}",
        remedy=Remedy(
            f"see whether {own_token.owner} is active, and whether the shell writes to the database "
            "that the server reads",
            tokens,
        ),
    )
    assert not own_token.left, because(
        f"the token {name} was deleted in the shell, and is still there", remedy=Remedy("delete it by hand", tokens)
    )
    refused = after.object.get("detail", "")
    assert after.status == 403 and refused != NOT_PERMITTED, because(  # noqa: PT018
        f"the token {name} is deleted, and the API still accepts it: {after.summary}",
        remedy=Remedy(
            "Authentik looks each token up anew, so something in front of the API keeps answers: see what its routes "
            "pass through",
            tokens,
            auth_route(estate),
        ),
    )
    assert own_token.standing, because(
        "the token api-ops changed while the suite minted and deleted a token of its own",
        remedy=Remedy("see who else writes", page(estate.admin_page("events/log")), tokens),
    )


def _log_of(estate: Estate, workload: str) -> Command:
    return read("kubectl -n {} logs deploy/{} --tail=50", estate.authentik.namespace, workload)
