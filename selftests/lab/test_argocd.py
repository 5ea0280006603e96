"""The lab's Argo CD as a relying party."""

from __future__ import annotations

import asyncio
import json

import pytest

from lab.applications.secrets import restart
from lab.network import call, http_scope
from lab.shapes.clients import argocd_by_dex
from selftests.support.application_browser import (
    ARGOCD,
    DENIED,
    ISSUER,
    Browser,
    secret_of,
    wrong,
)


@pytest.fixture
def browser():
    return Browser()


def test_argocd_starts_a_login_as_recorded(browser):
    answer, asked = browser.start(f"{ARGOCD}/auth/login")
    assert answer.status == 303
    assert answer.header("location").startswith(f"{ISSUER}/authorize/?client_id=argocd&redirect_uri=https%3A%2F%2F")
    assert asked["redirect_uri"] == f"{ARGOCD}/auth/callback"
    assert asked["scope"] == "openid profile email groups offline_access"
    assert (asked["response_type"], len(asked["state"])) == ("code", 24)
    assert "nonce" not in asked
    cookie = answer.header("set-cookie")
    assert cookie.startswith("argocd.oauthstate=")
    assert cookie.endswith("; HttpOnly; Secure; SameSite=Lax")
    assert "; Expires=" in cookie


def test_argocd_names_its_public_address_whoever_asks(browser):
    scope = http_scope("GET", "http://argocd-server.argocd.svc/auth/login", [], "10.42.0.9")
    answer = asyncio.run(call(browser.network.workload("argocd"), scope))
    assert "redirect_uri=https%3A%2F%2Fargocd.frank.derio.net%2Fauth%2Fcallback" in answer.header("location")


@pytest.mark.parametrize("foreign", ["https://evil.example/", "http://argocd.frank.derio.net/"])
def test_argocd_refuses_a_foreign_return_url(browser, foreign):
    answer = browser.get(f"{ARGOCD}/auth/login?return_url={foreign}")
    assert answer.status == 400
    assert answer.body.startswith(b"Invalid redirect URL: the protocol and host (including port) must match")


def test_argocd_logs_in_by_dex(browser):
    argocd_by_dex(browser.world)
    at = browser.get(f"{ARGOCD}/auth/login").header("location")
    assert at.startswith(f"{ARGOCD}/api/dex/auth?client_id=argo-cd&")
    connector = browser.get(at).header("location")
    started, asked = browser.start(f"{ARGOCD}{connector}")
    assert (started.status, asked["redirect_uri"]) == (302, f"{ARGOCD}/api/dex/callback")
    back = browser.login(f"{ARGOCD}{connector}", "alice").header("location")
    assert back.startswith(f"{ARGOCD}/auth/callback?code=")
    assert browser.get(back).status == 303
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo")["groups"] == ["platform-admins", "devops"]
    assert browser.json(f"{ARGOCD}/api/v1/settings")["dexConfig"]["connectors"]


def test_argocd_logs_in(browser):
    answer = browser.login(f"{ARGOCD}/auth/login?return_url={ARGOCD}/applications", "alice")
    assert (answer.status, answer.header("location")) == (303, f"{ARGOCD}/applications")
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo") == {
        "loggedIn": True,
        "username": "alice@derio.net",
        "iss": f"{ISSUER}/argocd/",
        "groups": ["platform-admins", "devops"],
    }
    assert browser.json(f"{ARGOCD}/api/v1/account/can-i/applications/sync/default/x") == {"value": "yes"}
    old = browser.cookies["argocd.token"]
    answer = browser.get(f"{ARGOCD}/auth/logout")
    assert (answer.status, answer.header("location"), browser.cookies["argocd.token"]) == (303, ARGOCD, "")
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo") == {}
    browser.cookies["argocd.token"] = old
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo") == {}


def test_argocd_gives_bob_reading_only(browser):
    browser.login(f"{ARGOCD}/auth/login", "bob")
    assert browser.json(f"{ARGOCD}/api/v1/account/can-i/applications/sync/default/x") == {"value": "no"}
    assert browser.json(f"{ARGOCD}/api/v1/account/can-i/applications/get/default/x") == {"value": "yes"}


def test_argocd_without_a_session(browser):
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo") == {}
    answer = browser.get(f"{ARGOCD}/api/v1/applications")
    assert answer.status == 401
    assert json.loads(answer.body) == {
        "error": "no session information",
        "code": 16,
        "message": "no session information",
    }
    assert browser.json(f"{ARGOCD}/api/v1/settings")["oidcConfig"] == {
        "name": "Authentik",
        "issuer": f"{ISSUER}/argocd/",
        "clientID": "argocd",
        "scopes": ["openid", "profile", "email", "groups", "offline_access"],
    }
    assert browser.get(f"{ARGOCD}/healthz").body == b"ok\n"
    assert list(browser.json(f"{ARGOCD}/api/version")) == ["Version"]
    browser.cookies["argocd.token"] = "a.b.c"
    assert browser.json(f"{ARGOCD}/api/v1/session/userinfo") == {}


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("error=access_denied&error_description=no&state=y", 400, "access_denied: no\n"),
        ("code=x&state=y", 400, "http: named cookie not present\n"),
    ],
)
def test_argocd_callback_errors(browser, query, status, text):
    answer = browser.get(f"{ARGOCD}/auth/callback?{query}")
    assert (answer.status, answer.body.decode()) == (status, text)


def test_argocd_refuses_anothers_state_and_shows_a_page_without_a_code(browser):
    browser.start(f"{ARGOCD}/auth/login")
    assert browser.get(f"{ARGOCD}/auth/callback?code=alice&state=other").status == 400
    assert browser.get(f"{ARGOCD}/auth/callback").status == 200


def test_argocd_with_a_wrong_secret_at_once(browser):
    secret_of(browser, "argocd", "argocd-oidc")["data"]["oidc.authentik.clientSecret"] = wrong()
    answer = browser.login(f"{ARGOCD}/auth/login", "alice")
    assert answer.status == 500
    assert answer.body.decode() == f'failed to get token: oauth2: "invalid_client" "{DENIED}"\n'


@pytest.mark.parametrize("loss", ["label", "key"])
def test_argocd_sends_the_reference_itself_when_it_resolves_to_nothing(browser, loss):
    secret = secret_of(browser, "argocd", "argocd-oidc")
    if loss == "label":
        secret["metadata"]["labels"].clear()
        restart(browser.world, "argocd")
    else:
        secret["data"].clear()
    assert browser.login(f"{ARGOCD}/auth/login", "alice").status == 500
    assert browser.issuer.token_requests[-1][1] == "$argocd-oidc:oidc.authentik.clientSecret"


def test_a_running_argocd_keeps_the_secret_that_lost_its_label(browser):
    secret_of(browser, "argocd", "argocd-oidc")["metadata"]["labels"].clear()
    assert browser.login(f"{ARGOCD}/auth/login", "alice").status == 303


def test_argocd_trims_its_secret(browser):
    value = browser.world.secrets.client_secret("argocd")
    secret_of(browser, "argocd", "argocd-oidc")["data"]["oidc.authentik.clientSecret"] = wrong(f"{value}\n")
    assert browser.login(f"{ARGOCD}/auth/login", "alice").status == 303


@pytest.mark.parametrize("claims", [{"iss": f"{ISSUER}/other/"}, {"aud": "grafana"}, {"exp": 1}])
def test_argocd_believes_no_token_of_others(browser, claims):
    browser.issuer.claims = claims
    answer = browser.login(f"{ARGOCD}/auth/login", "alice")
    assert (answer.status, answer.body) == (500, b"failed to verify the token\n")


def test_argocd_asks_for_discovery_only_when_new(browser):
    browser.issuer.issuer = "https://elsewhere/"
    assert browser.get(f"{ARGOCD}/auth/login").status == 303
    restart(browser.world, "argocd")
    answer = browser.get(f"{ARGOCD}/auth/login")
    assert answer.status == 500
    assert b"oidc: issuer did not match the issuer returned by provider" in answer.body


def test_argocd_without_sso_serves_its_page(browser):
    browser.world.applications["argocd"].configured = False
    answer = browser.get(f"{ARGOCD}/auth/login")
    assert (answer.status, answer.header("content-type")) == (200, "text/html; charset=utf-8")
    assert "oidcConfig" not in browser.json(f"{ARGOCD}/api/v1/settings")
