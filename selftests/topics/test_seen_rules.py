"""What a browser shows after a login, told apart: the application's page, and all that is none."""

from dataclasses import replace

import pytest

from fixtures.doors.browser.failures import Failed, told, without_query
from fixtures.login.typing import Stage, Typed
from fixtures.topics.seen.rules import infisical_took_the_login, login_stopped, not_the_page
from fixtures.topics.seen.visits import LoginSeen, PageSeen

HOME = "https://grafana.example.org"
AUTH = "https://auth.example.org"
GOOD = PageSeen(
    username="probe",
    at=f"{HOME}/",
    arrived=True,
    status=200,
    empty=False,
    headline="Grafana",
    hops=(f"{HOME}/login", f"{AUTH}/application/o/authorize/", f"{HOME}/"),
    looping=False,
    dead="",
    stopped="",
    failed=(),
)
SCRIPT = Failed(HOME, f"{HOME}/app.js", "script", "is answered with 404")
POLICY = Failed(HOME, "", "policy", "Refused to load an image by the policy")


def test_the_applications_own_page_is_one():
    assert not_the_page(GOOD, "grafana") is None


def test_an_empty_page_that_lacks_nothing_is_warned_of():
    """Some applications answer nothing on purpose: that is no proof, and no good sign either."""
    wrong = not_the_page(replace(GOOD, empty=True), "grafana")
    assert (wrong.severity, "stays empty" in wrong.what) == ("warning", True)
    assert not_the_page(replace(GOOD, empty=True, status=204), "grafana", 204) is None


def test_a_policy_that_keeps_something_out_of_a_page_that_is_there_is_meant():
    assert not_the_page(replace(GOOD, failed=(POLICY,)), "grafana") is None


@pytest.mark.parametrize(
    ("change", "said", "severity"),
    [
        ({"looping": True, "hops": (f"{HOME}/", f"{AUTH}/authorize/") * 5}, "back and forth between", "error"),
        ({"dead": "ERR_NAME_NOT_RESOLVED"}, "ERR_NAME_NOT_RESOLVED", "error"),
        ({"stopped": "ak-stage-captcha is asked"}, "ak-stage-captcha is asked", "error"),
        (
            {"arrived": False, "at": f"{AUTH}/application/o/authorize/", "headline": "Permission denied"},
            "denied",
            "error",
        ),
        ({"status": 500}, "500 instead of 200", "error"),
        ({"empty": True, "failed": (SCRIPT,)}, "stays empty", "error"),
        ({"empty": True, "failed": (POLICY,)}, "stays empty", "error"),
        ({"failed": (SCRIPT,)}, "app.js is answered with 404", "warning"),
    ],
)
def test_whatever_else_is_there_is_named(change, said, severity):
    wrong = not_the_page(replace(GOOD, **change), "grafana")
    assert wrong is not None
    assert said in wrong.what
    assert wrong.severity == severity
    assert wrong.remedy


def test_a_loop_names_both_hosts():
    wrong = not_the_page(replace(GOOD, looping=True, hops=(f"{HOME}/", f"{AUTH}/authorize/") * 5), "grafana")
    assert HOME in wrong.what
    assert AUTH in wrong.what


def test_infisical_takes_a_login_at_pages_of_its_own():
    assert infisical_took_the_login([f"{HOME}/login/sso"], HOME)
    assert not infisical_took_the_login([f"{HOME}/login", f"{AUTH}/login/sso"], HOME)


@pytest.mark.parametrize(
    ("typed", "signed_in", "said"),
    [
        (Typed(0.4), True, ""),
        (Typed(None, "it stays blank"), False, "nobody can type a login: it stays blank"),
        (Typed(0.4, "it says 'Invalid password'"), False, "the login stops: it says"),
        (Typed(0.4), False, "nobody is logged in after it"),
    ],
)
def test_a_login_is_finished_when_somebody_is_logged_in(typed, signed_in, said):
    stopped = login_stopped(LoginSeen("probe", typed, signed_in, None, (), (), {}))
    assert said in stopped
    assert bool(stopped) is bool(said)


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage(alert="Invalid password", stage="ak-stage-password", usable=True), "Invalid password"),
        (Stage(stage="ak-stage-password"), "nothing of it can be seen or used"),
        (Stage(works=False), "its own script does not run"),
        (Stage(headline="Failed to fetch dynamically imported module"), "Failed to fetch"),
        (Stage(), "stays empty"),
    ],
)
def test_what_is_shown_instead_of_a_stage_is_said(stage, said):
    assert said in stage.stuck


def test_what_a_page_says_is_told_without_codes_and_states():
    text = "Failed at https://auth.example.org/callback?code=abcdef123456&state=xyz (see\n 'https://x/y#token=1')"
    assert told(text) == "Failed at https://auth.example.org/callback?… (see 'https://x/y?…')"
    assert without_query("https://h.example.org/a?code=1#t") == "https://h.example.org/a"
    assert without_query("data:text/html,secret") == "data:…"
