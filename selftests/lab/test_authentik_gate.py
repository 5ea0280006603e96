"""The lab's embedded outpost: forward auth as the recordings show it."""

import base64
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from lab.authentik.outpost.loading import log_loading
from lab.authentik.outpost.model import OutpostView, outpost_config
from lab.authentik.providers import ProxyProvider
from selftests.support.authentik_server import Browser, Proxy, cookie_of, parameters, payload, title

LONGHORN = "https://longhorn.frank.derio.net"
GATES = ["traefik", "caddy"]


@pytest.fixture
def gate(world):
    return Proxy(world)


def enter(world, host, username="alice", replica=0):
    """Log in at a gated host by way of the core; the gate's cookie, and the answer to the callback."""
    gate, browser = Proxy(world, replica), Browser(world)
    first = gate.ask(f"{host}/dash?x=1")
    start = urlsplit(first.headers["location"])
    to = browser.log_in(username, world.secrets.user_password, f"{start.path}?{start.query}")
    callback = browser.get(to)
    if callback.status_code == 200:
        return cookie_of(first), callback
    return cookie_of(first), gate.ask(callback.headers["location"], cookie=cookie_of(first))


def basic(username, password):
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def refused(response):
    return response.status_code == 302 and "/application/o/authorize/" in response.headers["location"]


class TestAnonymous:
    @pytest.mark.parametrize("kind", GATES)
    @pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PROPFIND"])
    def test_redirect_to_the_core(self, world, gate, kind, method):
        response = gate.ask(f"{LONGHORN}/dash?x=1", kind, method=method)
        location = response.headers["location"]
        provider = world.authentik.provider_of("longhorn")
        assert location.startswith("https://auth.frank.derio.net/application/o/authorize/?client_id=")
        query = parameters(location)
        state = payload(query["state"])
        callback = f"{LONGHORN}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true"
        assert (query["client_id"], query["redirect_uri"]) == (provider.client_id, callback)
        assert list(state) == ["iss", "sid", "state", "redirect"]
        assert state["redirect"] == f"{LONGHORN}/dash?x=1"
        assert state["iss"] == f"goauthentik.io/outpost/{provider.client_id}"
        assert "x-powered-by" not in response.headers
        assert ("content-type" in response.headers) == (method == "GET")

    def test_cookie(self, world, gate):
        cookie = gate.ask(LONGHORN).headers["set-cookie"]
        assert cookie.startswith(f"{world.authentik.provider_of('longhorn').cookie_name}=")
        assert cookie.endswith("Max-Age=3601; HttpOnly; Secure; SameSite=Lax")

    def test_nginx_says_401(self, gate):
        response = gate.ask(LONGHORN, "nginx", x_original_url=f"{LONGHORN}/dash")
        assert (response.status_code, response.text) == (401, "unauthorized request\n")

    def test_envoy_tells_no_scheme(self, gate):
        response = gate.ask(LONGHORN, "envoy/dash?x=1", host="longhorn.frank.derio.net")
        state = payload(parameters(response.headers["location"])["state"])
        assert state["redirect"] == "//longhorn.frank.derio.net/dash?x=1"

    @pytest.mark.parametrize("host", ["nope.frank.derio.net", "longhorn.frank.derio.net:443"])
    def test_unknown_host_is_the_cores_404(self, gate, host):
        response = gate.ask(f"https://{host}/")
        assert (response.status_code, response.headers["x-powered-by"]) == (404, "authentik")
        assert "Not Found" in response.text

    def test_without_the_proxys_headers(self, world):
        response = Browser(world, origin=LONGHORN).get("/outpost.goauthentik.io/auth/traefik")
        assert (response.status_code, response.text) == (500, "configuration error\n")

    def test_ping_answers_for_every_host(self, world):
        assert Browser(world, origin="http://nope.example").get("/outpost.goauthentik.io/ping").status_code == 204

    def test_other_pages_of_a_gated_host_are_the_cores(self, world):
        browser = Browser(world, origin=LONGHORN)
        assert browser.get("/").headers["location"] == "/flows/-/default/authentication/?next=/"
        assert browser.get("/outpost.goauthentik.io/nosuch").text == "404 page not found\n"

    @pytest.mark.parametrize(
        ("wanted", "kept"), [("https://evil.example/", ""), (f"{LONGHORN}/dash", f"{LONGHORN}/dash"), (None, "")]
    )
    def test_start_drops_a_foreign_return(self, world, wanted, kept):
        browser = Browser(world, origin=LONGHORN)
        response = browser.get("/outpost.goauthentik.io/start", params={"rd": wanted} if wanted else {})
        assert payload(parameters(response.headers["location"])["state"])["redirect"] == kept

    @pytest.mark.parametrize("query", ["", "?state=bogus&code=x"])
    def test_callback_without_a_state(self, world, query):
        response = Browser(world, origin=LONGHORN).get(f"/outpost.goauthentik.io/callback{query}")
        assert (response.status_code, response.content) == (400, b"")

    def test_database_gone_shuts_the_gate(self, world, gate):
        world.authentik.replicas[0].phase = "db-down"
        assert gate.ask(LONGHORN).status_code == 500

    def test_skip_path_is_searched_anywhere(self, world, gate):
        world.authentik.provider_of("longhorn").skip_path_regex = "[broken\n/api"
        response = gate.ask(f"{LONGHORN}/private/api")
        assert (response.status_code, "x-authentik-username" in response.headers) == (200, False)
        assert refused(gate.ask(f"{LONGHORN}/?q=/api"))


class TestHost:
    @pytest.mark.parametrize(
        ("configured", "origin"),
        [
            ("", "http://localhost"),
            ("https://auth.old.example", "https://auth.old.example"),
            ("http://auth.frank.derio.net:8443/x", "http://auth.frank.derio.net:8443"),
            ("auth.frank.derio.net", ""),
        ],
    )
    def test_only_the_persisted_one_counts(self, world, gate, configured, origin):
        world.authentik.embedded_outpost().config["authentik_host"] = configured
        assert gate.ask(LONGHORN).headers["location"].startswith(f"{origin}/application/o/authorize/?")

    def test_a_blank_one_is_warned_of_when_it_is_loaded(self, world):
        log_loading(world)
        world.authentik.embedded_outpost().config["authentik_host"] = ""
        healthy = "\n".join(world.cluster.log_lines("authentik", world.cluster.server_pods[1]))
        log_loading(world)
        text = "\n".join(world.cluster.log_lines("authentik", world.cluster.server_pods[1]))
        assert "no authentik_host is configured" not in healthy
        assert "no authentik_host is configured" in text.removeprefix(healthy)

    def test_replicas_may_disagree(self, world, gate):
        view = world.authentik.view(1)
        world.authentik.replicas[1].seen = OutpostView(outpost_config("https://auth.old.example"), view.providers)
        assert gate.ask(LONGHORN).headers["location"].startswith("https://auth.frank.derio.net/")
        assert Proxy(world, 1).ask(LONGHORN).headers["location"].startswith("https://auth.old.example/")

    def test_unassigned_provider(self, world, gate):
        provider = world.authentik.provider_of("longhorn")
        world.authentik.embedded_outpost().providers.remove(provider.pk)
        assert gate.ask(LONGHORN).status_code == 404

    def test_application_without_a_provider(self, world, gate):
        world.authentik.applications["longhorn"].provider = None
        assert gate.ask(LONGHORN).status_code == 404

    def test_domain_mode_matches_without_a_dot(self, world, gate):
        provider = world.authentik.provider_of("whoami")
        assert isinstance(provider, ProxyProvider)
        provider.mode, provider.cookie_domain = "forward_domain", "lan.frank.derio.net"
        for host in ("a.b.lan.frank.derio.net", "evillan.frank.derio.net"):
            response = gate.ask(f"https://{host}/")
            assert parameters(response.headers["location"])["client_id"] == provider.client_id
            assert "; Domain=lan.frank.derio.net;" in response.headers["set-cookie"]


class TestPassing:
    def test_login_and_headers(self, world, gate):
        cookie, callback = enter(world, LONGHORN)
        assert (callback.status_code, callback.headers["location"]) == (302, f"{LONGHORN}/dash?x=1")
        assert cookie_of(callback) == cookie
        response = gate.ask(f"{LONGHORN}/dash", cookie=cookie, x_authentik_username="root")
        assert (response.status_code, response.headers["x-powered-by"]) == (200, "authentik_proxy2")
        told = response.headers
        assert (told["x-authentik-username"], told["x-authentik-email"]) == ("alice", "alice@derio.net")
        assert told["x-authentik-groups"].startswith("platform-admins|devops")
        assert told["x-authentik-entitlements"] == ""
        assert told["x-authentik-meta-jwks"] == "https://auth.frank.derio.net/application/o/longhorn/jwks/"
        assert told["x-authentik-meta-version"] == "goauthentik.io/outpost/2026.5.0-rc1"
        assert payload(told["x-authentik-jwt"])["azp"] == world.authentik.provider_of("longhorn").client_id

    def test_session_holds_at_the_other_replica_only_for_this_application(self, world):
        cookie, _ = enter(world, LONGHORN)
        other = Proxy(world, 1)
        assert other.ask(LONGHORN, cookie=cookie).status_code == 200
        hubble = world.authentik.provider_of("hubble").cookie_name
        for sent in (cookie, f"{hubble}={cookie.partition('=')[2]}"):
            assert refused(other.ask("https://hubble.frank.derio.net/", cookie=sent))
        assert refused(other.ask(LONGHORN, cookie=cookie[:-4] + "AAAA"))

    def test_denied_user_gets_a_page_with_200_at_the_core(self, world, gate):
        cookie, page = enter(world, "https://sympozium.frank.derio.net", "bob")
        assert (page.status_code, title(page)) == (200, "Permission denied - authentik")
        assert refused(gate.ask("https://sympozium.frank.derio.net/", cookie=cookie))

    def test_logout_and_deactivation_end_the_session(self, world, gate):
        cookie, _ = enter(world, LONGHORN)
        world.authentik.directory.user("alice").is_active = False
        assert refused(gate.ask(LONGHORN, cookie=cookie))
        world.authentik.directory.user("alice").is_active = True
        assert gate.ask(LONGHORN, cookie=cookie).status_code == 200
        world.authentik.sessions.clear()
        assert refused(gate.ask(LONGHORN, cookie=cookie))

    def test_sign_out(self, world, gate):
        cookie, _ = enter(world, LONGHORN)
        response = gate.ask(f"{LONGHORN}/?X-authentik-logout=true", cookie=cookie)
        assert "/application/o/longhorn/end-session/?id_token_hint=" in response.headers["location"]
        assert refused(gate.ask(LONGHORN, cookie=cookie))
        again = gate.ask(f"{LONGHORN}/?X-authentik-logout=true")
        assert again.headers["location"].startswith(f"{LONGHORN}/outpost.goauthentik.io/start?rd=")

    def test_session_ends_with_its_token(self, world, gate):
        cookie, _ = enter(world, LONGHORN)
        world.clock.offset = timedelta(hours=1, seconds=1)
        assert refused(gate.ask(LONGHORN, cookie=cookie))

    def test_callback_fails_with_another_browser_host(self, world, gate):
        world.authentik.replicas[0].host_browser = "https://sso.frank.derio.net"
        cookie, callback = enter(world, LONGHORN)
        assert callback.headers["location"] == f"{LONGHORN}/dash?x=1"
        assert "set-cookie" not in callback.headers
        assert refused(gate.ask(LONGHORN, cookie=cookie))
        log = "\n".join(world.cluster.log_lines("authentik", world.cluster.server_pods[0]))
        assert "id token issued by a different provider" in log

    def test_callback_fails_with_a_stale_secret(self, world):
        provider = world.authentik.provider_of("longhorn")
        seen = world.authentik.view(0)
        world.authentik.replicas[0].seen = OutpostView(seen.config, [*seen.providers])
        stale = ProxyProvider(**vars(provider) | {"client_secret": "old"})
        world.authentik.replicas[0].seen.providers = [stale]
        _, callback = enter(world, LONGHORN)
        assert "set-cookie" not in callback.headers

    def test_app_password(self, world, gate):
        header = basic("svc-sso-conformance", world.secrets.gate_app_password)
        first = gate.ask(LONGHORN, authorization=header)
        assert (first.status_code, first.headers["x-authentik-username"]) == (200, "svc-sso-conformance")
        assert "authentik_proxy_session_" in first.headers["set-cookie"]
        assert "set-cookie" not in gate.ask(LONGHORN, authorization=header).headers
        logins = [event for event in world.authentik.operations.events if event.action == "login"]
        assert logins[-1].context["auth_method"] == "token"

    @pytest.mark.parametrize("password", ["user_password", "api_token"])
    def test_other_secrets_do_not_pass(self, world, gate, password):
        header = basic("alice", getattr(world.secrets, password))
        assert refused(gate.ask(LONGHORN, authorization=header))

    def test_bearer_is_for_one_provider(self, world, gate):
        cookie, _ = enter(world, LONGHORN)
        token = gate.ask(LONGHORN, cookie=cookie).headers["x-authentik-jwt"]
        assert gate.ask(LONGHORN, authorization=f"Bearer {token}").status_code == 200
        assert refused(gate.ask("https://hubble.frank.derio.net/", authorization=f"Bearer {token}"))
        assert refused(gate.ask(LONGHORN, authorization=f"Bearer {world.secrets.api_token}"))
