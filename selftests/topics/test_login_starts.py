"""How an application may answer at its login start: any redirect begins a login, nothing else does."""

import pytest

from fixtures.engine.checks import take_reason
from fixtures.estate.loading import load_estate
from fixtures.topics.logins.questions import LoginStart
from lab.files import ESTATE_TEXT
from selftests.support.answers import answer
from tests_oidc.test_relying_party import test_login_start as judge

ESTATE = load_estate(ESTATE_TEXT)
GRAFANA = next(app for app in ESTATE.oidc if app.name == "grafana")
SENT = (
    "response_type=code&client_id=grafana&state=s&scope=openid+profile+email+groups+offline_access"
    "&redirect_uri=https%3A%2F%2Fgrafana.frank.derio.net%2Flogin%2Fgeneric_oauth"
)


def answered(status, location=f"{ESTATE.authentik.public_url}/application/o/authorize/?{SENT}"):
    return LoginStart(answer(status, url=GRAFANA.login_start_url, location=location or None), uri_is_declared=True)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_any_redirect_begins_a_login(status):
    judge(answered(status), GRAFANA, ESTATE)


@pytest.mark.parametrize(("status", "location"), [(200, ""), (302, ""), (304, "x"), (404, ""), (502, "")])
def test_nothing_else_does(status, location):
    with pytest.raises(AssertionError):
        judge(answered(status, location), GRAFANA, ESTATE)
    assert "starts no login" in take_reason().cause
