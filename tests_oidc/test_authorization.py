"""The authorization endpoint, asked anonymously (runbook D2; RFC 6749, RFC 7636, RFC 9700)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page, auth_route, server_version
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import ANY_REDIRECT_URI, redirect_list
from fixtures.model.remedy import Command, Remedy, read
from fixtures.topics.authorization.page_headers import framed_by_anybody, told_to_others
from fixtures.topics.authorization.questions import CLIENT_ERROR, REDIRECT_ERROR, Authorization, look_at_page

UNDERSTOOD = "the refusal has to be the error page {page!r} (400, no redirect)"


@check(
    "OIDC-AUTHZ-01",
    trouble="A silent login (prompt=none) is answered wrongly",
    claim="`prompt=none` without a session returns `login_required` and the state to the registered URI",
    runbook="D2",
    spec="OpenID Connect Core 1.0 section 3.1.2.6",
    blind="that the provider has an application, that policies let anybody in, and that the login flow works",
)
def test_silent_authorization(silent_authorization: Authorization, app: OidcApplication, estate: Estate) -> None:
    """It proves, without a login, that client id and redirect URI are registered byte for byte."""
    asked = silent_authorization
    seen = f"asked with the declared client id and redirect URI and prompt=none, it answers {asked.said}"
    remedy = Remedy(f"compare with the provider of {app.slug!r}", application_page(estate, app.slug))
    assert not asked.refused_as(CLIENT_ERROR), because(
        f"Authentik knows no client {app.client_id!r}: {seen}", remedy=remedy
    )
    assert not asked.refused_as(REDIRECT_ERROR), because(
        f"{asked.redirect_uri} is not registered, byte for byte: {seen}; every login ends there",
        remedy=remedy,
        kind=redirect_list("OIDC-PROV-04"),
    )
    assert not asked.returned("invalid_request"), because(
        f"Authentik takes the request for malformed, which it is not: {seen}; from 2026.8 on it says so of a provider "
        "that does not allow the grant type authorization_code",
        remedy=Remedy(f"look at its grant types, and {remedy.sentence}", *remedy.steps),
    )
    assert asked.returned("login_required"), because(
        f"login_required is not returned to the application with its state: {seen}", remedy=remedy
    )


@check(
    "OIDC-AUTHZ-02",
    trouble="An unregistered redirect URI is not refused",
    claim="an unregistered URI is refused with the error page and no redirect",
    runbook="D2",
    spec="RFC 6749 section 3.1.2.4",
    blind="other URIs than the one tried; OIDC-AUTHZ-03 and OIDC-PROV-04 come nearer",
    leaves="session",
    needs=("api",),
)
def test_unregistered_uri_is_refused(
    unregistered_redirect: Authorization, app: OidcApplication, estate: Estate
) -> None:
    """An authorization server that redirects anywhere hands codes to anybody. Asked once OIDC-PROV-03 is green."""
    asked = unregistered_redirect
    assert asked.refused_as(REDIRECT_ERROR), because(
        f"the unregistered {asked.redirect_uri} is answered {asked.said} instead of the error page "
        f"{REDIRECT_ERROR!r} (400, no redirect): codes can be sent to anybody",
        remedy=Remedy(f"compare the redirect URIs of the provider of {app.slug!r}", application_page(estate, app.slug)),
        kind=ANY_REDIRECT_URI,
    )


@check(
    "OIDC-AUTHZ-03",
    trouble="Near misses of the redirect URI are not refused",
    claim="near misses of the registered URI (slash added/removed, extra path, query, port, userinfo, case, http) "
    "are refused likewise",
    runbook="D2",
    spec="RFC 9700 section 4.1.3",
    blind="what an expression that the estate file declares lets in on purpose",
    leaves="session",
    needs=("api",),
)
def test_near_miss_is_refused(
    near_miss_redirect: Authorization, app: OidcApplication, near_miss: str, estate: Estate
) -> None:
    """Anything but byte equality has been used to steal codes; and D2's slash is the commonest cause of login loops."""
    assert near_miss_redirect.refused_as(REDIRECT_ERROR), because(
        f"a redirect URI that is only nearly a registered one is answered {near_miss_redirect.said}; "
        + UNDERSTOOD.format(page=REDIRECT_ERROR),
        remedy=Remedy(
            f"asked was {near_miss_redirect.redirect_uri} ({near_miss}); the provider of {app.slug!r} "
            "must have strict entries only; if it has, something in front of Authentik rewrites the "
            "request or the answer",
            application_page(estate, app.slug),
        ),
    )


@check(
    "OIDC-AUTHZ-04",
    trouble="An unknown client is not refused",
    claim="an unknown client is refused without a redirect",
    runbook="",
    spec="RFC 6749 section 4.1.2.1",
    blind="clients that exist and should not (SMOKE-PROV-02)",
    leaves="session",
)
def test_unknown_client_is_refused(unknown_client: Authorization, estate: Estate) -> None:
    """If anybody's client is accepted, nothing that the other checks show means anything."""
    assert unknown_client.refused_as(CLIENT_ERROR), because(
        f"a client that does not exist is answered {unknown_client.said}; " + UNDERSTOOD.format(page=CLIENT_ERROR),
        remedy=Remedy("look for what answers in front of Authentik", *_in_front(estate)),
    )


@check(
    "OIDC-AUTHZ-05",
    trouble="An unsupported response type gets no proper error",
    claim="an unsupported response type returns its error to the registered URI with the state",
    runbook="",
    spec="RFC 6749 section 4.1.2.1",
    blind="the response types that are supported",
)
def test_unsupported_response_type(unknown_response_type: Authorization, estate: Estate) -> None:
    """An application can only tell its user what went wrong when the error comes back to it, with its state."""
    assert unknown_response_type.returned("unsupported_response_type"), because(
        f"an unknown response type is answered {unknown_response_type.said}, not "
        "unsupported_response_type with the state at the redirect URI",
        remedy=Remedy(
            "look for what rewrites Authentik's redirects: middlewares on the route of the auth host",
            *_in_front(estate),
        ),
    )


@check(
    "OIDC-AUTHZ-06",
    trouble="An unknown PKCE method gets no proper error",
    claim="an unknown PKCE method is returned as invalid_request to the registered URI",
    runbook="",
    spec="RFC 7636 section 4.4.1",
    blind="that a wrong verifier is refused (OIDC-CODE-03)",
    leaves="session",
)
def test_unknown_pkce_method(unknown_pkce_method: Authorization, estate: Estate) -> None:
    """A server that swallows an unknown method leaves the code without the protection that the client asked for."""
    assert unknown_pkce_method.returned("invalid_request"), because(
        f"an unknown code_challenge_method is answered {unknown_pkce_method.said}, not invalid_request: "
        "PKCE parameters do not reach Authentik, or are not understood",
        remedy=Remedy(
            "look for what drops query parameters in front of Authentik, and whether its version is supported",
            *_in_front(estate),
            server_version(estate),
        ),
    )


@check(
    "OIDC-AUTHZ-07",
    trouble="The login page lacks protective headers",
    claim="the login page refuses framing by any site and sends a Referrer-Policy that keeps its address to itself",
    runbook="",
    spec="RFC 9700 section 4.16",
    blind="the pages after the first one",
    leaves="session",
)
def test_login_page_is_not_framed(login_page: Answer) -> None:
    """A framed login page is clicked by whom it does not see; a leaked Referer carries codes."""
    served = login_page.status == 200 and login_page.media_type == "text/html"
    assert served, because(
        f"there is no login page at {login_page.url}: {login_page.summary}", remedy=look_at_page(login_page.url)
    )
    remedy = Remedy(
        "look for a headers middleware on the route of the auth host that removes or replaces them",
        read("curl -sI {}", login_page.url),
    )
    why = framed_by_anybody(login_page.headers)
    assert not why, because(f"{login_page.url} may be framed by any site: {why}", remedy=remedy)
    referrer = told_to_others(login_page.headers)
    assert not referrer, because(
        f"{login_page.url} sends Referrer-Policy {referrer}: addresses with codes leak", remedy=remedy
    )


def _in_front(estate: Estate) -> tuple[Command, Command]:
    """What answers at the authorization endpoint, and the routes that lead there."""
    return read("curl -sSi {}", f"{estate.authentik.public_url}/application/o/authorize/"), auth_route(estate)
