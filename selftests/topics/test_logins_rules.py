"""Logins: whose session it is, and what a journey that ended without one says of the reason."""

import http.cookiejar
import json

import pytest

from fixtures.estate.profiles import LoginExpectation
from fixtures.login.cookies import lost_cookies
from fixtures.login.journey import Arrival, new_jar
from fixtures.model.kinds import ID_TOKENS_UNVERIFIED
from fixtures.topics.logins.rules import (
    argocd_groups,
    argocd_username,
    asks_dex,
    asks_no_private_address,
    generic_session,
    grafana_username,
    infisical_session,
    is_of,
    object_of,
    why_not,
)
from selftests.support.answers import answer, json_answer

APP = "https://grafana.example.org"
AUTH = "https://auth.example.org"
JSON = {"content-type": "application/json"}


def arrival(status=200, body="", url=f"{APP}/", onward="", **headers):
    return Arrival(answer(status, body, url, **headers), (APP,), onward)


@pytest.mark.parametrize(
    "body",
    ['{"user": {"username": "eve"}}', '{"user": {"username": "u1", "email": "eve"}}', '{"user": {"name": "eve"}}'],
)
def test_a_session_of_the_user(body):
    assert is_of(json_answer(body), "eve")


@pytest.mark.parametrize(
    "given",
    [
        json_answer('{"user": {"username": "mallory"}}'),
        json_answer("{}"),
        json_answer("[]"),
        json_answer('{"user": null}'),
        json_answer("", 403),
    ],
)
def test_a_session_of_nobody_or_another(given):
    assert not is_of(given, "eve")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (arrival(body="<title>Permission denied - authentik</title>"), "policies deny"),
        (arrival(302, onward="https://old.example.org/cb?code=c0de"), "sent to https://old.example.org,"),
        (arrival(400, "<title>Redirect URI Error</title>", f"{AUTH}/application/o/authorize/"), "Authentik refuses"),
        (arrival(500, 'failed to get token: oauth2: "invalid_client" "…"'), "client secret that it holds"),
        (arrival(400, "http: named cookie not present"), "state cookie was lost"),
        (arrival(400, "Invalid state parameter"), "not that of this login"),
        (arrival(500, "oidc: id token issued by a different provider"), "the issuer of the token"),
        (arrival(500, "failed to query provider"), "discovery document"),
        (arrival(404, "nothing"), "the application answers 404"),
        (arrival(url=f"{APP}/login"), "shows its login page again"),
        (arrival(url=f"{APP}/login/"), "shows its login page again"),
        (arrival(url=f"{APP}/signup/sso?token=t"), "sign-up page"),
        (arrival(body="<title>Grafana</title>"), "shows no session"),
    ],
)
def test_why_there_is_no_session(given, said):
    assert said in why_not(given, APP).said
    assert "c0de" not in why_not(given, APP).said


def test_a_signature_that_is_not_believed_is_one_trouble_with_the_suites_own():
    assert why_not(arrival(500, "failed to verify signature"), APP).kind == ID_TOKENS_UNVERIFIED
    assert why_not(arrival(500, "invalid_client"), APP).kind is None


def test_a_page_is_not_repeated_and_a_text_without_its_secrets():
    page = why_not(arrival(500, "<p>token=s3cr3t-value-of-it", **{"content-type": "text/html"}), APP)
    assert page.said == "the application answers 500"
    assert "s3cr3t" not in why_not(arrival(500, "token=s3cr3t-value-of-it"), APP).said


def test_cookies_that_never_come_back_explain_more_than_where_it_ended():
    said = why_not(arrival(url="http://grafana.example.org/login"), "http://grafana.example.org", ("oauth_state",)).said
    assert "Secure (oauth_state)" in said


def cookie(name, host, *, secure):
    return http.cookiejar.Cookie(
        0, name, "v", None, False, host, False, False, "/", True, secure, None, False, None, None, {}
    )


def test_a_secure_cookie_is_lost_over_plain_http_alone():
    jar = new_jar()
    for each in (cookie("kept", "a.example", secure=False), cookie("lost", "a.example", secure=True)):
        jar.jar.set_cookie(each)
    jar.jar.set_cookie(cookie("elsewhere", "b.example", secure=True))
    assert lost_cookies(jar, "http://a.example/x") == ("lost",)
    assert lost_cookies(jar, "https://a.example/x") == ()
    assert lost_cookies(jar, "http://c.example/") == ()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"loggedIn": true, "username": "eve"}', "eve"),
        ('{"loggedIn": false, "username": "eve"}', ""),
        ('{"loggedIn": "true", "username": "eve"}', ""),
        ("{}", ""),
        ("[]", ""),
        ("no json", ""),
    ],
)
def test_who_argocd_says_it_is(body, name):
    assert argocd_username(json_answer(body)) == name


def test_who_grafana_says_it_is():
    assert grafana_username(json_answer('{"login": "eve"}')) == "eve"
    assert grafana_username(json_answer('{"login": "", "email": "eve@example.org"}')) == "eve@example.org"
    assert grafana_username(json_answer('{"login": "eve"}', 401)) == ""


@pytest.mark.parametrize(
    ("given", "cookie_of", "finished"),
    [
        (arrival(url=f"{APP}/login/sso?token=t"), "", True),
        (arrival(url=f"{APP}/login/provider/success?token=t&x=1"), "", True),
        (arrival(url=f"{APP}/login/sso?error=e"), "", False),
        (arrival(url=f"{APP}/login/sso?token="), "", False),
        (arrival(url=f"{APP}/login?token=t"), "", False),
        (arrival(url="https://evil.example/login/sso?token=t"), "", False),
        (arrival(url=f"{APP}/login/select-organization"), "", False),
        (arrival(url=f"{APP}/login/select-organization"), "grafana.example.org", True),
        (arrival(url=f"{APP}/organizations/1/projects"), "grafana.example.org", True),
        (arrival(url=f"{APP}/login/select-organization"), "evil.example", False),
        (arrival(500, url=f"{APP}/login/select-organization"), "grafana.example.org", False),
        (arrival(url=f"{APP}/signup/sso?token=t"), "", False),
        (arrival(url=f"{APP}/signup/sso?token=t"), "grafana.example.org", False),
    ],
)
def test_how_a_login_at_infisical_ends(given, cookie_of, finished):
    jar = new_jar()
    if cookie_of:
        jar.jar.set_cookie(cookie("jid", cookie_of, secure=True))
    assert infisical_session(given, jar, APP) is finished


def test_a_generic_session_is_what_the_estate_file_says():
    expected = LoginExpectation(session_url=f"{APP}/me", contains="eve")
    assert generic_session(json_answer('{"sub": "eve"}'), expected)
    assert not generic_session(json_answer('{"sub": "eve"}', 401), expected)
    assert not generic_session(json_answer("{}"), expected)


@pytest.mark.parametrize(
    ("settings", "by_dex"),
    [
        ('{"dexConfig": {"connectors": [{"type": "oidc"}]}}', True),
        ('{"dexConfig": {"connectors": []}}', False),
        ('{"dexConfig": null}', False),
        ('{"dexConfig": {"connectors": [{}]}, "oidcConfig": {"issuer": "https://i.example"}}', False),
        ("{}", False),
    ],
)
def test_whether_argocd_asks_its_dex(settings, by_dex):
    assert asks_dex(json_answer(settings)) is by_dex


def test_only_the_object_of_a_200_is_read():
    assert object_of(json_answer('{"a": 1}')) == {"a": 1}
    assert object_of(json_answer('{"a": 1}', 500)) == {}
    assert object_of(json_answer("[1]")) == {}


@pytest.mark.parametrize(
    ("body", "groups"),
    [
        ({"groups": ["a", "role with a space", "/parent/child"]}, ("a", "role with a space", "/parent/child")),
        ({"groups": ["probe@example.org", "a"]}, ("a",)),
        ({"groups": ["probe"]}, ()),
        ({"groups": "admins"}, ("admins",)),
        ({"groups": None}, ()),
        ({}, ()),
    ],
)
def test_the_users_own_name_is_no_group(body, groups):
    userinfo = json_answer(json.dumps({"loggedIn": True, "username": "probe@example.org", **body}))
    assert argocd_groups(userinfo, "probe") == groups


@pytest.mark.parametrize(
    ("status", "body", "it_is"),
    [
        (400, '{"statusCode":400,"message":"Local IPs not allowed as URL","error":"BadRequest"}', True),
        (500, '{"type":"ssrf_blocked_error","message":"Invalid URL"}', True),
        (502, "OIDC SSRF check rejected auth.example.com because it resolved to private address 10.5.5.7", True),
        (400, "Security Error: Token URL must not target link-local addresses.", True),
        (403, "Requests to internal networks are blocked", True),
        (500, '{"message":"Something went wrong"}', False),
        (500, '{"message":"Internal network error"}', False),
        (502, "internal endpoint failed", False),
        (500, "internal IPC error", False),
        (400, "Organization is private", False),
        (200, "the private network", False),
    ],
)
def test_who_asks_no_private_address_says_so(status, body, it_is):
    # The words are of Infisical, AFFiNE (issue 15287), hermes-webui (6136) and Wallos (1095).
    assert asks_no_private_address(answer(status, body, **{"content-type": "application/json"})) is it_is
    assert not asks_no_private_address(answer(status, body, **{"content-type": "text/html"}))
