"""Who may pass a gate passes it, and nobody else (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.topics.gate.rules import is_gate_redirect
from fixtures.topics.gate.session_rules import wrong_answer


@check(
    "FWD-PASS-01",
    claim="after a login by the probe user the application answers, under its own host",
    runbook="H4",
    blind="the application's own pages beyond the first, and other users' rights",
)
def test_probe_user_passes(gate_session):
    """A redirect to a login is what a gate that nobody can pass gives as well."""
    assert gate_session.arrival.answer.status


@check(
    "FWD-PASS-02",
    claim="a service account's app password passes the gate without a browser",
    runbook="H4",
    blind="other accounts, and Bearer tokens of the provider",
)
def test_app_password_passes(gate_by_app_password, gate):
    """Programs have no other way in; an API token, or a password, is answered with the login redirect."""
    assert wrong_answer(gate_by_app_password, gate) is None


@check(
    "FWD-PASS-03",
    claim="a user the policy excludes does not pass",
    runbook="H4",
    blind="users and applications that the estate file does not name in [excluded_user]",
)
def test_excluded_user_does_not_pass(excluded_from_gate, gate, estate):
    """The denial is a page with status 200 on Authentik's host, which must not be taken for the application."""
    username = estate.excluded_user.username
    assert excluded_from_gate.denied, because(
        f"{username}, whom the policies should keep out of {gate.name}, ends {excluded_from_gate.summary} instead of "
        "on Authentik's denial page",
        remedy=f"look at the policy bindings of the application {gate.slug!r} in Authentik; or correct [excluded_user]",
    )


@check(
    "FWD-PASS-04",
    claim="one application's gate cookie does not open another; a tampered cookie leads to login",
    runbook="H4",
    blind="gates in domain mode, whose one cookie is meant for all hosts of the domain",
)
def test_cookies_pass_only_their_own_gate(tampered_cookie, cookies_elsewhere, gate, estate):
    """A session is for one application: else whoever may use the least of them may use all."""
    remedy = "update the outpost: its sessions are not bound to their provider; until then keep the applications apart"
    for attempt in (tampered_cookie, *cookies_elsewhere):
        assert is_gate_redirect(attempt.answer), because(
            f"a gate cookie of {gate.name} that must not pass is answered with {attempt.answer.summary} "
            f"({attempt.what}) instead of a redirect to a login",
            remedy=remedy,
            kind="a gate cookie opens what it must not",
        )
