"""The lab's Authentik REST API: who may ask, and what they see."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from lab.authentik.browser import session_cookie
from lab.authentik.directory import SUITE_PERMISSIONS, Token
from lab.authentik.releases import DEFAULT, RELEASES
from lab.authentik.sessions import Grant, IssuedToken, Session
from selftests.support.authentik_api import BAD_TOKEN, NO_CREDENTIALS, NO_RIGHT, Client, role

LISTS = {
    "core/users/": "authentik_core.view_user",
    "core/groups/": "authentik_core.view_group",
    "providers/all/": "authentik_core.view_provider",
    "providers/oauth2/": "authentik_providers_oauth2.view_oauth2provider",
    "providers/proxy/": "authentik_providers_proxy.view_proxyprovider",
    "outposts/instances/": "authentik_outposts.view_outpost",
    "managed/blueprints/": "authentik_blueprints.view_blueprintinstance",
    "crypto/certificatekeypairs/": "authentik_crypto.view_certificatekeypair",
    "events/events/": "authentik_events.view_event",
    "tasks/tasks/": "authentik_tasks.view_task",
    "tasks/schedules/": "authentik_tasks_schedules.view_schedule",
    "flows/instances/": "authentik_flows.view_flow",
    "policies/bindings/": "authentik_policies.view_policybinding",
}


@pytest.fixture
def bob(world):
    world.authentik.directory.tokens["bob-api"] = Token("bob-api", 6, "bobs-key")
    return Client(world, "bobs-key")


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, NO_CREDENTIALS),
        ("{key}", NO_CREDENTIALS),
        ("Token {key}", NO_CREDENTIALS),
        ("Basic Zm9vOmJhcg==", NO_CREDENTIALS),
        ("Bearer bogus", BAD_TOKEN),
    ],
)
def test_refused_credentials_are_told_apart(world, header, detail):
    headers = {"authorization": header.format(key=world.secrets.api_token)} if header else {}
    response = Client(world).get("core/users/", headers=headers)
    assert (response.status_code, response.json()) == (403, {"detail": detail})


def test_an_app_password_is_no_api_token(world):
    response = Client(world, world.secrets.gate_app_password).get("core/users/me/")
    assert response.json() == {"detail": BAD_TOKEN}


def test_an_inactive_users_token_is_invalid(world, suite):
    world.authentik.directory.user("svc-sso-conformance").is_active = False
    assert suite.get("core/users/me/").json() == {"detail": BAD_TOKEN}


def test_expires_counts_only_while_expiring(world, suite):
    token = world.authentik.directory.tokens["sso-conformance-api"]
    assert token.expires < world.clock.now()
    assert suite.get("core/users/me/").status_code == 200
    token.expiring = True
    assert suite.get("core/users/me/").json() == {"detail": BAD_TOKEN}
    token.expires = world.clock.now() + timedelta(hours=1)
    assert suite.get("core/users/me/").status_code == 200


def test_a_browser_session_reads_but_writes_only_with_its_csrf_token(world):
    now = world.clock.now()
    session = Session("key", now, now + timedelta(hours=1), user=4)
    session.csrf = "proof"
    world.authentik.sessions["key"] = session
    exchange = SimpleNamespace(state=world.authentik, world=world, scheme="https")
    headers = {"cookie": session_cookie(exchange, session).partition(";")[0]}
    client = Client(world)
    assert client.get("core/users/me/", headers=headers).json()["user"]["username"] == "akadmin"
    body = {"username": "tmp", "name": "Tmp"}
    refused = client.request("POST", "core/users/", json=body, headers=headers)
    assert refused.json() == {"detail": "CSRF Failed: CSRF token missing."}
    headers["x-authentik-csrf"] = session.csrf
    assert client.request("POST", "core/users/", json=body, headers=headers).status_code == 201


def test_an_access_token_needs_the_api_scope(world):
    now = world.clock.now()
    grant = Grant(1, 5, ["openid"], "https://auth.frank.derio.net/application/o/argocd/", now)
    world.authentik.access_tokens["jwt"] = IssuedToken("jwt", grant, now + timedelta(hours=1))
    client = Client(world, "jwt")
    assert client.get("core/users/me/").json() == {"detail": BAD_TOKEN}
    grant.scopes.append("goauthentik.io/api")
    assert client.get("core/users/me/").json()["user"]["username"] == "alice"


@pytest.mark.parametrize("path", ["root/config/", "core/brands/current/"])
def test_public_endpoints_ask_for_nothing(world, path):
    assert Client(world).get(path).status_code == 200


@pytest.mark.parametrize(("path", "permission"), LISTS.items())
def test_a_role_without_the_permission_sees_an_empty_list(world, suite, path, permission):
    assert suite.get(path).json()["pagination"]["count"] > 0
    role(world).permissions.discard(permission)
    response = suite.get(path)
    assert (response.status_code, response.json()["results"]) == (200, [])


@pytest.mark.parametrize("path", [*LISTS, "outposts/proxy/", "admin/system/", "tasks/workers/"])
def test_an_account_without_any_role_is_refused(bob, path):
    assert (bob.get(path).status_code, bob.get(path).json()) == (403, {"detail": NO_RIGHT})


def test_scope_mappings_are_refused_without_their_permission(world, suite):
    assert suite.results("propertymappings/provider/scope/")
    role(world).permissions.discard("authentik_providers_oauth2.view_scopemapping")
    assert suite.get("propertymappings/provider/scope/").json() == {"detail": NO_RIGHT}


def test_system_needs_its_permission_and_version_none(world, suite, bob):
    role(world).permissions.discard("authentik_rbac.view_system_info")
    assert suite.get("admin/system/").status_code == 403
    assert suite.get("tasks/workers/").status_code == 403
    assert bob.get("admin/version/").json()["version_current"] == RELEASES[DEFAULT].version


def test_a_detail_without_permission_is_not_found(world, suite):
    role(world).permissions.discard("authentik_core.view_user")
    response = suite.get("core/users/5/")
    assert (response.status_code, response.json()) == (404, {"detail": "No User matches the given query."})


def test_everybody_sees_their_own_tokens_only(world, suite, bob):
    assert [token["identifier"] for token in bob.results("core/tokens/")] == ["bob-api"]
    assert len(suite.results("core/tokens/")) == len(world.authentik.directory.tokens)
    role(world).permissions.discard("authentik_core.view_token")
    names = [token["identifier"] for token in suite.results("core/tokens/")]
    assert names == ["sso-conformance-api", "sso-conformance-gate"]


def test_me_names_the_system_permissions(suite, admin):
    mine = suite.get("core/users/me/").json()["user"]
    assert mine["system_permissions"] == ["view_system_info"]
    assert not mine["is_superuser"]
    assert [found["name"] for found in mine["roles"]] == ["sso-conformance"]
    assert len(admin.get("core/users/me/").json()["user"]["system_permissions"]) > 10


def test_the_suites_role_is_the_blueprints(world):
    assert role(world).permissions == set(SUITE_PERMISSIONS)


def test_headers(suite):
    headers = suite.get("core/users/").headers
    assert headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert headers.get_list("vary") == ["Accept-Encoding", "Accept-Language, Cookie"]
    assert headers["x-powered-by"] == "authentik"
    assert headers["x-authentik-id"]


@pytest.mark.parametrize("path", ["core/users", "no/such/path/"])
def test_unknown_addresses_are_html(suite, path):
    response = suite.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


def test_wrong_method(admin):
    response = admin.request("POST", "admin/version/", json={})
    assert (response.status_code, response.json()) == (405, {"detail": 'Method "POST" not allowed.'})
