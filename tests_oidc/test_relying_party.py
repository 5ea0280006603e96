"""The applications as relying parties (runbook H3, D1, D2)."""

from urllib.parse import urlsplit

from fixtures.doors.retrying import GATEWAY_ERRORS
from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page, workload_log
from fixtures.estate.urls import host, is_readable, origin, origin_of, parameters
from fixtures.exchange.answers import Answer
from fixtures.login.executor import is_flow_page
from fixtures.model.remedy import Remedy, editing, read
from fixtures.model.signals import NotVerified
from fixtures.topics.authorization.questions import REDIRECT_ERROR, authorization_url
from fixtures.topics.logins.questions import LoginStart
from fixtures.topics.logins.rules import asks_no_private_address, login_start_complaints, published_issuer, said


@check(
    "OIDC-RP-01",
    trouble="The application starts its login with a wrong request",
    claim="the application's login start sends the browser to Authentik with its client id, registered redirect URI, "
    "scopes and a state (or a nonce, or an S256 challenge in its place)",
    runbook="H3 D1",
    spec="RFC 6749 section 4.1.1",
    blind="what the application does with the answer: a wrong client secret shows only there (OIDC-TOKEN-03)",
)
def test_login_start(login_start: LoginStart, app: OidcApplication, estate: Estate) -> None:
    """What the application really asks for, whatever its configuration files say."""
    answer, declared = login_start.answer, login_start.uri_is_declared
    remedy = _where_to_look(estate, app, answer)
    starts = answer.status in (301, 302, 303, 307, 308) and answer.location
    assert starts, because(f"the login start of {app.name} starts no login: it answers {said(answer)}", remedy=remedy)
    endpoint = authorization_url(estate.authentik_of(app))
    wrong = login_start_complaints(answer.location, endpoint, app, uri_is_declared=declared)
    assert not wrong, because(f"the login start of {app.name} asks wrongly: {'; '.join(wrong)}", remedy=remedy)


def _where_to_look(estate: Estate, app: OidcApplication, answer: Answer) -> Remedy:
    """A proxy that reaches nobody, an application that fails, and one with other settings are three troubles."""
    was_asked = answer.url if origin_of(answer.url) == origin(app.url) else app.login_start_url or app.url
    run, asked = app.workload, read("curl -sSi {}", was_asked)
    if asks_no_private_address(answer):
        said = (
            f"{app.name} refuses to ask private addresses, and Authentik's name leads to one: allow that (Infisical: "
            "ALLOW_INTERNAL_IP_CONNECTIONS=true in its environment), or let the name lead to a public address there"
        )
        return Remedy(said, asked, *workload_log(app))
    if answer.status in GATEWAY_ERRORS:
        said = f"check whether {app.name} runs, and whether its Service leads to it: nothing answers behind the proxy"
        return Remedy(said, *([read("kubectl -n {} get pods,endpointslices", run.namespace)] if run else []), asked)
    if answer.status >= 500:
        said = f"look at the log of {app.name}: it fails before it asks Authentik for anything"
        return Remedy(said, *workload_log(app), asked)
    return Remedy(
        f"compare the OIDC settings of {app.name} with its table in the estate file, and with its provider"
        + _where_it_is_meant(estate, app, answer.location),
        asked,
        *workload_log(app),
        application_page(estate, app.slug),
    )


def _where_it_is_meant(estate: Estate, app: OidcApplication, address: str) -> str:
    """What to say in the estate file of an application that asks Authentik at another host than declared; empty for
    one that asks it for something else. An issuer and the authorization endpoint are told alike: by all but the host.
    """
    base = estate.authentik_of(app)
    known = (urlsplit(authorization_url(base)).path, urlsplit(app.issuer).path)
    host_of = origin_of(address)
    is_elsewhere = address.startswith("http") and is_readable(address) and host_of != origin(base)
    if not is_elsewhere or urlsplit(address).path not in known:
        return ""
    issuer = app.issuer.replace(origin(base), host_of, 1)
    meant = f"; where Authentik is meant to be asked at {host_of}, say so: issuer = {issuer!r} of {app.name}"
    return meant + estate.authentik.not_named_as_its_own(host_of)


@check(
    "OIDC-RP-02",
    trouble="Authentik refuses the login that the application starts",
    claim="Authentik accepts exactly that request (302 to the login flow, not the 400 page)",
    runbook="H3 D2",
    spec="RFC 6749 section 4.1.2.1",
    blind="that a user can complete the login (OIDC-LOGIN-01)",
    leaves="session",
)
def test_login_start_is_accepted(answered_login_start: Answer, app: OidcApplication, estate: Estate) -> None:
    """The two halves are each right in their own eyes; only sent together do they show that they agree."""
    answer = answered_login_start
    location = answer.location if is_readable(answer.location) else ""
    led, error = urlsplit(location), next(iter(parameters(location).get("error", ())), "")
    shown = f" ({REDIRECT_ERROR})" if REDIRECT_ERROR in answer.text else ""
    base = estate.authentik_of(app)
    begun = answer.status == 302 and is_flow_page(answer.location, (base,))
    assert begun, because(
        "Authentik does not begin a login for the application's request: "
        + (f"it is sent back with the error {error!r}, by {answer.summary}" if error else answer.summary + shown),
        remedy=Remedy(
            _missing_beside_the_code(answer.url, error)
            + f"compare the provider of {app.slug!r} with what {app.name} sends "
            "(evidence)",
            application_page(estate, app.slug),
        ),
    )
    expected = f"{urlsplit(base).path}/if/flow/{estate.authentik.login_flow}/"
    if led.path != expected and base != estate.authentik.public_url:
        raise NotVerified(
            f"{app.name} is logged in by {led.path} at {origin(base)}, and login_flow of the estate file is that of "
            f"{origin(estate.authentik.public_url)}",
            f"compare it with the brand of {host(base)} in Authentik, which may have a flow of its own",
        )
    assert led.path == expected, because(
        f"{app.name} is logged in by {led.path}, not by {expected}",
        remedy=Remedy(
            f"correct the authentication flow of {app.slug!r}'s provider, or login_flow in the estate file",
            application_page(estate, app.slug),
        ),
        severity="warning",
    )


def _missing_beside_the_code(asked: str, error: str) -> str:
    """What to look for first, where a login that asks for more than a code was refused: OIDC-PROV-10 knows no other."""
    sent = parameters(asked)
    flow = next(iter(sent.get("response_type", ())), "code")
    if error != "invalid_request" or flow == "code":
        return ""
    if "id_token" in flow.split() and "nonce" not in sent:
        return f"the response type {flow!r} needs a nonce, and none is sent: let the application send one; else "
    grant = "hybrid" if "code" in flow.split() else "implicit"
    return (
        f"since 2026.8 a provider names the grants that it allows, and the response type {flow!r} needs {grant}: add "
        "it there, and to grant_types in the estate file; else "
    )


@check(
    "OIDC-RP-03",
    trouble="The application trusts another issuer",
    claim="the issuer that the application says it trusts is the discovery issuer",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1.3.7",
    blind="kinds of applications that do not publish it: all but ArgoCD",
)
def test_trusted_issuer(public_settings: Answer, app: OidcApplication, estate: Estate) -> None:
    """After a domain moved, one of the two still has the old name, and every login ends in an issuer mismatch."""
    issuer = published_issuer(public_settings)
    trusts = f"trusts the issuer {issuer!r}" if issuer else f"has no OIDC settings ({public_settings.summary})"
    assert issuer == app.issuer, because(
        f"{app.name} {trusts}, but Authentik's document says {app.issuer!r}: nobody can log in by it",
        remedy=Remedy(
            f"set oidc.config's issuer in the ConfigMap argocd-cm to {app.issuer}"
            + _where_it_is_meant(estate, app, issuer),
            *(editing(app.workload.namespace, "configmap", "argocd-cm") if app.workload else ()),
        ),
    )
