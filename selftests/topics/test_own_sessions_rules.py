"""What an application shows of a session, by kind, and where one is ended there."""

import httpx
import pytest

from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.answers import Answer
from fixtures.model.signals import NotApplicable, NotDescribed
from fixtures.topics.logins.own_sessions import logout_url, shows

URL = "https://app.example.org"
LOGIN = {"session_url": f"{URL}/me", "contains": "eve"}


def application(**more):
    needed = {"name": "app", "slug": "app", "url": URL, "client_id": "app", "redirect_uris": [f"{URL}/cb"]}
    return OidcApplication(**{**needed, "login_start": "/login", **more})


def told(body, status=200):
    return Answer("GET", f"{URL}/me", status, httpx.Headers({"content-type": "application/json"}), body.encode(), 0.01)


@pytest.mark.parametrize(
    ("more", "body"),
    [
        ({"kind": "argocd"}, '{"loggedIn": true, "username": "eve"}'),
        ({"kind": "grafana"}, '{"login": "eve"}'),
        ({"login": LOGIN}, '{"sub": "eve"}'),
    ],
)
def test_each_kind_shows_a_session_in_its_own_way(more, body):
    assert shows(application(**more), told(body))
    assert not shows(application(**more), told(body, 401))
    assert not shows(application(**more), told("{}"))


def test_where_a_session_is_ended():
    assert logout_url(application(kind="argocd")) == f"{URL}/auth/logout"
    assert logout_url(application(login=LOGIN | {"logout_url": f"{URL}/bye"})) == f"{URL}/bye"
    with pytest.raises(NotApplicable):
        logout_url(application(kind="infisical", org_slug="o"))
    with pytest.raises(NotDescribed):
        logout_url(application(login=LOGIN))
