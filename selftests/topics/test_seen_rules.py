"""What a browser shows after a login, told apart: the application's page, and all that is none."""

import pytest

from fixtures.doors.browser.failures import Failed, told
from fixtures.estate.loading import load_estate
from fixtures.estate.urls import address
from fixtures.login.typing import Stage
from fixtures.topics.seen.rules import infisical_took_the_login, not_the_page
from fixtures.topics.seen.visits import PageSeen
from lab.files import ESTATE_TEXT

HOME = "https://grafana.example.org"
AUTH = "https://auth.frank.derio.net"
ESTATE = load_estate(ESTATE_TEXT)
GRAFANA = next(app for app in ESTATE.oidc if app.name == "grafana")
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
    failed=(),
)
SCRIPT = Failed(HOME, f"{HOME}/app.js", "script", "is answered with 404")
POLICY = Failed(HOME, "", "policy", "Refused to load an image by the policy")


def judged(page, status=200):
    return not_the_page(page, ESTATE, GRAFANA, status)


def test_the_applications_own_page_is_one():
    assert judged(GOOD) is None


def test_an_empty_page_that_lacks_nothing_is_warned_of():
    """Some applications answer nothing on purpose: that is no proof, and no good sign either."""
    wrong = judged(GOOD._replace(empty=True))
    assert (wrong.severity, "stays empty" in wrong.what) == ("warning", True)
    assert judged(GOOD._replace(empty=True, status=204), 204) is None


def test_a_policy_that_keeps_something_out_of_a_page_that_is_there_is_meant():
    assert judged(GOOD._replace(failed=(POLICY,))) is None


@pytest.mark.parametrize(
    ("change", "said", "severity"),
    [
        ({"looping": True, "hops": (f"{HOME}/", f"{AUTH}/authorize/") * 5}, "back and forth between", "error"),
        ({"dead": "ERR_NAME_NOT_RESOLVED"}, "ERR_NAME_NOT_RESOLVED", "error"),
        (
            {"arrived": False, "at": f"{AUTH}/application/o/authorize/", "headline": "Permission denied"},
            "policies deny probe grafana: the page says 'Permission denied'",
            "error",
        ),
        (
            {"arrived": False, "at": f"{AUTH}/application/o/authorize/", "status": 400, "headline": "Client ID Error"},
            "error page of Authentik: https://auth.frank.derio.net/application/o/authorize/ (400, 'Client ID Error')",
            "error",
        ),
        ({"arrived": False, "at": "https://elsewhere.example.org/"}, "does not end at grafana, but at", "error"),
        ({"status": 500}, "500 instead of 200", "error"),
        ({"empty": True, "failed": (SCRIPT,)}, "stays empty", "error"),
        ({"empty": True, "failed": (POLICY,)}, "stays empty", "error"),
        ({"failed": (SCRIPT,)}, "app.js is answered with 404", "warning"),
    ],
)
def test_whatever_else_is_there_is_named(change, said, severity):
    wrong = judged(GOOD._replace(**change))
    assert wrong is not None
    assert said in wrong.what
    assert wrong.severity == severity
    assert wrong.remedy


def test_a_loop_names_both_hosts():
    wrong = judged(GOOD._replace(looping=True, hops=(f"{HOME}/", f"{AUTH}/authorize/") * 5))
    assert HOME in wrong.what
    assert AUTH in wrong.what


def test_infisical_takes_a_login_at_pages_of_its_own():
    assert infisical_took_the_login([f"{HOME}/login/sso"], HOME)
    assert not infisical_took_the_login([f"{HOME}/login", f"{AUTH}/login/sso"], HOME)


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
    assert address("https://h.example.org/a?code=1#t") == "https://h.example.org/a"
    assert address("data:text/html,secret") == "data:…"
