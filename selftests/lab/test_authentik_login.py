"""The lab's flow executor: logins, second factors, consent, denial, logout."""

import base64

import pytest

from lab.authentik.flows.login import totp
from lab.authentik.flows.model import EXPLICIT_CONSENT
from lab.authentik.providers import PolicyBinding
from selftests.support.authentik_server import (
    ARGOCD,
    IDENTIFICATION,
    PASSWORD,
    authorize,
    code_for,
    events,
    parameters,
    payload,
    start,
    title,
)


class TestLogin:
    def test_ends_at_the_client_with_a_code(self, world, browser):
        to = browser.log_in("alice", world.secrets.user_password, start())
        before = browser.cookies["authentik_session"]
        location = browser.get(to).headers["location"]
        assert location.startswith(f"{ARGOCD}?code=")
        assert parameters(location)["state"] == "st4te"
        assert payload(before)["authenticated"] is True
        assert {"authentik_device", "authentik_csrf"} < set(browser.cookies)
        assert events(world, "login")[-1].user["username"] == "alice"
        assert events(world, "authorize_application")[-1].context["authorized_application"]["name"] == "ArgoCD"
        # The next application finds the session.
        grafana = "https://grafana.frank.derio.net/login/generic_oauth"
        response = authorize(browser, client_id="grafana", redirect_uri=grafana, prompt="none")
        assert response.headers["location"].startswith(f"{grafana}?code=")

    def test_first_challenge_names_the_application(self, browser):
        challenge = browser.get(browser.executor(authorize(browser).headers["location"])).json()
        assert challenge["component"] == IDENTIFICATION
        assert challenge["application_pre"] == "ArgoCD"
        assert challenge["application_pre_launch"] == "https://argocd.frank.derio.net"
        assert challenge["user_fields"] == ["email", "username"]
        assert challenge["password_fields"] is False

    @pytest.mark.parametrize("name", ["alice", "nobody", "carol", "ALICE@derio.net"])
    def test_wrong_unknown_and_inactive_look_alike(self, world, browser, name):
        url = browser.executor(authorize(browser).headers["location"])
        assert browser.respond(url, IDENTIFICATION, uid_field=name)["component"] == PASSWORD
        password = world.secrets.user_password if name == "carol" else "wrong"
        challenge = browser.respond(url, PASSWORD, password=password)
        assert challenge["response_errors"] == {"password": [{"string": "Invalid password", "code": "invalid"}]}
        (event,) = events(world, "login_failed")
        assert event.context["password"] == "*" * 20
        assert password not in repr(event)

    def test_redirects_to_itself_after_each_stage(self, browser):
        url = browser.executor(authorize(browser).headers["location"])
        response = browser.post(url, json={"component": IDENTIFICATION, "uid_field": "alice"})
        assert (response.status_code, response.headers["location"]) == (302, url)
        assert response.headers["x-frame-options"] == "SAMEORIGIN"

    def test_password_on_the_identification_stage(self, world, browser):
        first, second, *_ = world.authentik.flows["default-authentication-flow"].stages
        first.settings["password_stage"] = second.pk
        url = browser.executor(authorize(browser).headers["location"])
        assert browser.get(url).json()["password_fields"] is True
        challenge = browser.respond(url, IDENTIFICATION, uid_field="alice", password="wrong")
        assert challenge["response_errors"]["non_field_errors"][0]["string"] == "Failed to authenticate."
        done = browser.respond(url, IDENTIFICATION, uid_field="alice", password=world.secrets.user_password)
        assert done["component"] == "xak-flow-redirect"

    def test_second_factor(self, world, browser):
        seed = "JBSWY3DPEHPK3PXP"
        world.authentik.directory.user("alice").totp_seed = seed
        code = totp(seed, int(world.clock.now().timestamp()) // 30)
        url = browser.executor(authorize(browser).headers["location"])
        browser.respond(url, IDENTIFICATION, uid_field="alice")
        challenge = browser.respond(url, PASSWORD, password=world.secrets.user_password)
        component = challenge["component"]
        assert component == "ak-stage-authenticator-validate"
        assert challenge["device_challenges"][0]["device_class"] == "totp"
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        assert "code" in browser.respond(url, component, code=wrong)["response_errors"]
        assert browser.respond(url, component, code=code)["component"] == "xak-flow-redirect"
        (session,) = world.authentik.sessions.values()
        assert session.methods == ["pwd", "mfa"]

    def test_totp_of_rfc6238(self):
        seed = base64.b32encode(b"12345678901234567890").decode()
        assert totp(seed, 59 // 30) == "287082"

    def test_explicit_consent_needs_csrf(self, world, browser):
        provider = world.authentik.provider_of("argocd")
        provider.authorization_flow = world.authentik.flows[EXPLICIT_CONSENT].pk
        page = browser.get(browser.log_in("bob", world.secrets.user_password, start())).headers["location"]
        assert page.startswith(f"/if/flow/{EXPLICIT_CONSENT}/?client_id=argocd")
        url = browser.executor(page)
        challenge = browser.get(url).json()
        assert challenge["header_text"] == "You're about to sign into ArgoCD."
        assert {"name": "Email address", "id": "email"} in challenge["permissions"]
        answer = {"component": "ak-stage-consent", "token": challenge["token"]}
        refused = browser.post(url, json=answer).json()
        assert list(refused) == ["component", "request_id"]
        assert refused["component"] == "ak-stage-flow-error"
        done = browser.respond(url, **answer)
        assert done["to"].startswith(f"{ARGOCD}?code=")

    def test_policy_denial_is_a_page_with_200(self, world, browser):
        group = world.authentik.directory.group("platform-admins")
        world.authentik.applications["argocd"].bindings = [PolicyBinding("b", group=group.pk)]
        response = browser.get(browser.log_in("bob", world.secrets.user_password, start()))
        assert (response.status_code, title(response)) == (200, "Permission denied - authentik")
        assert "bob" in response.text

    def test_end_session_leaves_the_core_logged_in(self, world, browser):
        code_for(browser)
        response = browser.get("/application/o/argocd/end-session/")
        page = response.headers["location"]
        assert page == "/if/flow/default-provider-invalidation-flow/"
        assert browser.get(browser.executor(page)).json()["component"] == "ak-stage-session-end"
        assert authorize(browser, prompt="none").headers["location"].startswith(f"{ARGOCD}?code=")
        last = browser.get("/api/v3/flows/executor/default-invalidation-flow/?query=")
        assert last.json() == {"component": "xak-flow-redirect", "to": "/"}
        assert "error=login_required" in authorize(browser, prompt="none").headers["location"]
        assert not world.authentik.sessions
