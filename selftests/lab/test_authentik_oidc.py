"""The lab's OpenID provider: what it refuses and where, codes, tokens."""

import base64
import hashlib
import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from lab.authentik.providers import OAuth2Provider, RedirectURI
from selftests.support.authentik_server import (
    ARGOCD,
    AUTHORIZE,
    TOKEN,
    authorize,
    code_for,
    events,
    parameters,
    payload,
    redeem,
    server_log,
    title,
)

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class TestAuthorize:
    @pytest.mark.parametrize(
        ("changed", "headline"),
        [
            ({"client_id": "nope"}, "Client ID Error"),
            ({"client_id": None, "redirect_uri": None}, "Client ID Error"),
            ({"redirect_uri": None, "response_type": "banana"}, "Redirect URI Error"),
            ({"redirect_uri": f"{ARGOCD}/"}, "Redirect URI Error"),
            ({"redirect_uri": f"{ARGOCD}?a=b", "prompt": "none"}, "Redirect URI Error"),
        ],
    )
    def test_refused_on_a_page(self, browser, changed, headline):
        response = authorize(browser, **changed)
        assert (response.status_code, title(response)) == (400, "authentik")
        assert headline in response.text
        assert "location" not in response.headers

    def test_no_parameters_at_all(self, browser):
        assert browser.get(AUTHORIZE).status_code == 404

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"response_type": "banana", "request": "x"}, "unsupported_response_type"),
            ({"response_type": None}, "unsupported_response_type"),
            ({"request": "x", "code_challenge_method": "S512"}, "request_not_supported"),
            ({"code_challenge": "x", "code_challenge_method": "S512", "prompt": "none"}, "invalid_request"),
            ({"prompt": "none"}, "login_required"),
        ],
    )
    def test_refused_to_the_client(self, browser, changed, error):
        response = authorize(browser, **changed)
        assert response.status_code == 302
        assert response.headers["location"].startswith(f"{ARGOCD}?error={error}&error_description=")
        assert parameters(response.headers["location"])["state"] == "st4te"
        assert "set-cookie" not in response.headers

    def test_implicit_errors_go_into_the_fragment(self, browser):
        location = authorize(browser, response_type="id_token", nonce=None).headers["location"]
        text = "The%20request%20is%20otherwise%20malformed"
        assert location == f"{ARGOCD}#error=invalid_request&error_description={text}&state=st4te"

    def test_login_redirect_repeats_the_request(self, browser):
        response = authorize(browser)
        query = parameters(response.headers["location"])
        assert response.headers["location"].startswith("/if/flow/default-authentication-flow/?client_id=argocd&")
        assert query["next"].startswith(f"{AUTHORIZE}?client_id=argocd&")
        assert response.headers["set-cookie"].endswith("; HttpOnly; Path=/; SameSite=None; Secure")

    def test_first_caller_fills_an_empty_list(self, world, browser):
        provider = world.authentik.provider_of("argocd")
        provider.redirect_uris = []
        assert authorize(browser, redirect_uri="https://evil.example/", prompt="none").status_code == 302
        assert provider.redirect_uris == [RedirectURI("https://evil.example/")]

    @pytest.mark.parametrize(("url", "status"), [("https://a.b/cb", 302), ("https://a.b/cbx", 400)])
    def test_regular_expressions_match_the_whole(self, world, browser, url, status):
        provider = world.authentik.provider_of("argocd")
        provider.redirect_uris = [RedirectURI("https://(broken", "regex"), RedirectURI(r"https://.+/cb", "regex")]
        assert authorize(browser, redirect_uri=url, prompt="none").status_code == status

    def test_mismatch_is_a_warning_without_names_and_no_event(self, world, browser):
        before = len(world.authentik.operations.events)
        request_id = authorize(browser, redirect_uri="https://evil.example/").headers["x-authentik-id"]
        warning, access = server_log(world)[-2:]
        assert (warning["level"], warning["cause"]) == ("warning", "redirect_uri_no_match")
        assert "evil" not in json.dumps(warning)
        assert warning["request_id"] == access["request_id"] == request_id
        assert len(world.authentik.operations.events) == before

    def test_provider_without_application(self, world, browser):
        flow = world.authentik.provider_of("argocd").authorization_flow
        uris = [RedirectURI("https://o.example/cb")]
        world.authentik.providers[99] = OAuth2Provider(99, "Orphan", "orphan", "s", flow, None, uris)
        response = authorize(browser, client_id="orphan", redirect_uri="https://o.example/cb")
        assert (response.status_code, title(response)) == (200, "Permission denied - authentik")


class TestToken:
    def test_code_and_tokens(self, world, browser):
        code = code_for(browser, code_challenge=CHALLENGE, code_challenge_method="S256")
        response = redeem(browser, code, code_verifier=VERIFIER)
        body = response.json()
        assert response.headers["cache-control"] == "no-store"
        assert list(body) == ["access_token", "token_type", "scope", "expires_in", "id_token", "refresh_token"]
        keys = KeySet.import_key_set(browser.get("/application/o/argocd/jwks/").json())
        claims = jwt.decode(body["id_token"], keys).claims
        assert claims["iss"] == "https://auth.frank.derio.net/application/o/argocd/"
        assert (claims["aud"], claims["nonce"], claims["amr"]) == ("argocd", "n0nce", ["pwd"])
        assert claims["groups"][:2] == ["platform-admins", "devops"]
        assert claims["email_verified"] is False
        assert "azp" not in claims
        assert jwt.decode(body["access_token"], keys).claims["azp"] == "argocd"
        bearer = {"authorization": f"Bearer {body['access_token']}"}
        assert browser.get("/application/o/userinfo/", headers=bearer).json()["sub"] == claims["sub"]

    def test_a_wrong_verifier_leaves_the_code_usable_once(self, browser):
        code = code_for(browser, code_challenge=CHALLENGE, code_challenge_method="S256")
        for verifier in (None, "wrong" * 20):
            assert redeem(browser, code, code_verifier=verifier).json()["error"] == "invalid_grant"
        assert redeem(browser, code, code_verifier=VERIFIER).status_code == 200
        assert redeem(browser, code, code_verifier=VERIFIER).json()["error"] == "invalid_grant"

    def test_a_verifier_without_a_challenge_is_refused(self, browser):
        assert redeem(browser, code_for(browser), code_verifier=VERIFIER).json()["error"] == "invalid_grant"

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"client_id": "nope"}, "invalid_client"),
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"code": None}, "invalid_grant"),
            ({"code": "bogus"}, "invalid_grant"),
            ({"code": "bogus", "redirect_uri": "https://evil.example/"}, "invalid_client"),
            ({"grant_type": "banana", "client_secret": "wrong"}, "unsupported_grant_type"),
            ({"grant_type": None}, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
            ({"grant_type": "refresh_token", "refresh_token": "x", "client_secret": "wrong"}, "invalid_client"),
            ({"grant_type": "client_credentials", "client_secret": "wrong"}, "invalid_grant"),
        ],
    )
    def test_refusals(self, browser, changed, error):
        response = redeem(browser, "bogus", **changed)
        assert (response.status_code, response.json()["error"]) == (400, error)
        assert response.json()["request_id"] == response.headers["x-authentik-id"]
        assert response.headers["pragma"] == "no-cache"

    def test_wrong_redirect_uri_makes_an_event(self, world, browser):
        redeem(browser, "bogus", redirect_uri="https://evil.example/")
        (event,) = events(world, "configuration_error")
        assert event.context["message"] == "Invalid redirect URI used by provider"

    def test_get_is_not_allowed(self, browser):
        response = browser.get(TOKEN)
        assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")

    def test_refresh_rotates(self, world, browser):
        first = redeem(browser, code_for(browser)).json()
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "code": None}
        second = redeem(browser, None, **form).json()
        assert second["refresh_token"] != first["refresh_token"]
        assert "nonce" not in payload(second["id_token"])
        assert redeem(browser, None, **form).json()["error"] == "invalid_grant"
        assert events(world, "suspicious_request")[-1].user["username"] == "alice"

    def test_client_credentials_leave_a_user_behind(self, world, browser):
        form = {"grant_type": "client_credentials", "scope": "openid profile", "code": None}
        body = redeem(browser, None, **form).json()
        assert "refresh_token" not in body
        assert payload(body["id_token"])["preferred_username"] == "ak-ArgoCD-client_credentials"
        assert world.authentik.directory.user("ak-ArgoCD-client_credentials").type == "service_account"

    def test_app_password(self, world, browser):
        form = {"grant_type": "client_credentials", "username": "svc-sso-conformance", "client_secret": None}
        good = redeem(browser, None, code=None, password=world.secrets.gate_app_password, **form)
        assert good.status_code == 200
        api_token = redeem(browser, None, code=None, password=world.secrets.api_token, **form)
        assert api_token.json()["error"] == "invalid_grant"

    def test_introspection_and_revocation(self, world, browser):
        token = redeem(browser, code_for(browser)).json()["access_token"]
        own = {"client_id": "argocd", "client_secret": world.secrets.client_secret("argocd")}
        other = {"client_id": "grafana", "client_secret": world.secrets.client_secret("grafana")}

        def active(client):
            return browser.post("/application/o/introspect/", data={"token": token, **client}).json()

        assert active(own)["active"] is True
        assert active(other) == active(own | {"client_secret": "x"}) == {"active": False}
        revoke = "/application/o/revoke/"
        assert browser.post(revoke, data={"token": token, **own, "client_secret": "x"}).status_code == 401
        assert browser.post(revoke, data={"token": "bogus", **own}).json() == {}
        assert browser.post(revoke, data={"token": token, **own}).json() == {}
        assert active(own) == {"active": False}

    @pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer bogus"}])
    def test_userinfo_without_a_good_token(self, browser, sent):
        response = browser.get("/application/o/userinfo/", headers=sent)
        assert (response.status_code, response.content) == (401, b"")
        assert response.headers["www-authenticate"].startswith('error="invalid_token"')

    def test_device_starts_are_counted(self, browser):
        codes = [browser.post("/application/o/device/", data={"client_id": "argocd"}).status_code for _ in range(21)]
        assert codes == [200] * 20 + [429]

    def test_secrets_stay_out_of_log_and_representation(self, world, browser):
        body = redeem(browser, code_for(browser)).json()
        text = repr(world.authentik) + "\n".join(map(json.dumps, server_log(world)))
        for secret in (body["access_token"], body["refresh_token"], world.secrets.client_secret("argocd")):
            assert secret not in text
