"""The userinfo endpoint (RFC 6750)."""

from fixtures.engine.checks import because, check
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy, read
from fixtures.topics.logins.rules import object_of
from fixtures.topics.tokens.own_client import ClientEntry, Tokens
from fixtures.topics.tokens.rules import subject_of


@check(
    "OIDC-UINFO-01",
    trouble="Userinfo answers without a valid token",
    claim="userinfo refuses no token and a bad token with 401",
    runbook="",
    spec="RFC 6750 section 3",
    blind="what it says to a good token (OIDC-UINFO-02)",
)
def test_userinfo_refuses(userinfo_without_token: Answer, userinfo_with_bad_token: Answer) -> None:
    """Whoever is told a user's claims without a token may be told anybody's."""
    remedy = Remedy(
        "look for what answers in its place in front of Authentik", read("curl -si {}", userinfo_without_token.url)
    )
    for what, answer in (("no token", userinfo_without_token), ("a random token", userinfo_with_bad_token)):
        assert answer.status == 401, because(f"userinfo answers {what} with {answer.summary}, not 401", remedy=remedy)
        assert "www-authenticate" in answer.headers, because(
            f"userinfo refuses {what} without WWW-Authenticate: an application cannot tell why", remedy=remedy
        )
    said = userinfo_with_bad_token.headers["www-authenticate"]
    assert "invalid_token" in said, because(
        f"userinfo refuses a random token as {said!r}, not invalid_token", remedy=remedy
    )


@check(
    "OIDC-UINFO-02",
    trouble="Userinfo and ID token name different users",
    claim="userinfo's `sub` is the ID token's",
    runbook="",
    spec="OpenID Connect Core 1.0 section 5.3.2",
    blind="the other claims, and the providers of the applications",
    requires=("OIDC-CODE-01",),
    leaves="own",
    needs=("client", "user"),
)
def test_userinfo_is_of_the_same_user(own_userinfo: Answer, own_tokens: Tokens, client: ClientEntry) -> None:
    """An application that takes claims of another subject logs somebody in as somebody else."""
    said = object_of(own_userinfo)
    remedy = Remedy(
        "look for a cache in front of it that does not tell its callers apart", read("curl -si {}", own_userinfo.url)
    )
    assert said, because(
        f"userinfo answers a token of {client.name} with {own_userinfo.summary}, not claims", remedy=remedy
    )
    assert said.get("sub") == subject_of(own_tokens.identity), because(
        f"userinfo tells {client.name} of {'another subject' if said.get('sub') else 'no subject'}, not of the ID "
        "token's",
        remedy=remedy,
    )
