"""The userinfo endpoint (RFC 6750)."""

from fixtures.checks import because, check


@check(
    "OIDC-UINFO-01",
    claim="userinfo refuses no token and a bad token with 401",
    runbook="",
    spec="RFC 6750 section 3",
    blind="what it says to a good token (OIDC-UINFO-02)",
)
def test_userinfo_refuses(userinfo_without_token, userinfo_with_bad_token):
    """Whoever is told a user's claims without a token may be told anybody's."""
    fix = f"curl -i {userinfo_without_token.url}; look for what answers in its place in front of Authentik"
    challenges = {
        "no token": userinfo_without_token,
        "a random token": userinfo_with_bad_token,
    }
    for what, answer in challenges.items():
        assert answer.status == 401, because(f"userinfo answers {what} with {answer.summary}, not 401", fix=fix)
        assert "www-authenticate" in answer.headers, because(
            f"userinfo refuses {what} without WWW-Authenticate: an application cannot tell why", fix=fix
        )
    said = userinfo_with_bad_token.headers["www-authenticate"]
    assert "invalid_token" in said, because(f"userinfo refuses a random token as {said!r}, not invalid_token", fix=fix)
