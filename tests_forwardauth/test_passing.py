"""Who may pass a gate passes it, and nobody else (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import application_page, server_version
from fixtures.login.journey import Arrival, Session
from fixtures.model.kinds import COOKIE_OPENS_TOO_MUCH
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import Broken
from fixtures.topics.gate.questions import Attempt
from fixtures.topics.gate.rules import is_gate_redirect, its_route
from fixtures.topics.gate.session_rules import HeaderLogin, failed_login, going_round, refused_login, wrong_answer
from fixtures.topics.gate.sessions import GateSession


@check(
    "FWD-PASS-01",
    trouble="Behind the gate the application does not answer",
    claim="after a login by the probe user the application answers, under its own host",
    runbook="H4",
    blind="the application's own pages beyond the first, and other users' rights",
    leaves="own",
    needs=("user",),
)
def test_probe_user_passes(gate_session: GateSession, gate: ForwardAuthApplication, estate: Estate) -> None:
    """A redirect to a login is what a gate that nobody can pass gives as well."""
    arrival = gate_session.arrival
    if isinstance(arrival, Broken):
        raise going_round(arrival, estate, gate)
    wrong = failed_login(gate_session.username, arrival, gate)
    assert wrong is None, because(wrong.what, remedy=_with_places(wrong.remedy, estate, gate), kind=wrong.kind)


@check(
    "FWD-PASS-02",
    trouble="An app password does not pass the gate",
    claim="a service account's app password passes the gate without a browser",
    runbook="H4",
    blind="other accounts, and Bearer tokens of the provider",
    leaves="own",
    needs=("user",),
)
def test_app_password_passes(gate_by_app_password: HeaderLogin, gate: ForwardAuthApplication, estate: Estate) -> None:
    """Programs have no other way in; an API token, or a password, is answered with the login redirect."""
    refused = refused_login(gate_by_app_password, gate)
    assert refused is None, because(refused.what, remedy=_with_places(refused.remedy, estate, gate), kind=refused.kind)
    wrong = wrong_answer(gate_by_app_password.answer, gate)
    assert wrong is None, because(
        f"asked with the app password of the service account: {wrong.what}",
        remedy=_or_may_not(_with_places(wrong.remedy, estate, gate), gate),
        kind=wrong.kind,
    )


@check(
    "FWD-PASS-03",
    trouble="An excluded user passes the gate",
    claim="a user the policy excludes does not pass",
    runbook="H4",
    blind="users and applications that the estate file does not name in [excluded_user]",
    leaves="own",
    needs=("user",),
)
def test_excluded_user_does_not_pass(
    excluded_from_gate: Arrival, excluded_login: Session, gate: ForwardAuthApplication, estate: Estate
) -> None:
    """The denial is a page with status 200 on Authentik's host, which must not be taken for the application."""
    username = excluded_login.credentials.username
    assert excluded_from_gate.denied, because(
        f"{username}, whom the policies should keep out of {gate.name}, ends {excluded_from_gate.summary} instead of "
        "on Authentik's denial page",
        remedy=Remedy(
            f"look at the policy bindings of the application {gate.slug!r} in Authentik; or correct [excluded_user]",
            application_page(estate, gate.slug),
        ),
    )


@check(
    "FWD-PASS-04",
    trouble="A cookie opens a gate that it must not",
    claim="one application's gate cookie does not open another; a tampered cookie leads to login",
    runbook="H4",
    blind="gates in domain mode, whose one cookie is meant for all hosts of the domain",
    leaves="own",
    needs=("user",),
)
def test_cookies_pass_only_their_own_gate(
    tampered_cookie: Attempt, cookies_elsewhere: tuple[Attempt, ...], gate: ForwardAuthApplication, estate: Estate
) -> None:
    """A session is for one application: else whoever may use the least of them may use all."""
    remedy = Remedy(
        "update the outpost: its sessions are not bound to their provider; until then keep the applications apart",
        server_version(estate),
        page(estate.admin_page("outpost/outposts")),
    )
    for attempt in (tampered_cookie, *cookies_elsewhere):
        assert is_gate_redirect(attempt.answer), because(
            f"a gate cookie of {gate.name} that must not pass is answered with {attempt.answer.summary} "
            f"({attempt.what}) instead of a redirect to a login",
            remedy=remedy,
            kind=COOKIE_OPENS_TOO_MUCH,
        )


def _with_places(remedy: str, estate: Estate, gate: ForwardAuthApplication) -> Remedy:
    told = Remedy.of(remedy)
    return Remedy(told.sentence, *told.steps, its_route(estate, gate), application_page(estate, gate.slug))


def _or_may_not(remedy: Remedy, gate: ForwardAuthApplication) -> Remedy:
    told = f"if the account may not use {gate.name}, name those that it may use: [service_account] applications"
    return Remedy(f"{remedy.sentence}; {told}", *remedy.steps)
