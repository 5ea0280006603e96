"""What an application shows of a session, by kind, and where one is ended there."""

import pytest

from fixtures.estate.loading import load_estate
from fixtures.estate.oidc import OidcApplication
from fixtures.login.journey import Journey, new_jar
from fixtures.model.signals import NotApplicable, NotDescribed
from fixtures.topics.logins.own_sessions import hidden_field, known_by_gate, log_out, logout_url, shows
from fixtures.topics.logins.roles import proves_a_role
from lab.files import ESTATE_TEXT
from selftests.support.answers import answer, json_answer

URL = "https://app.example.org"
LOGIN = {"session_url": f"{URL}/me", "contains": "eve"}


PAGE = """<form method=post action=/logout>
<input type="hidden" name="csrf" value="a&amp;b"><INPUT name='q' value='x'></form>"""


def application(**more):
    needed = {"name": "app", "slug": "app", "url": URL, "client_id": "app", "redirect_uris": [f"{URL}/cb"]}
    return OidcApplication(**{**needed, "login_start": "/login", **more})


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({"kind": "argocd"}, '{"loggedIn": true, "username": "eve"}'),
        ({"kind": "grafana"}, '{"login": "eve"}'),
        ({"login": LOGIN}, '{"sub": "eve"}'),
    ],
)
def test_each_kind_shows_a_session_in_its_own_way(more, body):
    assert shows(application(**more), json_answer(body))
    assert not shows(application(**more), json_answer(body, 401))
    assert not shows(application(**more), json_answer("{}"))


def test_where_a_session_is_ended():
    assert logout_url(application(kind="argocd")) == f"{URL}/auth/logout"
    assert logout_url(application(login=LOGIN | {"logout_url": f"{URL}/bye"})) == f"{URL}/bye"
    with pytest.raises(NotApplicable):
        logout_url(application(kind="infisical", org_slug="o"))
    with pytest.raises(NotDescribed):
        logout_url(application(login=LOGIN))


def test_a_profile_is_written_into_the_table_and_the_files_own_words_come_first():
    miniflux = application(kind="miniflux", login_start="/go", login={"contains": "me"})
    assert (miniflux.login_start_url, miniflux.login.contains) == (f"{URL}/go", "me")
    assert miniflux.login.session_url == f"{URL}/settings"
    assert (miniflux.login.logout_url, miniflux.login.logout_method) == (f"{URL}/logout", "POST")
    assert miniflux.login.logout_csrf == "csrf"


def test_addresses_of_a_session_keep_their_query_and_slash():
    login = application(login={"session_url": f"{URL}/app/", "logout_url": f"{URL}/cb?logout={URL}/"}).login
    assert login.session_url == f"{URL}/app/"
    assert login.logout_url == f"{URL}/cb?logout={URL}/"


def test_without_a_text_nothing_is_a_session():
    assert not shows(application(login={"session_url": f"{URL}/me"}), json_answer("anything"))


@pytest.mark.parametrize(("name", "value"), [("csrf", "a&b"), ("q", "x"), ("other", "")])
def test_the_hidden_field_of_a_page(name, value):
    assert hidden_field(PAGE, name) == value


class Pages:
    """A door behind which an application has these pages, and that keeps what is posted."""

    def __init__(self, **pages):
        self.pages, self.posted = pages, []

    def get(self, url, **_):
        return answer(200, self.pages.get(url.rpartition("/")[2], ""), url)

    def request(self, method, url, *, form, headers, **_):
        self.posted.append((form, headers))
        return answer(302, url=url, method=method)


@pytest.mark.parametrize(
    ("pages", "cookies", "sent"),
    [
        ({"me": '<input type=hidden name="token" value="of the page">'}, (), "of the page"),
        ({"me": "{}", "": '<meta name="token" content="of the head">'}, (), "of the head"),
        ({"me": "{}"}, ("of the cookie",), "of the cookie"),
        ({"me": '<input name="token" value="of the page">'}, ("of the cookie",), "of the page"),
        ({}, (), ""),
    ],
)
def test_a_logout_by_post_sends_what_its_page_would(pages, cookies, sent):
    door, jar = Pages(**pages), new_jar()
    for value in cookies:
        jar.set("token", value, domain="app.example.org")
    login = LOGIN | {"logout_url": f"{URL}/bye", "logout_method": "POST", "logout_csrf": "token"}
    log_out(Journey(door, load_estate(ESTATE_TEXT), jar=jar), application(login=login))
    ((form, headers),) = door.posted
    assert form == {"token": sent}
    assert (headers["Origin"], headers["Referer"]) == (URL, f"{URL}/")


@pytest.mark.parametrize(
    ("contains", "shown"),
    [
        ("o'brien", "<b>o&#39;brien</b>"),
        ("eve@example.org", '{"mail": "eve\\u0040example.org"}'),
        ("Eve.Probe", '{"login": "eve.probe"}'),
    ],
)
def test_a_name_is_found_however_it_is_written(contains, shown):
    described = application(login={"session_url": f"{URL}/me", "contains": contains})
    assert shows(described, json_answer(shown))
    assert not shows(described, json_answer("nobody"))


@pytest.mark.parametrize(("text", "proves"), [("admin", True), ("eve", False), ("EVE", False), ("probe", False)])
def test_a_part_of_the_users_name_proves_no_role(text, proves):
    expected = application(login=LOGIN | {"role_contains": text}).login
    assert proves_a_role(expected, "eve-the-probe") is proves


class Behind:
    """A Grafana behind a gate, which knows its user by these cookies."""

    def __init__(self, *known):
        self.known = known

    def get(self, url, *, cookies, **_):
        knows = any(cookie.name.startswith(self.known) for cookie in cookies.jar)
        return json_answer('{"login": "eve"}') if knows else json_answer("{}", 401)


@pytest.mark.parametrize(
    ("known", "gate", "by_gate"),
    [
        (("grafana_session",), "app-gate", False),
        # Its auth.proxy believes the gate's headers: a login that failed would be none to see.
        (("authentik_proxy_",), "app-gate", True),
        (("authentik_proxy_",), None, False),
    ],
)
def test_who_is_known_by_the_gate_alone_has_no_session(known, gate, by_gate):
    jar = new_jar()
    for name in ("authentik_proxy_3f1c", "grafana_session"):
        jar.set(name, "x", domain="app.example.org")
    journey = Journey(Behind(*known), load_estate(ESTATE_TEXT), jar=jar)
    app = application(kind="grafana", behind_gate=gate, direct_url="http://grafana.grafana")
    assert known_by_gate(journey, app) is by_gate
    assert len(list(journey.jar.jar)) == 2
