"""Logins with the suite's own client, from code to tokens (runbook H3; RFC 6749, RFC 7636, OpenID Connect Core)."""

from fixtures.engine.checks import because, check
from fixtures.topics.tokens.questions import error_code


@check(
    "OIDC-CODE-01",
    claim="a login with code and S256 gives tokens; the ID token verifies (signature by the published key, iss, aud, "
    "times, nonce as sent)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the providers of the applications, which have settings and keys of their own (OIDC-LOGIN-01)",
)
def test_id_token_verifies(own_tokens, own_id_token):
    """Applications must refuse a token that fails one of these; those that do not check are open to anybody's."""
    assert own_id_token["sub"]


@check(
    "OIDC-CODE-02",
    claim="a code works once; the second use is `invalid_grant`",
    runbook="",
    spec="RFC 6749 section 4.1.2",
    blind="that the tokens of the first use end with the second (Authentik keeps them)",
)
def test_code_works_once(second_use, client):
    """A code travels through browsers, logs and referrers: whoever finds it later must find it spent."""
    code = error_code(second_use)
    assert code == "invalid_grant", because(
        f"a code that {client.name} has spent is answered {code or second_use.summary}, not invalid_grant",
        remedy="update Authentik; look for a proxy in front of the token endpoint that repeats or caches POSTs",
    )


@check(
    "OIDC-CODE-03",
    claim="a wrong or missing PKCE verifier is refused, and a verifier without a challenge too",
    runbook="",
    spec="RFC 7636 section 4.6, RFC 9700 section 4.8",
    blind="that applications send a challenge at all (pkce in the estate file, OIDC-RP-01)",
)
def test_verifier_is_checked(verifier_attempts, client, estate):
    """PKCE that is not checked protects nobody, and looks as if it did."""
    for attempt in verifier_attempts:
        code = error_code(attempt.answer)
        assert code == "invalid_grant", because(
            f"a code of {client.name} with {attempt.what} is answered {code or attempt.answer.summary}, not "
            "invalid_grant: whoever steals a code can use it",
            remedy=f"update Authentik; look for a proxy that changes requests to {attempt.answer.url}",
        )


@check(
    "OIDC-CODE-04",
    claim="a refresh token rotates, and only its client can use it",
    runbook="",
    spec="RFC 6749 section 6, RFC 9700 section 4.14",
    blind="the applications' refresh tokens, and how long a stolen one lives (OIDC-PROV-08)",
)
def test_refresh_token_rotates(rotation, client, estate):
    """A refresh token lives for a month: rotation is how its theft is noticed."""
    slug = estate.client.slug
    provider = f"the provider of {slug!r}: {estate.admin_page('core/providers')}"
    stranger = error_code(rotation.stranger)
    assert stranger == "invalid_client", because(
        f"a refresh token of {client.name} is answered {stranger or rotation.stranger.summary} without its client's "
        "secret, not invalid_client",
        remedy=f"set client type confidential in {provider}",
    )
    assert rotation.renewed, because(
        f"the refresh token of {client.name} brings no new one: {error_code(rotation.first) or rotation.first.summary}",
        remedy=f"look at refresh_token_threshold and the scope offline_access of {provider}",
    )
    again = error_code(rotation.again)
    assert again == "invalid_grant", because(
        f"a refresh token of {client.name} that was used is answered {again or rotation.again.summary}, not "
        "invalid_grant: it does not rotate",
        remedy=f"set refresh_token_threshold to seconds=0 in {provider}",
    )
