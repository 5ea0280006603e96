"""The judges of redirect URIs and login starts, shown good and bad examples."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.doors import matching
from fixtures.doors.matching import Endless, matches_all
from fixtures.estate.oidc import RedirectUri
from fixtures.login.journey import Arrival
from fixtures.topics.authorization.questions import is_declared
from fixtures.topics.authorization.redirects import NEAR_MISSES, added_parameters, allows, near_miss_of
from fixtures.topics.logins.rules import is_left_to_a_script, login_start_complaints
from selftests.support.answers import answer
from selftests.support.oidc_applications import application

URI = "https://grafana.example/login/generic_oauth"
ENDPOINT = "https://auth.example/application/o/authorize/"


@pytest.mark.parametrize(
    ("uri", "kind", "missed"),
    [
        (URI, "slash", f"{URI}/"),
        (f"{URI}/", "slash", URI),
        ("https://grafana.example", "slash", "https://grafana.example/"),
        (URI, "extra-path", f"{URI}/conformance"),
        (URI, "query", f"{URI}?conformance=1"),
        (f"{URI}?a=b", "query", f"{URI}?a=b&conformance=1"),
        (URI, "port", "https://grafana.example:8443/login/generic_oauth"),
        ("https://grafana.example:8443/cb", "port", "https://grafana.example:8444/cb"),
        ("https://[::1]/cb", "port", "https://[::1]:8443/cb"),
        (URI, "userinfo", "https://conformance@grafana.example/login/generic_oauth"),
        (URI, "host-case", "https://GRAFANA.EXAMPLE/login/generic_oauth"),
        (URI, "path-case", "https://grafana.example/LOGIN/GENERIC_OAUTH"),
        ("https://grafana.example/LOGIN", "path-case", "https://grafana.example/login"),
        (URI, "http", "http://grafana.example/login/generic_oauth"),
        ("http://grafana.example/cb", "http", None),
        ("https://grafana.example", "path-case", None),
        ("org.example.app:/cb", "port", None),
        ("org.example.app:/cb", "userinfo", None),
        ("org.example.app:/cb", "host-case", None),
        ("org.example.app:/cb", "slash", "org.example.app:/cb/"),
    ],
)
def test_near_misses(uri, kind, missed):
    assert near_miss_of(uri, kind) == missed


@given(
    host=st.from_regex(r"[a-z]{1,8}(\.[a-z]{2,5}){1,2}", fullmatch=True),
    path=st.from_regex(r"(/[A-Za-z0-9._-]{1,6}){0,3}/?", fullmatch=True),
    kind=st.sampled_from(NEAR_MISSES),
)
def test_a_near_miss_is_never_the_uri_itself(host, path, kind):
    uri = f"https://{host}{path}"
    missed = near_miss_of(uri, kind)
    assert missed != uri
    assert missed is None or not allows((RedirectUri(url=uri),), missed, matches_all)


@pytest.mark.parametrize(
    ("entry", "uri", "allowed"),
    [
        (RedirectUri(url=URI), URI, True),
        (RedirectUri(url=URI), f"{URI}/", False),
        (RedirectUri(url=URI), URI.upper(), False),
        (RedirectUri(url=r"https://grafana\.example/.*", matching_mode="regex"), URI, True),
        (RedirectUri(url=r"https://grafana\.example/", matching_mode="regex"), URI, False),
        (RedirectUri(url="https://(", matching_mode="regex"), "https://(", False),
    ],
)
def test_what_a_list_allows(entry, uri, allowed):
    assert allows((entry,), uri, matches_all) is allowed


ENDLESS = r"https://grafana\.example/(\w+)+!"


@pytest.mark.parametrize(
    ("expression", "uri", "allowed"),
    [
        (r"(?!.*evil)https://grafana\.example/\w+", "https://grafana.example/cb", True),
        (r"(?!.*evil)https://grafana\.example/\w+", "https://grafana.example/evil", False),
        (r"(?=h)(", "(", False),
        (r"https://grafana\.example/[[a]", "https://grafana.example/a", True),
        (ENDLESS, "https://grafana.example/cb!", True),
    ],
)
def test_python_reads_it(expression, uri, allowed):
    assert allows((RedirectUri(url=expression, matching_mode="regex"),), uri, matches_all) is allowed


def test_an_expression_that_would_hang_authentik_does_not_hang_the_suite(monkeypatch):
    monkeypatch.setattr(matching, "SECONDS", 1.0)
    with pytest.raises(Endless, match="not done with"):
        allows((RedirectUri(url=ENDLESS, matching_mode="regex"),), f"https://grafana.example/{'a' * 60}", matches_all)


def test_an_endless_expression_declares_nothing(monkeypatch):
    monkeypatch.setattr(matching, "SECONDS", 1.0)
    app = _application(redirect_uris=[{"url": ENDLESS, "matching_mode": "regex"}])
    assert not is_declared(app, f"https://grafana.example/{'a' * 60}", matches_all)
    assert is_declared(app, "https://grafana.example/cb!", matches_all)


def test_an_empty_list_allows_nothing():
    assert not allows((), URI, matches_all)


@pytest.mark.parametrize(
    ("location", "uri", "added"),
    [
        (f"{URI}?error=login_required&state=s", URI, {"error": "login_required", "state": "s"}),
        (f"{URI}?a=b?error=x&state=", f"{URI}?a=b", {"error": "x", "state": ""}),
        (f"{URI}?a=b&error=x", f"{URI}?a=b", {"error": "x"}),
        (URI, URI, {}),
        (f"{URI}/?error=x", URI, None),
        (f"{URI}.evil.example?error=x", URI, None),
        ("https://auth.example/if/flow/x/", URI, None),
        ("", URI, None),
    ],
)
def test_what_comes_back_with_a_redirect(location, uri, added):
    assert added_parameters(location, uri) == added


def _application(**settings):
    usual = {"url": "https://grafana.example", "redirect_uris": [URI], "scopes": ["openid", "email"]}
    return application(**(usual | settings))


def complaints(location, app=None):
    app = app or _application()
    declared = is_declared(app, parse_qs(urlsplit(location).query).get("redirect_uri", [""])[0], matches_all)
    return login_start_complaints(location, ENDPOINT, app, uri_is_declared=declared)


def _location(**changed):
    usual = {
        "client_id": "grafana",
        "redirect_uri": URI,
        "response_type": "code",
        "scope": "openid email groups",
        "state": "not-to-be-repeated",
    }
    sent = {name: value for name, value in (usual | changed).items() if value is not None}
    return f"{ENDPOINT}?{urlencode(sent)}"


def test_a_right_login_start():
    assert complaints(_location()) == []


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        (_location().replace("auth.example", "other.example"), "it leads to https://other.example"),
        (_location().replace("https://auth", "http://auth"), "it leads to http://auth.example"),
        ("https://grafana.example/login", "it leads to https://grafana.example/login instead"),
        (_location(client_id="proxy"), "its client id is 'proxy'"),
        (_location(redirect_uri=URI.replace("https", "http")), "its redirect URI is 'http://"),
        (_location(response_type="token"), "its response type is 'token'"),
        (_location(scope="openid"), "it does not ask for the scope email"),
        (_location(state=None), "no state, nonce or"),
        (_location(state=""), "no state, nonce or"),
    ],
)
def test_a_wrong_login_start(location, complaint):
    (found,) = complaints(location)
    assert found.startswith(complaint)
    assert "not-to-be-repeated" not in found


@pytest.mark.parametrize(
    "instead", [{"nonce": "n"}, {"code_challenge": "c", "code_challenge_method": "S256"}], ids="+".join
)
def test_what_may_take_the_place_of_a_state(instead):
    assert complaints(_location(state=None, **instead)) == []
    assert complaints(_location(state=None, code_challenge="c", code_challenge_method="plain"))


@pytest.mark.parametrize("flow", ["code", "code id_token", "code id_token token", "id_token"])
def test_a_response_type_is_one_that_authentik_knows(flow):
    assert complaints(_location(response_type=flow)) == []
    # It compares the words in their order.
    if " " in flow:
        (said,) = complaints(_location(response_type=" ".join(reversed(flow.split()))))
        assert said.startswith("its response type is")


@pytest.mark.parametrize(
    ("ended", "is_left"),
    [
        ("https://app.example/callback#code=c&state=s", True),
        ("https://app.example/callback#id_token=t&state=s", True),
        ("https://app.example/callback?code=c&state=s", False),
        ("https://app.example/#/dashboard", False),
        # Its own error is read by the script as well, and tells that nobody is logged in.
        ("https://app.example/callback#error=access_denied", False),
    ],
)
def test_what_a_fragment_brings_is_left_to_a_script(ended, is_left):
    assert is_left_to_a_script(Arrival(answer(url=ended), ())) is is_left


def test_pkce_is_judged_only_where_declared():
    with_pkce = _location(code_challenge="c", code_challenge_method="S256")
    assert complaints(with_pkce, _application(pkce=True)) == []
    assert complaints(_location(), _application(pkce=True))
    plain = _location(code_challenge="c", code_challenge_method="plain")
    assert complaints(plain, _application(pkce=True))


def test_every_kind_of_near_miss_changes_an_ordinary_uri():
    missed = {near_miss_of(URI, kind) for kind in NEAR_MISSES}
    assert len(missed) == len(NEAR_MISSES)
    assert all(uri and urlsplit(uri).hostname == "grafana.example" for uri in missed)
