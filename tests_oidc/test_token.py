"""The token endpoint, asked for what it must refuse (runbook D12; RFC 6749). Nothing is issued."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import CLIENT_CREDENTIALS_REFUSED
from fixtures.model.remedy import Remedy, page, read
from fixtures.model.signals import Signal
from fixtures.topics.secrets.held import Shown, wrong_secret_held
from fixtures.topics.tokens.machine_grant import MachineGrant
from fixtures.topics.tokens.questions import UNKNOWN_GRANT_REFUSALS, ShownSecret, error_code


@check(
    "OIDC-TOKEN-01",
    trouble="The token endpoint answers in the wrong form",
    claim="the token endpoint answers JSON errors, no-store, and refuses GET",
    runbook="D12",
    spec="RFC 6749 sections 3.2 and 5.2",
    blind="that it issues tokens (OIDC-CODE-01)",
)
def test_errors_are_json(token_without_client: Answer, token_by_get: Answer) -> None:
    """An HTML page or a redirect instead of an error is what a library reports as 'unexpected token <'."""
    remedy = Remedy(
        "look for what answers in its place in front of Authentik",
        read("curl -si -X POST {}", token_without_client.url),
    )
    kept = token_without_client.headers.get("cache-control", "")
    assert "no-store" in kept, because(
        f"the token endpoint's Cache-Control is {kept or 'absent'}, not no-store: tokens may be kept on the way",
        remedy=remedy,
    )
    assert token_by_get.status == 405, because(
        f"the token endpoint answers GET with {token_by_get.summary}, not 405: secrets would stand in URLs and logs",
        remedy=remedy,
    )


@check(
    "OIDC-TOKEN-02",
    trouble="A wrong client secret is not refused",
    claim="a wrong secret is `invalid_client` (asked by a refresh grant with a random token, or where the provider may "
    "not allow that by revoking one; confidential clients)",
    runbook="D12",
    spec="RFC 6749 section 5.2, RFC 7009 section 2.1",
    blind="that the application's own secret is right (OIDC-TOKEN-03)",
    leaves="session",
)
def test_wrong_secret_is_refused(wrong_secret: ShownSecret, app: OidcApplication, estate: Estate) -> None:
    """The runbook's client_credentials would create a user; both of these are refused after the secret was judged."""
    answer, code = wrong_secret.answer, wrong_secret.error
    assert (code, answer.status) in (("invalid_client", 400), ("invalid_client", 401)), because(
        f"a wrong client secret is answered {code or answer.summary}, not invalid_client"
        + (": the secret is not checked, the client is public in Authentik" if wrong_secret.is_taken else ""),
        remedy=Remedy(
            f"set client type confidential in the provider of {app.slug!r}; or say "
            f'client_type = "public" for {app.name} in the estate file',
            application_page(estate, app.slug),
        ),
    )


@check(
    "OIDC-TOKEN-03",
    trouble="The application holds a wrong client secret",
    claim="the secret the application really holds is the provider's (what answers a wrong one `invalid_client` "
    "takes it, and refuses the random token alone)",
    runbook="D12 R4",
    spec="RFC 6749 section 5.2",
    blind="what the running process holds, when it started before the Secret was written (OIDC-SECRET-04)",
    # A token endpoint that gives no OAuth error at all says nothing of a secret either.
    requires=("token_without_client",),
    leaves="session",
    # The secret that the application really holds is in a Kubernetes Secret.
    needs=("cluster", "secret"),
)
def test_held_secret_is_the_providers(shown_secret: Shown | Signal, app: OidcApplication, estate: Estate) -> None:
    """A secret that was rotated on one side alone shows nowhere but at the end of a login."""
    if isinstance(shown_secret, Signal):
        raise shown_secret.again()
    cause, remedy = wrong_secret_held(app, shown_secret, estate)
    assert not shown_secret.is_refused, because(cause, remedy=remedy)
    seen = shown_secret.by
    assert seen.is_taken, because(
        f"the secret that {app.name} holds is answered {seen.error or seen.answer.summary}, which tells neither that "
        "it is the provider's nor that it is not",
        remedy=Remedy("look for what answers in Authentik's place", read("curl -si -X POST {}", seen.answer.url)),
    )


@check(
    "OIDC-TOKEN-04",
    trouble="An unknown grant type gets no proper error",
    claim="an unknown grant type is `unsupported_grant_type` (since Authentik 2026.8: `invalid_grant`)",
    runbook="D12",
    spec="RFC 6749 section 5.2",
    blind="which of the known grants the application needs (OIDC-PROV-10)",
)
def test_unknown_grant_is_refused(unknown_grant: Answer, app: OidcApplication) -> None:
    """It shows that the client is known and that the form arrives, without any secret."""
    code = error_code(unknown_grant)
    assert code in UNKNOWN_GRANT_REFUSALS, because(
        f"an unknown grant type is answered {code or unknown_grant.summary}, not unsupported_grant_type"
        + (f": the token endpoint knows no client {app.client_id!r}" if code == "invalid_client" else ""),
        remedy=Remedy(
            "look for what answers in Authentik's place",
            read("curl -si -d grant_type=x -d client_id={} {}", app.client_id, unknown_grant.url),
        ),
    )


@check(
    "OIDC-TOKEN-05",
    trouble="The runbook's client_credentials request gets no token",
    claim="the runbook's own client_credentials request gets a token (what it created is removed; a user that existed "
    "before is kept)",
    runbook="D12",
    spec="RFC 6749 section 4.4",
    blind="what the token opens: it is revoked at once",
    leaves="write",
    # The secret that the application really holds is in a Kubernetes Secret.
    needs=("api", "cluster", "secret"),
)
def test_runbooks_own_request(machine_grant: MachineGrant, app: OidcApplication, estate: Estate) -> None:
    """The one question of the runbook that makes something: a user, a login and a token."""
    grant, users = machine_grant, estate.admin_page("identity/users")
    assert grant.is_issued, because(
        f"client_credentials with the very secret that {app.name} holds is answered "
        f"{error_code(grant.answer) or grant.answer.summary}, although that secret is the provider's",
        remedy=Remedy(
            "look for 'User not authenticated for application' in the server's log, and whether "
            f"{grant.username} is active",
            read("kubectl -n {} logs deploy/{} --tail=200", estate.authentik.namespace, estate.authentik.server),
            page(users),
        ),
        kind=CLIENT_CREDENTIALS_REFUSED,
    )
    assert grant.is_there or not grant.was_there, because(
        f"the user {grant.username}, who was there before, is gone",
        remedy=Remedy("see who else deletes users", page(users)),
    )
