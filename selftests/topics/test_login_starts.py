"""How an application may answer at its login start: any redirect begins a login, nothing else does."""

import pytest

from fixtures.engine.checks import take_reason
from fixtures.estate.loading import load_estate
from fixtures.model.remedy import Remedy
from fixtures.topics.logins.questions import LoginStart
from lab.files import ESTATE_TEXT
from selftests.support.answers import answer
from tests_oidc.test_relying_party import test_login_start as judge
from tests_oidc.test_relying_party import test_login_start_is_accepted as judge_its_answer

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


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ("response_type=code+id_token", "needs a nonce"),
        ("response_type=code+id_token&nonce=n", "needs hybrid"),
        ("response_type=id_token&nonce=n", "needs implicit"),
        ("response_type=code+token", "needs hybrid"),
        ("response_type=code", ""),
    ],
)
def test_what_a_login_for_more_than_a_code_lacks(sent, named):
    """Authentik answers with the same error where a grant is not allowed, and where the nonce is missing."""
    asked = f"{ESTATE.authentik.public_url}/application/o/authorize/?{sent}"
    back = f"{GRAFANA.redirect_uri}#error=invalid_request"
    with pytest.raises(AssertionError):
        judge_its_answer(answer(302, url=asked, location=back), GRAFANA, ESTATE)
    told = Remedy.of(take_reason().remedy).sentence
    assert told.startswith("compare") if not named else named in told
