"""The lab's Authentik REST API: users and tokens that come and go."""

import pytest

from selftests.support.authentik_api import BAD_TOKEN, NO_RIGHT, Client


def test_a_user_comes_and_goes(admin):
    created = admin.request("POST", "core/users/", json={"username": "tmp", "name": "Tmp"})
    assert created.status_code == 201
    again = admin.request("POST", "core/users/", json={"username": "tmp", "name": "Tmp"})
    assert (again.status_code, again.json()) == (400, {"username": ["This field must be unique."]})
    path = f"core/users/{created.json()['pk']}/"
    assert admin.request("DELETE", path).status_code == 204
    assert admin.request("DELETE", path).json() == {"detail": "No User matches the given query."}


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("[1]", {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ("{nope", {"detail": "JSON parse error - unexpected character: line 1 column 2 (char 1)"}),
        ('{"name": "x"}', {"username": ["This field is required."]}),
    ],
)
def test_bodies_that_do_not_validate(admin, content, body):
    response = admin.request("POST", "core/users/", content=content)
    assert (response.status_code, response.json()) == (400, body)


def test_the_suites_token_writes_nothing(suite):
    for method, path in (("POST", "core/users/"), ("DELETE", "core/users/5/"), ("POST", "core/tokens/")):
        response = suite.request(method, path, json={"username": "x", "name": "x", "identifier": "x"})
        assert (response.status_code, response.json()) == (403, {"detail": NO_RIGHT})


def test_a_token_comes_works_and_goes(world, admin):
    created = admin.request("POST", "core/tokens/", json={"identifier": "run-1", "intent": "api"})
    assert created.status_code == 201
    assert "key" not in created.json()
    duplicate = admin.request("POST", "core/tokens/", json={"identifier": "run-1", "intent": "api"})
    assert duplicate.json() == {"identifier": ["Token with this identifier already exists."]}
    key = admin.get("core/tokens/run-1/view_key/").json()["key"]
    assert Client(world, key).get("core/users/me/").json()["user"]["username"] == "akadmin"
    assert admin.results("events/events/?action=secret_view")[0]["context"]["secret"]["name"] == "run-1"
    assert admin.request("DELETE", "core/tokens/run-1/").status_code == 204
    assert Client(world, key).get("core/users/me/").json() == {"detail": BAD_TOKEN}


def test_a_patch_replaces_the_whole_config(world, admin, suite):
    path = f"outposts/instances/{world.authentik.embedded_outpost().pk}/"
    bad = admin.request("PATCH", path, json={"providers": [99999]})
    assert bad.json() == {"providers": ['Invalid pk "99999" - object does not exist.']}
    assert suite.request("PATCH", path, json={"config": {}}).status_code == 403
    patched = admin.request("PATCH", path, json={"config": {}})
    assert (patched.status_code, patched.json()["config"]) == (200, {})


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"redirect_uris": None}, {"redirect_uris": ["This field is required."]}),
        ({"invalidation_flow": None}, {"invalidation_flow": ["This field is required."]}),
        (
            {"redirect_uris": "https://x.example/cb"},
            {"redirect_uris": {"non_field_errors": ['Expected a list of items but got type "str".']}},
        ),
        (
            {"redirect_uris": ["https://x.example/cb"]},
            {"redirect_uris": [{"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}]},
        ),
        (
            {"redirect_uris": [{"url": "https://x.example/cb"}]},
            {"redirect_uris": [{"matching_mode": ["This field is required."]}]},
        ),
        (
            {"authorization_flow": "00000000-0000-0000-0000-000000000000"},
            {"authorization_flow": ['Invalid pk "00000000-0000-0000-0000-000000000000" - object does not exist.']},
        ),
        (
            {"authorization_flow": "some-slug"},
            {"authorization_flow": ["\u201csome-slug\u201d is not a valid UUID."]},
        ),
        ({"name": "ArgoCD"}, {"name": ["provider with this name already exists."]}),
    ],
)
def test_providers_that_do_not_validate(world, admin, change, errors):
    flows = world.authentik.flows
    body = {
        "name": "t1",
        "authorization_flow": flows["default-provider-authorization-implicit-consent"].pk,
        "invalidation_flow": flows["default-provider-invalidation-flow"].pk,
        "redirect_uris": [{"matching_mode": "strict", "url": "https://x.example/cb"}],
    } | change
    sent = {name: value for name, value in body.items() if value is not None}
    response = admin.request("POST", "providers/oauth2/", json=sent)
    assert (response.status_code, response.json()) == (400, errors)


def test_a_proxy_provider_follows_its_external_host(world, admin):
    pk = world.authentik.provider_of("hubble").pk
    host = {"external_host": "https://hubble2.frank.derio.net"}
    refused = admin.request("PATCH", f"providers/proxy/{pk}/", json=host)
    assert refused.json() == {"internal_host": ["Internal host cannot be empty when forward auth is disabled."]}
    changed = admin.request("PATCH", f"providers/proxy/{pk}/", json={**host, "mode": "forward_single"})
    assert changed.json()["redirect_uris"][1]["url"].startswith("https://hubble2.frank.derio.net?")
