"""Profiles: those that ship, and those that an estate file writes itself."""

import pytest

from fixtures.estate.loading import parse_estate
from fixtures.estate.profiles import PROFILES
from fixtures.model.errors import EstateError

APP = {
    "name": "app",
    "slug": "app",
    "url": "https://app.example.org/sub/",
    "client_id": "app",
    "redirect_uris": ["https://app.example.org/sub/oidc/back"],
}
OWN = {
    "name": "mine",
    "login_start": "/go",
    "login_start_form": "by=authentik",
    "session": "/me?as=json",
    "logout": "{callback}?logout={url}",
    "role_contains": "editor",
}


def estate(app, *profiles):
    tables = {
        "name": "e",
        "authentik": {"url": "https://auth.example.org", "public_url": "https://auth.example.org"},
        "oidc": [{**APP, **app}],
        "profiles": list(profiles),
    }
    return parse_estate(tables, place="estate.toml")


def test_a_profile_of_the_file_is_taken_by_its_name():
    (app,) = estate({"profile": "mine"}, OWN).oidc
    assert app.kind == "generic"
    assert app.login_start_url == "https://app.example.org/sub/go"
    assert app.login_start_fields == {"by": "authentik"}
    assert app.login.session_url == "https://app.example.org/sub/me?as=json"
    assert app.login.logout_url == ("https://app.example.org/sub/oidc/back?logout=https%3A%2F%2Fapp.example.org%2Fsub")
    assert app.login.role_contains == "editor"


def test_what_the_application_says_comes_first():
    own = {"profile": "mine", "login_start": "/other", "login": {"role_contains": "viewer", "logout_method": "POST"}}
    (app,) = estate(own, OWN).oidc
    assert app.login_start == "/other"
    assert (app.login.role_contains, app.login.logout_method) == ("viewer", "POST")
    assert app.login.session_url == "https://app.example.org/sub/me?as=json"


@pytest.mark.parametrize(
    ("app", "profiles", "says"),
    [
        ({"profile": "mein", "login_start": "/x"}, [OWN], "there is no profile 'mein'"),
        ({"profile": "mine", "login_start": "/x"}, [], "there is no profile 'mine'"),
        ({"profile": "mine"}, [], 'add [[profiles]] name = "mine"'),
        ({"profile": "miniflux"}, [OWN], 'kind = "miniflux"'),
        ({"profile": "mine"}, [{**OWN, "session": "me"}], "must begin with /"),
        ({"profile": "mine"}, [{**OWN, "logout": "https://elsewhere.example.org/out"}], "must begin with /"),
        ({"profile": "mine"}, [OWN, OWN], "'mine' stands there twice"),
        ({"profile": "mine"}, [{"name": "mine", "login_start": "/go"}], "profiles"),
        ({"profile": "mine"}, [{**OWN, "login_start_form": "nothing"}], "fields of a form"),
        ({"profile": "mine"}, [{**OWN, "surprise": 1}], "surprise"),
        ({"profile": ["mine"], "login_start": "/x"}, [OWN], "profile"),
        ({"login": 5, "profile": "mine"}, [OWN], "login"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(app, profiles, says):
    with pytest.raises(EstateError) as raised:
        estate(app, *profiles)
    assert says in str(raised.value)


@pytest.mark.parametrize("kind", sorted(PROFILES))
def test_each_profile_that_ships_describes_an_application(kind):
    (app,) = estate({"kind": kind}).oidc
    assert app.login_start_url.startswith("https://app.example.org/")
    assert app.login.session_url.startswith("https://app.example.org/")
    assert app.login.logout_url.startswith("https://app.example.org/")
