"""The API token, and what it may see (runbook S3, S4, S5)."""

from fixtures.doors.authentik import lacks
from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import roles_page, server_log, users_page
from fixtures.estate.sources import MintCredential
from fixtures.exchange.answers import Answer
from fixtures.exchange.api_objects import ApiObject, ApiToken
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotVerified
from fixtures.topics.api.questions import Identity
from fixtures.topics.api.rules import ApiList, hidden, why_refused
from fixtures.topics.operations.rules import server_time
from fixtures.topics.users.rules import expiring_soon


@check(
    "SMOKE-API-01",
    trouble="Authentik's API refuses the token",
    claim="the API accepts the token",
    runbook="S3",
    blind="that the token may see what the other checks judge (SMOKE-API-02)",
    needs=("api",),
)
def test_token_is_accepted(api_identity: Identity, estate: Estate) -> None:
    """Missing, expired and powerless tokens are all 403; only the detail tells them apart."""
    answer = api_identity.answer
    detail = str(answer.object.get("detail", ""))
    why, remedy = why_refused(estate, detail)
    assert answer.status not in (401, 403), because(
        f"Authentik's API does not accept the token: {why} ({answer.status}: {detail or answer.summary})", remedy=remedy
    )
    assert api_identity.user.username, because(
        f"Authentik's API does not say who the token is: {answer.summary}",
        remedy=Remedy(
            "read the server's log, and look at what answers in its place",
            server_log(estate),
        ),
    )


@check(
    "SMOKE-API-02",
    trouble="The API token may not see all that is judged",
    claim="the token can see what the suite judges: no list is silently empty or partial; each missing permission is "
    "named",
    runbook="S3 S4 S5",
    blind="permissions on single objects, which show a part as if it were all; a declared name that is missing then "
    "shows it",
    needs=("api",),
)
def test_list_is_visible(listed: list[ApiObject], api_list: ApiList, api_identity: Identity, estate: Estate) -> None:
    """Without a view permission Authentik answers 200 with an empty list, and every loop over it passes."""
    found, lacking = hidden(api_list, listed, api_identity.user.pk), lacks(api_list.permission, api_list.path)
    assert not found, because(
        f"GET /api/v3{api_list.path} shows {found}: {lacking.reason}",
        remedy=Remedy(lacking.remedy, roles_page(estate)),
        kind=api_identity.kind,
    )


@check(
    "SMOKE-API-03",
    trouble="The API token is a superuser's, or expires soon",
    claim="the token is no superuser's, and if it expires, not within the window (14 days, unless the estate sets "
    "another; both are warnings)",
    runbook="S3 R7",
    blind="which of several tokens of the suite's user is in use: all of them are judged",
    needs=("api",),
    requires=("SMOKE-API-01",),
)
def test_token_is_modest_and_lasts(
    api_identity: Identity, tokens: list[ApiToken], direct_answer: Answer, estate: Estate
) -> None:
    """A superuser's token in a nightly job is the whole installation's key; an expired one is a red night."""
    user, days = api_identity.user, estate.bounds.token_expiry_warn_days
    minted = isinstance(estate.authentik.token, MintCredential)
    assert not user.is_superuser, because(
        f"the API token belongs to {user.username}, who is a superuser: the suite only reads, and needs no such power",
        remedy=Remedy(
            "create the service account of deploy/authentik/sso-conformance.yaml and use its token"
            + (', or mint one of it: token = { mint = true, user = "…" }' if minted else ""),
            users_page(estate),
        ),
        severity="warning",
    )
    if minted:
        # It lives as long as this run, and is meant to.
        return
    mine = [token for token in tokens if token.user == user.pk and token.intent == "api"]
    if not mine:
        raise NotVerified(
            f"no API token of {user.username} is listed, so its end is unknown", "use a token of intent API"
        )
    now = server_time(direct_answer)
    soon = expiring_soon([token for token in mine if token.ends], now, days)
    assert not soon, because(
        f"{', '.join(soon)}: within {days:g} days",
        remedy=Remedy(
            "set it to not expiring, or replace it and hand the new one over", page(estate.admin_page("core/tokens"))
        ),
        severity="warning",
    )
