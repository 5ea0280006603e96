"""Grant types: which ones a client needs, and what an answer proves where its provider may not allow them."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from fixtures.engine.checks import take_reason
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.side_effects import side_effect_at_authentik
from fixtures.model.signals import NotApplicable
from fixtures.topics.providers.grants import NeededGrant, needed_grant
from fixtures.topics.tokens.questions import ShownSecret
from fixtures.topics.tokens.questions import wrong_secret as wrong_secret_of
from selftests.support.answers import json_answer
from tests_oidc import test_providers as providers
from tests_oidc import test_token as tokens

URL = "https://auth.example.org"
TOKEN = f"{URL}/application/o/token/"
AUTHENTIK = {"url": URL, "public_url": URL}
CODE = "authorization_code"


def application(**changes):
    return OidcApplication(**{
        "name": "grafana", "slug": "grafana", "url": "https://grafana.example.org", "client_id": "grafana",
        "redirect_uris": ("https://grafana.example.org/login/generic_oauth",), "login_start": "/login", **changes,
    })  # fmt: skip


def estate(**tables):
    return Estate.model_validate({"name": "example", "authentik": AUTHENTIK, **tables})


@pytest.mark.parametrize(
    ("changes", "needed"),
    [
        ({}, (CODE,)),
        ({"scopes": ("openid", "offline_access")}, (CODE, "refresh_token")),
        ({"client_type": "public"}, (CODE,)),
        ({"machine": True, "redirect_uris": ()}, ("client_credentials",)),
        ({"machine": True, "grant_types": ("client_credentials", "password")}, ("client_credentials", "password")),
        ({"scopes": ("openid", "offline_access"), "grant_types": (CODE,)}, (CODE,)),
    ],
)
def test_what_a_client_needs_follows_from_its_kind_or_is_declared(changes, needed):
    assert application(**changes).grant_types == needed


def test_a_grant_type_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="grant_types"):
        application(grant_types=("authorisation_code",))


def test_the_suites_own_client_has_cases_too():
    declared = estate(client={"client_secret": {"env": "ANY"}})
    assert [entry.name for entry in needed_grant(declared)] == [
        f"sso-conformance-{CODE}",
        "sso-conformance-refresh_token",
    ]
    unrefreshed = estate(client={"client_secret": {"env": "ANY"}, "scopes": ["openid"]})
    assert [entry.name for entry in needed_grant(unrefreshed)] == [f"sso-conformance-{CODE}"]
    assert not needed_grant(estate())


def judged(grant_types):
    needed = NeededGrant(application(), CODE)
    provider = SimpleNamespace(name="Grafana", pk=4, client_id="grafana", grant_types=grant_types)
    providers.test_needed_grants_are_allowed([provider], needed, estate())


@pytest.mark.parametrize("allowed", [[CODE], ["refresh_token", CODE], [CODE, "urn:something:new"]])
def test_a_needed_grant_that_is_allowed(allowed):
    judged(allowed)


@pytest.mark.parametrize("allowed", [[], ["refresh_token"], ["authorization_code "], ["hybrid", "implicit"]])
def test_a_needed_grant_that_is_not_allowed(allowed):
    with pytest.raises(AssertionError, match="does not allow the grant type authorization_code"):
        judged(allowed)
    assert "grant types" in take_reason().remedy


def test_a_version_without_the_field_has_nothing_to_judge():
    with pytest.raises(NotApplicable):
        judged(None)


def answered(error, status=400):
    return json_answer({"error": error}, status, TOKEN, method="POST")


def wrong_secret(error, status=400, *, revoking=False):
    seen = ShownSecret(answered(error, status), revoking)
    tokens.test_wrong_secret_is_refused(seen, application(), estate())


@pytest.mark.parametrize("revoking", [True, False])
@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_secret_that_is_refused(status, revoking):
    wrong_secret("invalid_client", status, revoking=revoking)


@pytest.mark.parametrize(("error", "status", "revoking"), [("invalid_grant", 400, False), ("", 200, True)])
def test_a_wrong_secret_that_is_taken(error, status, revoking):
    with pytest.raises(AssertionError, match="the client is public"):
        wrong_secret(error, status, revoking=revoking)
    take_reason()


@pytest.mark.parametrize(
    ("error", "status", "revoking"),
    [("invalid_grant", 400, True), ("", 200, False), ("invalid_client", 200, True), ("server_error", 500, True)],
)
def test_an_answer_to_something_else_takes_no_secret(error, status, revoking):
    assert not ShownSecret(answered(error, status), revoking).is_taken


@pytest.mark.parametrize("revoking", [True, False])
@pytest.mark.parametrize("error", ["", "server_error", "unsupported_grant_type"])
def test_any_other_answer_is_red(error, revoking):
    with pytest.raises(AssertionError, match="not invalid_client"):
        wrong_secret(error, revoking=revoking)
    take_reason()


def asked(app, *, limited):
    """What was posted where, to show that a client's secret is judged: its forms by endpoint."""
    forms = []
    refusal = "invalid_grant" if limited else "unsupported_grant_type"

    class Door:
        def request(self, _method, url, *, form, basic, **_):
            forms.append((url.split("/")[-2], form.get("grant_type", ""), basic is not None))
            return answered("invalid_grant" if limited and url == TOKEN else "invalid_client", 401)

    return wrong_secret_of(Door(), estate(), app, answered(refusal)), forms


def test_a_machines_secret_is_judged_without_any_grant():
    seen, forms = asked(application(), limited=True)
    assert seen.revoking
    assert seen.error == "invalid_client"
    assert forms == [("token", "refresh_token", True), ("revoke", "", True)]


def test_where_grants_are_not_limited_one_question_is_enough():
    seen, forms = asked(application(), limited=False)
    assert not seen.revoking
    assert forms == [("token", "refresh_token", True)]


@pytest.mark.parametrize("error", ["unsupported_grant_type", "invalid_grant"])
def test_an_unknown_grant_is_refused_by_either_version(error):
    tokens.test_unknown_grant_is_refused(answered(error), application())


@pytest.mark.parametrize("error", ["invalid_request", "invalid_client", ""])
def test_an_unknown_grant_that_is_answered_otherwise(error):
    with pytest.raises(AssertionError, match="not unsupported_grant_type"):
        tokens.test_unknown_grant_is_refused(answered(error), application())
    take_reason()


@pytest.mark.parametrize(("form", "left"), [({}, "session"), ({"code": ""}, "session"), ({"code": "given"}, "own")])
def test_a_code_grant_without_a_code_uses_nothing_up(form, left):
    assert side_effect_at_authentik("POST", TOKEN, {"grant_type": CODE, **form}) == left
