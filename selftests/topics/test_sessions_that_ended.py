"""A session that ran out by itself shows no role, and its logout proves nothing."""

import time

import pytest

from fixtures.estate.loading import load_estate
from fixtures.estate.oidc import OidcApplication
from fixtures.login.journey import Arrival, Journey, new_jar
from fixtures.model.signals import NotApplicable, NotVerified
from fixtures.topics.logins.app_roles import app_role
from fixtures.topics.logins.app_sessions import AppSession, app_logout
from fixtures.topics.logins.own_sessions import Held, close
from lab.files import ESTATE_TEXT
from selftests.support.answers import json_answer

URL = "https://app.example.org"
BODIES = {
    "/api/v1/session/userinfo": '{"loggedIn": true, "username": "eve", "groups": ["sre"]}',
    "/api/v1/account/can-i/": '{"value": "yes"}',
    "/api/user/orgs": '[{"orgId": 1, "role": "Admin"}]',
    "/api/user": '{"login": "eve", "orgId": 1}',
}
# ArgoCD tells nobody's name with 200 and `{}`; the rest is refused (facts/argocd.md, facts/grafana.md).
NOBODY = {"/api/v1/session/userinfo": (200, "{}")}


class Door:
    """An application whose session lasts for so many requests, or until its logout."""

    def __init__(self, lasting):
        self.lasting = lasting
        self.asked = []
        # What it answers with, instead of whatever it would, once it was asked to log out.
        self.down = {}
        # How often its session is shown after that: Authentik's worker is to tell it, by the back channel.
        self.late = 0
        self.pauses = 0

    def get(self, url, **_):
        self.asked.append(url.removeprefix(URL))
        self.lasting = self.late if url.endswith("/logout") else self.lasting - 1
        place = next((place for place in BODIES if url.startswith(URL + place)), "")
        status, body = (200, BODIES.get(place, "")) if self.lasting >= 0 else NOBODY.get(place, (401, "{}"))
        if any(address.endswith("/logout") for address in self.asked):
            status = self.down.get("logout" if url.endswith("/logout") else "shown", status)
        return json_answer(body, status, url)

    def pause(self, _):
        self.pauses += 1
        return True


def logged_in(kind, lasting, **more):
    estate = load_estate(ESTATE_TEXT)
    known = {"name": "app", "slug": "app", "url": URL, "client_id": "app", "redirect_uris": [f"{URL}/cb"]}
    app = OidcApplication(**known, login_start="/login", kind=kind, role="admin", **more)
    door = Door(lasting)
    journey = Journey(door, estate, jar=new_jar())
    place = "/api/v1/session/userinfo" if kind == "argocd" else "/api/user"
    shown = json_answer(BODIES[place], url=URL)
    arrival = Arrival(shown, (URL,))
    return door, estate, app, AppSession(journey, "eve", arrival, shown, True, Held(), time.monotonic(), ("sre",))


def role_at(kind, lasting):
    unseen = NotApplicable("not asked")
    return app_role(*logged_in(kind, lasting), unseen, unseen)


@pytest.mark.parametrize("kind", ["argocd", "grafana"])
def test_a_session_that_is_over_shows_no_role(kind):
    assert role_at(kind, 9).name.casefold() == "admin"
    with pytest.raises(NotVerified, match="does not know its session any more"):
        role_at(kind, 0)


def test_a_session_that_ends_between_two_questions_shows_none():
    with pytest.raises(NotVerified, match="does not know its session any more"):
        role_at("argocd", 2)


@pytest.mark.parametrize("kind", ["argocd", "grafana"])
def test_a_session_that_is_over_proves_no_logout(kind):
    assert not app_logout(*logged_in(kind, 9)).still_shown
    with pytest.raises(NotVerified, match="before any logout"):
        app_logout(*logged_in(kind, 0))


@pytest.mark.parametrize("kind", ["argocd", "grafana"])
@pytest.mark.parametrize("down", [{}, {"logout": 502}, {"shown": 503}])
def test_what_a_logout_was_seen_to_end_is_not_ended_again(kind, down):
    door, estate, app, session = logged_in(kind, 9)
    door.down = down
    # Its logout works all the same, and its gate says otherwise: nobody knows.
    assert not app_logout(door, estate, app, session).still_shown
    assert session.held.is_over is not bool(down)
    door.asked.clear()
    close(session.journey, app, session.held)
    assert len(door.asked) == (2 if down else 0)


@pytest.mark.parametrize(
    ("single_logout", "late", "still_shown", "pauses"),
    [(True, 0, False, 0), (True, 2, False, 2), (True, 99, True, 6), (False, 2, True, 0)],
)
def test_who_is_told_by_the_back_channel_may_be_told_late(single_logout, late, still_shown, pauses):
    """Authentik answers, and its worker tells the applications then (OpenID Connect Back-Channel Logout 1.0)."""
    asked = logged_in("argocd", 9, single_logout=single_logout)
    asked[0].late = late
    assert app_logout(*asked).still_shown is still_shown
    assert asked[0].pauses == pauses
