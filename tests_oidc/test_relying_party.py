"""The applications as relying parties (runbook H3, D1, D2)."""

from urllib.parse import urlsplit

from fixtures.engine.checks import because, check


@check(
    "OIDC-RP-01",
    claim="the application's login start sends the browser to Authentik with its client id, registered redirect URI, "
    "scopes and a state",
    runbook="H3 D1",
    spec="RFC 6749 section 4.1.1",
    blind="what the application does with the answer: a wrong client secret shows only there (OIDC-TOKEN-03)",
)
def test_login_start(login_start):
    """What the application really asks for, whatever its configuration files say."""
    assert login_start.location


@check(
    "OIDC-RP-02",
    claim="Authentik accepts exactly that request (302 to the login flow, not the 400 page)",
    runbook="H3 D2",
    spec="RFC 6749 section 4.1.2.1",
    blind="that a user can complete the login (OIDC-LOGIN-01)",
)
def test_login_start_is_accepted(answered_login_start, accepted_login_start, app, estate):
    """The two halves are each right in their own eyes; only sent together do they show that they agree."""
    target = urlsplit(accepted_login_start.location)
    expected = f"/if/flow/{estate.authentik.login_flow}/"
    assert target.path == expected, because(
        f"{app.name} is logged in by {target.path}, not by {expected}",
        fix=f"correct the authentication flow of {app.slug!r}'s provider, or authentik.login_flow in the estate file",
        severity="warning",
    )


@check(
    "OIDC-RP-03",
    claim="the issuer that the application says it trusts is the discovery issuer",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="kinds of applications that do not publish it: all but ArgoCD",
)
def test_trusted_issuer(trusted_issuer, stated_issuer):
    """After a domain moved, one of the two still has the old name, and every login ends in an issuer mismatch."""
    assert trusted_issuer == stated_issuer
