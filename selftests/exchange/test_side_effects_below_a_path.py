"""What a request to an Authentik below a path leaves behind is what it would at a host's root."""

import pytest

from fixtures.exchange.side_effects import side_effect_at_authentik

HOST = "https://ops.example.org"
CODE = {"grant_type": "authorization_code"}


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("POST", "/application/o/token/", CODE),
        ("POST", "/application/o/token/", {**CODE, "code": "x"}),
        ("GET", "/application/o/authorize/?client_id=x", None),
        ("GET", "/application/o/authorize/?client_id=x&prompt=none", None),
        ("POST", "/application/o/introspect/", {"token": "x"}),
        ("POST", "/api/v3/flows/executor/login/", None),
        ("GET", "/if/flow/login/", None),
        ("POST", "/api/v3/core/users/", None),
    ],
)
def test_the_path_makes_no_difference(method, path, form):
    at_root = side_effect_at_authentik(method, HOST + path, form)
    assert side_effect_at_authentik(method, f"{HOST}/auth{path}", form, "/auth") == at_root


def test_without_it_what_is_below_a_path_is_a_write():
    assert side_effect_at_authentik("POST", f"{HOST}/auth/application/o/token/", CODE) == "write"
