"""The lab's Authentik server: probes, pages, discovery, and that faults reach every answer."""

import pytest

from selftests.support.authentik_server import Browser, server_log, title

DOCUMENT = "/application/o/{}/.well-known/openid-configuration"


class TestProbes:
    @pytest.mark.parametrize("path", ["/-/health/live/", "/-/health/ready/"])
    def test_up(self, browser, path):
        assert browser.get(path).status_code == 200

    @pytest.mark.parametrize(
        ("accept", "kind", "text"),
        [
            ("application/json", "application/json", '{"error": "authentik starting"}'),
            ("text/html", "text/html", "<span>authentik starting</span>\n"),
            ("*/*", "text/plain", "authentik starting"),
        ],
    )
    def test_starting_says_so_in_the_type_asked_for(self, world, browser, accept, kind, text):
        world.authentik.replicas[0].phase = "starting"
        response = browser.get("/api/v3/root/config/", headers={"accept": accept})
        assert (response.status_code, response.headers["retry-after"]) == (503, "5")
        assert (response.headers["content-type"], response.text) == (kind, text)
        assert browser.get("/-/health/live/").status_code == 502
        assert Browser(world, 1).get("/-/health/live/").status_code == 200

    def test_database_gone_is_not_ready(self, world, browser):
        world.authentik.replicas[0].phase = "db-down"
        assert browser.get("/-/health/live/").status_code == 200
        assert browser.get("/-/health/ready/").status_code == 503
        assert browser.get(DOCUMENT.format("argocd")).status_code == 500

    def test_core_gone(self, world, browser):
        world.authentik.replicas[0].phase = "core-down"
        response = browser.get("/")
        assert (response.status_code, response.text) == (502, "failed to connect to authentik backend\n")
        assert browser.get("/outpost.goauthentik.io/ping").status_code == 204

    def test_core_headers(self, browser):
        response = browser.get("/nosuch")
        assert (response.status_code, title(response)) == (404, "authentik")
        assert response.headers["x-powered-by"] == "authentik"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers.get_list("vary") == ["Accept-Encoding", "Accept-Language, Cookie"]
        assert len(response.headers["x-authentik-id"]) == 32

    @pytest.mark.parametrize("name", ["admin", "user"])
    def test_interfaces(self, browser, name):
        assert f"<ak-interface-{name}>" in browser.get(f"/if/{name}/").text

    def test_flow_page_proves_nothing_but_the_flow(self, browser):
        assert browser.get("/if/flow/default-authentication-flow/").status_code == 200
        assert browser.get("/if/flow/nosuch/").status_code == 404

    def test_access_line_carries_the_request_id(self, world, browser):
        response = browser.get("/nosuch", headers={"user-agent": "probe/1"})
        line = server_log(world)[-1]
        assert (line["event"], line["status"], line["user_agent"]) == ("/nosuch", 404, "probe/1")
        assert line["request_id"] == response.headers["x-authentik-id"]


class TestDiscovery:
    def test_issuer_follows_the_host(self, browser):
        document = browser.get(DOCUMENT.format("argocd")).json()
        assert document["issuer"] == "https://auth.frank.derio.net/application/o/argocd/"
        direct = Browser(browser.world, origin="http://192.168.55.211:9000")
        forged = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
        assert direct.get(DOCUMENT.format("argocd")).json()["issuer"].startswith("http://192.168.55.211:9000/")
        document = direct.get(DOCUMENT.format("argocd"), headers=forged).json()
        assert document["token_endpoint"] == "https://evil.example/application/o/token/"

    def test_global_issuer(self, world, browser):
        world.authentik.provider_of("argocd").issuer_mode = "global"
        assert browser.get(DOCUMENT.format("argocd")).json()["issuer"] == "https://auth.frank.derio.net/"

    @pytest.mark.parametrize("path", [DOCUMENT.format("nosuch"), DOCUMENT.format("argocd") + "/"])
    def test_not_found_is_html(self, browser, path):
        response = browser.get(path, headers={"accept": "application/json"})
        assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")

    def test_rfc8414_address(self, browser):
        path = "/.well-known/oauth-authorization-server/application/o/argocd"
        assert browser.get(path + "/").json() == browser.get(DOCUMENT.format("argocd")).json()
        assert browser.get(path).status_code == 404

    def test_key_set(self, browser):
        (key,) = browser.get("/application/o/argocd/jwks/").json()["keys"]
        assert list(key) == ["alg", "kid", "kty", "use", "n", "e", "x5c", "x5t", "x5t#S256"]

    def test_without_signing_key(self, world, browser):
        world.authentik.provider_of("grafana").signing_key = None
        assert browser.get("/application/o/grafana/jwks/").json() == {}
        document = browser.get(DOCUMENT.format("grafana")).json()
        assert document["id_token_signing_alg_values_supported"] == ["HS256"]

    @pytest.mark.parametrize("origin", ["https://argocd.frank.derio.net", "https://evil.example"])
    def test_cors_knows_the_origins_of_redirect_uris(self, browser, origin):
        response = browser("OPTIONS", DOCUMENT.format("argocd"), headers={"origin": origin})
        good = origin.endswith("derio.net")
        assert response.headers.get("access-control-allow-origin") == (origin if good else None)
        assert response.headers["allow"] == "GET, HEAD, OPTIONS"


class TestTampering:
    def test_every_answer_can_be_changed(self, world, browser):
        def without_powered_by(request, response):
            assert request.scope["replica"] == 0
            del response.headers["x-powered-by"]
            return response

        world.authentik.tampering.append(without_powered_by)
        assert "x-powered-by" not in browser.get("/nosuch").headers
        world.heal()
        assert "x-powered-by" in browser.get("/nosuch").headers
