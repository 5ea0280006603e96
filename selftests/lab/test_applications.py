"""The lab's applications: relying parties that really exchange codes, against a small issuer of this module."""

from __future__ import annotations

import asyncio
import json

import pytest

from lab.applications.secrets import restart
from lab.network import call, http_scope
from selftests.support.application_browser import (
    ARGOCD,
    BOB,
    GRAFANA,
    INFISICAL,
    PLAIN,
    Browser,
    secret_of,
    wrong,
)


@pytest.fixture
def browser():
    return Browser()


# Grafana


def test_grafana_logs_in(browser):
    answer, asked = browser.start(f"{GRAFANA}/login/generic_oauth")
    assert answer.status == 302
    assert asked["redirect_uri"] == f"{GRAFANA}/login/generic_oauth"
    assert asked["state"] not in browser.cookies["oauth_state"]
    answer = browser.login(f"{GRAFANA}/login/generic_oauth", "alice")
    assert (answer.status, answer.header("location")) == (302, "/")
    user = browser.json(f"{GRAFANA}/api/user")
    assert (user["login"], user["email"], user["authLabels"]) == (
        "alice@derio.net",
        "alice@derio.net",
        ["Generic OAuth"],
    )
    assert browser.json(f"{GRAFANA}/api/user/orgs")[0]["role"] == "Admin"
    assert browser.get(f"{GRAFANA}/").status == 200
    browser.get(f"{GRAFANA}/logout")
    assert browser.get(f"{GRAFANA}/api/user").status == 401


@pytest.mark.parametrize(("groups", "role"), [(["devops"], "Editor"), (["developers"], "Viewer"), (None, "Viewer")])
def test_grafana_maps_groups_to_roles(browser, groups, role):
    browser.issuer.people["bob"] = {**BOB, "groups": groups or []}
    browser.login(f"{GRAFANA}/login/generic_oauth", "bob")
    assert browser.json(f"{GRAFANA}/api/user/orgs")[0]["role"] == role


def test_grafana_uses_a_new_secret_only_after_a_restart(browser):
    secret_of(browser, "grafana", "grafana-oidc")["data"]["GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"] = wrong()
    assert browser.login(f"{GRAFANA}/login/generic_oauth", "alice").header("location") == "/"
    restart(browser.world, "grafana")
    browser.cookies.clear()
    answer = browser.login(f"{GRAFANA}/login/generic_oauth", "alice")
    assert (answer.status, answer.header("location")) == (302, "/login")
    assert "Login failed" in browser.get(f"{GRAFANA}/login").body.decode()
    pod = next(pod for (_, pod), key in browser.world.cluster.applications.items() if key == "grafana")
    last = browser.world.cluster.log_lines("grafana", pod)[-1]
    assert "failed to exchange code to token" in last
    assert browser.world.applications["grafana"].client_secret == "wrong"


def test_grafana_with_a_renamed_key_has_no_secret_after_a_restart(browser):
    data = secret_of(browser, "grafana", "grafana-oidc")["data"]
    data["client_secret"] = data.pop("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET")
    restart(browser.world, "grafana")
    assert browser.world.applications["grafana"].client_secret == ""


@pytest.mark.parametrize("broken", ["state", "cookie"])
def test_grafana_refuses(browser, broken):
    _, asked = browser.start(f"{GRAFANA}/login/generic_oauth")
    state = "other" if broken == "state" else asked["state"]
    if broken == "cookie":
        browser.cookies.clear()
    answer = browser.get(f"{GRAFANA}/login/generic_oauth?code=alice&state={state}")
    assert answer.header("location") == "/login"
    assert browser.get(f"{GRAFANA}/api/user").status == 401


def test_grafana_does_without_userinfo(browser):
    browser.issuer.userinfo_status = 500
    assert browser.login(f"{GRAFANA}/login/generic_oauth", "alice").header("location") == "/"
    assert browser.json(f"{GRAFANA}/api/user")["email"] == "alice@derio.net"


def test_a_client_in_go_asks_once_more_with_the_secret_in_the_form(browser):
    secret_of(browser, "grafana", "grafana-oidc")["data"]["GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"] = wrong()
    restart(browser.world, "grafana")
    browser.login(f"{GRAFANA}/login/generic_oauth", "alice")
    assert [(client, secret) for client, secret, _ in browser.issuer.token_requests] == [("grafana", "wrong")] * 2
    assert ["client_secret" in form for _, _, form in browser.issuer.token_requests] == [False, True]


def test_grafana_without_a_session(browser):
    assert browser.json(f"{GRAFANA}/api/health")["database"] == "ok"
    assert browser.get(f"{GRAFANA}/api/org").status == 401
    assert '"generic_oauth"' in browser.get(f"{GRAFANA}/login").body.decode()
    assert browser.get(f"{GRAFANA}/").header("location") == "/login"
    browser.world.applications["grafana"].configured = False
    assert '"generic_oauth"' not in browser.get(f"{GRAFANA}/login").body.decode()
    assert browser.get(f"{GRAFANA}/login/generic_oauth").header("location") == "/login"


# Infisical


def test_infisical_logs_in(browser):
    start = f"{INFISICAL}/api/v1/sso/oidc/login?orgSlug=frank"
    answer, asked = browser.start(start)
    assert (answer.status, asked["scope"]) == (302, "openid profile email")
    answer = browser.login(start, "alice")
    location = answer.header("location")
    assert location.startswith(f"{INFISICAL}/login/sso?token=")
    token = location.partition("token=")[2]
    user = browser.json(f"{INFISICAL}/api/v1/user", [("Authorization", f"Bearer {token}")])["user"]
    assert user["email"] == "alice@derio.net"


@pytest.mark.parametrize(("query", "status"), [("", 422), ("?orgSlug=other", 404)])
def test_infisical_start_errors_are_json(browser, query, status):
    answer = browser.get(f"{INFISICAL}/api/v1/sso/oidc/login{query}")
    assert answer.status == json.loads(answer.body)["statusCode"] == status


def test_infisical_not_configured(browser):
    browser.world.applications["infisical"].configured = False
    assert browser.get(f"{INFISICAL}/api/v1/sso/oidc/login?orgSlug=frank").status == 404
    assert browser.json(f"{INFISICAL}/api/v1/admin/config")["config"]["enabledLoginMethods"] == ["email"]


def test_infisical_with_a_wrong_secret_or_state(browser):
    start = f"{INFISICAL}/api/v1/sso/oidc/login?orgSlug=frank"
    browser.world.applications["infisical"].client_secret = "wrong"
    assert browser.login(start, "alice").status == 500
    browser.start(start)
    told = browser.get(f"{INFISICAL}/api/v1/sso/oidc/callback?code=alice&state=other")
    assert told.header("location").endswith("/sso/oidc/login/error")
    failure = json.loads(browser.get(f"{INFISICAL}/api/v1/sso/oidc/login/error").body)
    assert "state mismatch" in failure["details"][0]


def test_infisical_of_today_keeps_the_session_in_a_cookie(browser):
    browser.world.applications["infisical"].keeps_session_in_cookie = True
    answer = browser.login(f"{INFISICAL}/api/v1/sso/oidc/login?orgSlug=frank", "alice")
    assert answer.header("location") == f"{INFISICAL}/login/select-organization"
    assert answer.header("set-cookie").startswith("jid=")


def test_infisical_sends_whom_it_does_not_know_to_its_sign_up(browser):
    browser.world.applications["infisical"].signs_up = False
    answer = browser.login(f"{INFISICAL}/api/v1/sso/oidc/login?orgSlug=frank", "alice")
    assert "/signup/sso?token=" in answer.header("location")
    assert not browser.world.applications["infisical"].sessions


def test_infisical_without_a_token(browser):
    assert browser.json(f"{INFISICAL}/api/status")["message"] == "Ok"
    assert browser.get(f"{INFISICAL}/api/v1/workspace").status == 401
    assert browser.get(f"{INFISICAL}/api/v3/secrets/raw").status == 401
    assert browser.get(f"{INFISICAL}/api/none").status == 404


# The others


def test_an_additional_relying_party(browser):
    browser.world.applications["extra-oidc-1"].use_pkce = True
    _, asked = browser.start(f"{PLAIN}/login")
    assert asked["code_challenge_method"] == "S256"
    assert browser.login(f"{PLAIN}/login", "bob").header("location") == "/"
    assert "code_verifier" in browser.issuer.token_requests[-1][2]
    assert browser.json(f"{PLAIN}/me")["email"] == "bob@derio.net"
    browser.get(f"{PLAIN}/logout")
    assert browser.get(f"{PLAIN}/me").status == 401
    assert browser.get(f"{PLAIN}/callback?code=bob&state=x").status == 400


@pytest.mark.parametrize(
    ("name", "title"), [("longhorn", "Longhorn"), ("hubble", "Hubble UI"), ("sympozium", "Sympozium")]
)
def test_the_uis_can_be_recognised(browser, name, title):
    answer = asyncio.run(call(browser.network.workload(name), http_scope("GET", f"http://{name}/any", [], "10.42.0.5")))
    assert f"<title>{title}</title>" in answer.body.decode()


def test_the_echo_shows_the_raw_target(browser):
    scope = http_scope("POST", "http://whoami//a/../%2f?x=1", [("X-A", "1")], "10.42.0.5")
    lines = asyncio.run(call(browser.network.workload("whoami"), scope)).body.decode().splitlines()
    assert "POST //a/../%2f?x=1 HTTP/1.1" in lines
    assert "X-A: 1" in lines
    assert "Host: whoami" in lines


def test_an_application_that_is_down(browser):
    browser.world.applications["argocd"].up = False
    assert browser.get(f"{ARGOCD}/healthz").status == 502
    browser.world.heal()
    assert browser.get(f"{ARGOCD}/healthz").status == 200


def test_an_issuer_that_cannot_be_reached(browser):
    _, asked = browser.start(f"{ARGOCD}/auth/login")
    browser.world.edge.silent |= {"authentik-pod-0", "authentik-pod-1"}
    answer = browser.get(f"{ARGOCD}/auth/callback?code=alice&state={asked['state']}")
    assert answer.status == 500
    assert b"failed to get token: " in answer.body


def test_tampering_changes_an_applications_answers(browser):
    def tamper(request, response):
        response.headers["x-path"] = request.url.path
        return response

    browser.world.applications.tampering.append(tamper)
    answer = browser.get(f"{ARGOCD}/healthz")
    assert (answer.header("x-path"), answer.body) == ("/healthz", b"ok\n")


def test_no_secret_in_a_repr(browser):
    value = browser.world.secrets.client_secret("grafana")
    browser.login(f"{GRAFANA}/login/generic_oauth", "alice")
    assert value not in repr(browser.world.applications)
    assert browser.cookies["grafana_session"] not in repr(browser.world.applications)
