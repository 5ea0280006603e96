"""API tokens and app passwords (runbook R7)."""

from fixtures.engine.checks import because, check
from fixtures.engine.subjects import refuse_unsaid
from fixtures.estate.estate import Estate
from fixtures.exchange.answers import Answer
from fixtures.exchange.api_objects import ApiToken, Event
from fixtures.model.remedy import Remedy, page
from fixtures.topics.operations.rules import server_time
from fixtures.topics.users.rules import endless_strangers, expiring_soon, replaced_keys, token_complaints


@check(
    "SMOKE-TOKEN-01",
    trouble="An API token is missing, replaced, expired or expires soon",
    claim="declared API tokens exist, belong to active users, are not expired or about to (14 days, unless the "
    "estate sets another; only where `expiring`), and did not get another key when they were; unmanaged, undeclared "
    "tokens without expiry are listed (a warning)",
    runbook="R7",
    blind="who holds a token's key; Authentik does not say when it was last used",
    needs=("api",),
)
def test_tokens_are_known(
    tokens: list[ApiToken], rotations: list[Event], direct_answer: Answer, estate: Estate
) -> None:
    """An expired API token may not be deleted: its key is changed, and whoever uses it suddenly gets 403."""
    now, days = server_time(direct_answer), estate.bounds.token_expiry_warn_days
    tokens_page = page(estate.admin_page("core/tokens"))
    wrong = token_complaints(estate.tokens, tokens, now) + replaced_keys(estate.tokens, tokens, rotations, days)
    assert not wrong, because(
        "; ".join(wrong), remedy=Remedy("create or renew it, or correct the estate file", tokens_page)
    )
    declared = {token.identifier for token in estate.tokens}
    soon = expiring_soon([token for token in tokens if token.identifier in declared], now, days)
    assert not soon, because(
        f"{'; '.join(soon)}: within {days:g} days",
        remedy=Remedy("renew it where it is used", tokens_page),
        severity="warning",
    )
    strangers = endless_strangers(estate.tokens, tokens)
    assert not strangers, because(
        f"nobody declares these tokens, and they never expire: {', '.join(strangers)}",
        remedy=Remedy("delete what nobody uses, and declare the others: [[tokens]] identifier = …", tokens_page),
        severity="warning",
    )
    line = 'add to the estate file: [[tokens]] identifier = "…"'
    refuse_unsaid(estate, "tokens", "tokens", "which tokens must exist", line)
