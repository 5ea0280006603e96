"""Logins with the suite's own client, from code to tokens (runbook H3; RFC 6749, RFC 7636, OpenID Connect Core)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import application_page, auth_route, server_environment, server_log, server_version
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import ID_TOKENS_UNVERIFIED
from fixtures.model.remedy import Remedy, read
from fixtures.model.signals import NotVerified
from fixtures.topics.keys.rules import KeySet
from fixtures.topics.tokens.own_client import ClientEntry, Tokens
from fixtures.topics.tokens.own_tokens import Rotation, Uses, look_at_client
from fixtures.topics.tokens.questions import error_code
from fixtures.topics.tokens.rules import Expected, is_encrypted, why_unbelievable


@check(
    "OIDC-CODE-01",
    trouble="A login ends without valid tokens",
    claim="a login with code and S256 gives tokens; the ID token verifies (signature by the published key, iss, aud, "
    "times, nonce as sent)",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="the providers of the applications, which have settings and keys of their own (OIDC-LOGIN-01)",
    requires=("own_keys_are_published", "public_clock"),
    leaves="own",
    needs=("client", "user"),
)
def test_id_token_verifies(own_tokens: Tokens, own_keys: KeySet, client: ClientEntry, estate: Estate) -> None:
    """Applications must refuse a token that fails one of these; those that do not check are open to anybody's."""
    assert own_tokens.identity, because(
        f"the token endpoint gives {client.name} no ID token for its code, but {own_tokens.answer.summary}",
        remedy=look_at_client(estate, client),
    )
    if is_encrypted(own_tokens.identity):
        raise NotVerified(
            f"the ID token of {client.name} is encrypted, and the suite has no key to read it",
            f"take the encryption key off the provider of {client.declared.slug!r}: it is the suite's own",
        )
    own, now, leeway = client.declared, own_tokens.answer.received, estate.bounds.clock_fail_seconds
    expected = Expected(own.issuer, own.client_id, own_tokens.nonce, now, leeway)
    why = why_unbelievable(own_tokens.identity, own_keys.keys, expected)
    assert not why, because(
        f"the ID token that {client.name} was given is not one to believe: {why}",
        remedy=Remedy(
            f"look at the signing key and the issuer mode of the provider of {own.slug!r}, and for a "
            "cache in front of the key set",
            application_page(estate, own.slug),
        ),
        kind=ID_TOKENS_UNVERIFIED,
    )


@check(
    "OIDC-CODE-02",
    trouble="A code can be used twice",
    claim="a code works once; the second use is `invalid_grant`",
    runbook="",
    spec="RFC 6749 section 4.1.2",
    blind="that the tokens of the first use end with the second (Authentik keeps them)",
    leaves="own",
    needs=("client", "user"),
)
def test_code_works_once(code_uses: Uses, client: ClientEntry, estate: Estate) -> None:
    """A code travels through browsers, logs and referrers: whoever finds it later must find it spent."""
    first, second = code_uses.first, code_uses.second
    assert first.access, because(
        f"a second login's code is refused at its first use: {error_code(first.answer) or first.answer.summary}",
        remedy=Remedy(
            "see whether its replicas share one database: each is asked in turn",
            server_log(estate, "Code does not exist"),
            server_environment(estate),
        ),
    )
    code = error_code(second.answer)
    assert code == "invalid_grant", because(
        f"a code that {client.name} has spent is answered {code or second.answer.summary}, not invalid_grant",
        remedy=Remedy(
            "update Authentik; look for a proxy in front of the token endpoint that repeats or caches POSTs",
            server_version(estate),
            auth_route(estate),
        ),
    )


@check(
    "OIDC-CODE-03",
    trouble="PKCE is not enforced",
    claim="a wrong or missing PKCE verifier is refused, and a verifier without a challenge too",
    runbook="",
    spec="RFC 7636 section 4.6, RFC 9700 section 4.8",
    blind="that applications send a challenge at all (pkce in the estate file, OIDC-RP-01)",
    leaves="own",
    needs=("client", "user"),
)
def test_verifier_is_checked(verifier_attempts: dict[str, Answer], client: ClientEntry) -> None:
    """PKCE that is not checked protects nobody, and looks as if it did."""
    for what, answer in verifier_attempts.items():
        code = error_code(answer)
        assert code == "invalid_grant", because(
            f"a code of {client.name} with {what} is answered {code or answer.summary}, not "
            "invalid_grant: whoever steals a code can use it",
            remedy=Remedy(
                "update Authentik; look for a proxy that changes requests to it",
                read("curl -si -X POST {}", answer.url),
            ),
        )


@check(
    "OIDC-CODE-04",
    trouble="Refresh tokens do not rotate, or other clients can use them",
    claim="a refresh token rotates, and only its client can use it",
    runbook="",
    spec="RFC 6749 section 6, RFC 9700 section 4.14",
    blind="the applications' refresh tokens, and how long a stolen one lives (OIDC-PROV-08)",
    leaves="own",
    needs=("client", "user"),
)
def test_refresh_token_rotates(rotation: Rotation | None, client: ClientEntry, estate: Estate) -> None:
    """A refresh token lives for a month: rotation is how its theft is noticed."""
    slug = client.declared.slug
    provider, shown = f"the provider of {slug!r}", application_page(estate, slug)
    assert rotation, because(
        f"{client.name} asks for offline_access and gets no refresh token",
        remedy=Remedy(f"add the scope mapping offline_access to {provider}", shown),
    )
    stranger, first, again = rotation.stranger.answer, rotation.first.answer, rotation.again.answer
    code = error_code(stranger)
    # Since 2026.8 the grant is judged before the client: then this says nothing of its secret.
    assert {code, error_code(first)} != {"invalid_grant"}, because(
        f"the refresh token of {client.name} is answered invalid_grant, whoever shows it: nobody may refresh",
        remedy=Remedy(f"add refresh_token to the grant types of {provider}", shown),
    )
    assert code == "invalid_client", because(
        f"a refresh token of {client.name} is answered {code or stranger.summary} without its client's "
        "secret, not invalid_client",
        remedy=Remedy(f"set client type confidential in {provider}", shown),
    )
    assert rotation.first.refresh, because(
        f"the refresh token of {client.name} brings no new one: {error_code(first) or first.summary}",
        remedy=Remedy(f"look at refresh_token_threshold and the scope offline_access of {provider}", shown),
    )
    code = error_code(again)
    assert code == "invalid_grant", because(
        f"a refresh token of {client.name} that was used is answered {code or again.summary}, not "
        "invalid_grant: it does not rotate",
        remedy=Remedy(f"set refresh_token_threshold to seconds=0 in {provider}", shown),
    )
