"""The applications as relying parties (runbook H3, D1, D2)."""

from urllib.parse import urlsplit

from fixtures.engine.checks import because, check
from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.answers import Answer
from fixtures.topics.discovery.rules import Discovery
from fixtures.topics.logins.relying_party_rules import published_issuer


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
    leaves="session",
)
def test_login_start_is_accepted(answered_login_start, accepted_login_start, app, estate):
    """The two halves are each right in their own eyes; only sent together do they show that they agree."""
    target = urlsplit(accepted_login_start.location)
    expected = f"/if/flow/{estate.authentik.login_flow}/"
    assert target.path == expected, because(
        f"{app.name} is logged in by {target.path}, not by {expected}",
        remedy=f"correct the authentication flow of {app.slug!r}'s provider, or login_flow in the estate file",
        severity="warning",
    )


@check(
    "OIDC-RP-03",
    claim="the issuer that the application says it trusts is the discovery issuer",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="kinds of applications that do not publish it: all but ArgoCD",
    requires=("OIDC-DISC-02",),
)
def test_trusted_issuer(public_settings: Answer, discovery: Discovery, app: OidcApplication) -> None:
    """After a domain moved, one of the two still has the old name, and every login ends in an issuer mismatch."""
    issuer = published_issuer(public_settings)
    trusts = f"trusts the issuer {issuer!r}" if issuer else f"has no OIDC settings ({public_settings.summary})"
    assert issuer == discovery.issuer, because(
        f"{app.name} {trusts}, but Authentik's document says {discovery.issuer!r}: nobody can log in by it",
        remedy=f"set oidc.config's issuer in the ConfigMap argocd-cm to {discovery.issuer}",
    )
