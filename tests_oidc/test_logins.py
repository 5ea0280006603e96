"""Users log in to the applications, have the role they should have, and are gone after they log out (runbook H3)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page, restart, workload_log
from fixtures.estate.urls import origin
from fixtures.login.cookies import lost_cookies
from fixtures.login.journey import Arrival
from fixtures.model.kinds import REFUSED_LOGIN
from fixtures.model.remedy import Remedy, page, read
from fixtures.model.signals import Signal
from fixtures.topics.logins.app_sessions import AppSession, SignedOut, start_of
from fixtures.topics.logins.own_sessions import ends_on_its_side
from fixtures.topics.logins.own_words import (
    ACCEPTANCE,
    ACCOUNT,
    AUDIENCE,
    CODE,
    ISSUER,
    SECRET,
    UNVERIFIED,
    OwnWords,
    by_its_own_words,
    clock_error,
)
from fixtures.topics.logins.roles import AppRole, role_complaint
from fixtures.topics.logins.rules import Why, admitting, why_not


@check(
    "OIDC-LOGIN-01",
    trouble="The probe user cannot log in to the application",
    claim="the probe user logs in through the application's own login start and ends in a session that the application "
    "itself confirms",
    runbook="H3",
    spec="OpenID Connect Core 1.0 section 3.1",
    blind="what the application's pages do in a browser; Infisical's own exchange of the token it ends with; others "
    "whom it knows from before, and refuses",
    optional=("app_words",),
    leaves="account",
    needs=("user",),
)
def test_login(
    app_session: AppSession,
    app: OidcApplication,
    estate: Estate,
    app_words: OwnWords | Signal,
) -> None:
    """What the runbook means by healthy; a redirect alone is also what a broken login begins with."""
    arrival = app_session.arrival
    words = OwnWords() if isinstance(app_words, Signal) else app_words
    why = by_its_own_words(
        why_not(arrival, origin(app.url), lost_cookies(app_session.journey.jar, app.url)),
        words,
        clock_error((arrival.answer, app_session.shown), app),
        app,
        estate.bounds.clock_fail_seconds,
    )
    assert app_session.is_confirmed, because(
        f"{app_session.username} logs in by {start_of(app)} and gets no session in {app.name}: "
        f"{why.said}; it ended {arrival.summary}",
        remedy=_by_reason(estate, app, why, holds_anew=words.holds_anew) or _where_to_look(estate, app, arrival),
        kind=why.kind,
    )


def _by_reason(estate: Estate, app: OidcApplication, why: Why, *, holds_anew: bool) -> Remedy | None:
    """What to do about a reason that the application itself told; None where it told none.

    `holds_anew`: what it would read, started anew, is known to be the provider's secret.
    """
    run = app.workload
    if run is None or why.kind is None or why.kind.trouble != REFUSED_LOGIN:
        return None
    shown, reason = application_page(estate, app.slug), why.kind.of[-1]
    if reason == SECRET and holds_anew:
        said = "its Secret is the right one (OIDC-TOKEN-03), what runs holds another: start it anew"
        return Remedy(said, restart(run))
    if reason == SECRET:
        said = (
            f"compare the client secret that {app.name} holds with its provider ({app.slug!r}) before it is restarted"
        )
        return Remedy(said, *workload_log(app), shown)
    if reason == ISSUER:
        return Remedy(f"set the issuer of {app.name} to {app.issuer}, every character of it", *workload_log(app), shown)
    if reason == AUDIENCE:
        said = f"let {app.name} accept its client ID {app.client_id!r} as audience, which Authentik's tokens have"
        return Remedy(said, *workload_log(app), shown)
    if reason == CODE:
        return Remedy(_TAKING.format(app.name), *workload_log(app), shown)
    if reason == ACCOUNT:
        said = (
            f"look at the user in {app.name}'s own list: rename or remove the one from before, where nobody needs it. "
            "To join users by their address lets whoever sets an address in Authentik take the account"
        )
        return Remedy(said, *workload_log(app))
    if reason == UNVERIFIED:
        return Remedy(_VERIFYING.format(app.name), *workload_log(app), shown)
    if reason == ACCEPTANCE:
        return Remedy(_ACCEPTING.format(app.name), *workload_log(app), shown)
    nodes = read("kubectl -n {} get pods -o wide", run.namespace)
    said = "set the clock of the node that it runs on (chronyd, systemd-timesyncd): a pod has none of its own"
    return Remedy(said, nodes)


_ACCEPTING = "look at who may use {}, by its own settings (groups, roles, domains, sign-up), and at the token's claims"
_TAKING = (
    "let all replicas of {} find what a login began with (its state and PKCE verifier: a store that they share, or "
    "clients kept with one replica), and look in its log what comes before: a code that is handed in twice, or late"
)
_VERIFYING = (
    "Authentik calls no address verified unless a scope mapping for email says so (email_verified): let one say it, or "
    "{} do without, only where users cannot change their own address"
)


def _where_to_look(estate: Estate, app: OidcApplication, arrival: Arrival) -> Remedy:
    shown = application_page(estate, app.slug)
    if arrival.denied:
        return Remedy(admitting(app.slug), shown)
    log = workload_log(app)
    if arrival.answer.status == 403:
        return Remedy(
            f"look at who may use {app.name}, by its own settings: most likely it does not accept the user",
            *log,
        )
    return Remedy(f"compare the OIDC settings of {app.name} with its provider ({app.slug!r})", *log, shown)


@check(
    "OIDC-LOGIN-02",
    trouble="The probe user has the wrong role in the application",
    claim="the probe user has the declared role in the application",
    runbook="H3",
    blind="other users' roles; where the declared role is also the default, and the application does not show groups, "
    "that they arrive",
    leaves="account",
    needs=("user",),
)
def test_role(app_role: AppRole, app: OidcApplication, estate: Estate) -> None:
    """A groups claim that is missing lets everybody in with the default role, and nothing else shows it."""
    wrong = role_complaint(app.role or "", app_role, maps_groups="groups" in app.claims)
    assert not wrong, because(
        f"in {app.name}: {wrong}",
        remedy=Remedy(
            f"look at the claims of the token (the preview of the provider of {app.slug!r} in Authentik), then at the "
            f"role mapping of {app.name}; or correct role in [[oidc]] {app.name}",
            *workload_log(app),
            application_page(estate, app.slug),
        ),
    )


@check(
    "OIDC-LOGIN-03",
    trouble="The application's session outlives the logout",
    claim="after logout the application's session is over: its old cookie, replayed, is refused (where session_end "
    "says that it cannot be, the browser has lost it); single logout only where declared",
    runbook="H3",
    spec="OpenID Connect RP-Initiated Logout 1.0",
    blind="Authentik's own session where single_logout is not declared: it outlives the application's",
    leaves="account",
    needs=("user",),
)
def test_logout(app_logout: SignedOut, app: OidcApplication, estate: Estate) -> None:
    """A logout that only forgets the cookie leaves the session to whoever copied it."""
    refused = app_logout.answer.status >= 400
    assert not (refused and app_logout.still_shown), because(
        f"{app.name} did not log out: its logout answers {app_logout.answer.summary}, and the session lives on",
        remedy=Remedy(
            f"look at the logout of {app.name}: its address, its method (POST?) and the form that its page sends; for "
            f"one that is described, correct logout_url, logout_method and logout_csrf in [[oidc]] {app.name}",
            read("curl -sSi {}", app_logout.answer.url.partition("?")[0]),
            *workload_log(app),
        ),
    )
    assert not app_logout.still_shown, because(
        f"{app.name} logs out, and {_what(app)} from before still opens the session ({app_logout.shown.summary})",
        remedy=Remedy(
            f"look at the logout of {app.name}: it must end the session on its side. A session that is a signed cookie "
            "cannot be ended there: keep it in a store (oauth2-proxy: --session-store-type=redis), or say of an "
            'application that has none: session_end = "cookie" in its login table',
            read("curl -sSi {}", app_logout.answer.url.partition("?")[0]),
            *workload_log(app),
        ),
    )
    assert not (app_logout.refused_by_authentik and app_logout.authentik_lives), because(
        f"the logout of {app.name} leads to Authentik, which refuses it ({app_logout.answer.summary}): the session "
        "there lives on, although single_logout is declared",
        remedy=Remedy(
            f"register the address that {app.name} wants to come back to (post_logout_redirect_uri) as a URI of type "
            f"logout at the provider of {app.slug!r}",
            application_page(estate, app.slug),
        ),
    )
    assert app_logout.authentik_lives in (None, False), because(
        f"the logout of {app.name} leaves the session at Authentik alive, although single_logout is declared",
        remedy=Remedy(
            f"let {app.name} send its logout to /application/o/{app.slug}/end-session/, and bind a user-logout stage "
            "to the provider's invalidation flow; or set single_logout = false",
            application_page(estate, app.slug),
            page(estate.admin_page("flow/flows")),
        ),
    )


def _what(app: OidcApplication) -> str:
    if app.login and app.login.session_token:
        return "its token"
    return "its cookie" if ends_on_its_side(app) else "the cookie that the browser keeps"


@check(
    "OIDC-LOGIN-04",
    trouble="An excluded user is not refused at the login",
    claim="a user that the policy excludes is refused by Authentik, with its denial page",
    runbook="H3",
    blind="users and applications that the estate file does not name in [excluded_user]",
    leaves="own",
    needs=("user",),
)
def test_excluded_user(excluded_from_app: Arrival, app: OidcApplication, estate: Estate) -> None:
    """The page has status 200, so that nothing but its words tells a refusal from an application."""
    username = estate.excluded_user.username if estate.excluded_user else ""
    assert excluded_from_app.denied, because(
        f"{username}, whom the policies should keep out of {app.name}, ends {excluded_from_app.summary} instead of on "
        "Authentik's denial page",
        remedy=Remedy(
            f"look at the policy bindings of the application {app.slug!r} in Authentik; or correct [excluded_user]",
            application_page(estate, app.slug),
        ),
    )
