"""The lab's Traefik against what a real one was recorded to do (recordings/traefik)."""

from __future__ import annotations

import pytest

from lab.edge.forward_auth import canonical
from lab.edge.rules import Facts, RuleError, compile_rule
from lab.edge.targets import sanitized
from selftests.support.edge_estate import LONGHORN, WHOAMI, Estate, echoed
from selftests.support.traefik_recorded import recorded, request_of


@pytest.fixture
def estate():
    return Estate()


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ("Host(`a.b`)", Facts("a.b", "/"), True),
        ("Host(`A.b`)", Facts("a.b", "/"), True),
        ("Host(`a.b`) && PathPrefix(`/api`)", Facts("a.b", "/"), False),
        ("Host(`a.b`) && !PathPrefix(`/api`)", Facts("a.b", "/x"), True),
        ("Host(`a.b`) || Host(`c.d`) && Path(`/x`)", Facts("a.b", "/"), True),
        ("(Host(`a.b`) || Host(`c.d`)) && Path(`/x`)", Facts("a.b", "/"), False),
        ("HostRegexp(`^.+\\.b$`)", Facts("x.b", "/"), True),
        ("PathRegexp(`^/v[0-9]+`)", Facts("", "/v1/x"), True),
        ('Header("X-A", "1") && Method(`POST`)', Facts("", "/", "POST", "", (("x-a", "1"),)), True),
        ("Host(`*.b`)", Facts("a.b", "/"), True),
        ("Host(`*.b`)", Facts("a.c.b", "/"), False),
        ("Host(`*.b`)", Facts("b", "/"), False),
        ("Host(`**.b`)", Facts("a.c.b", "/"), False),
        ("Host(`*`)", Facts("a.b", "/"), True),
        ("Query(`a`, `1`)", Facts("", "/", "GET", "a=1"), True),
    ],
)
def test_rules(rule, facts, expected):
    assert compile_rule(rule)(facts) is expected


def test_before_3_7_a_wildcard_matches_nothing():
    assert not compile_rule("Host(`*.b`)", wildcards=False)(Facts("a.b", "/"))


# The lab reads no ClientIP, and is lenient about the case of a function's name.
RECORDED = [one for one in recorded() if one.syntax == "v3" and "ClientIP" not in one.rule and "hOsT" not in one.rule]


@pytest.mark.parametrize("one", RECORDED, ids=str)
def test_a_rule_is_read_as_traefik_reads_it(one):
    for version, matched in one.matched.items():
        wildcards = version == "3.7.13"
        if matched is None:
            with pytest.raises(RuleError):
                compile_rule(one.rule, wildcards=wildcards)
            continue
        rule = compile_rule(one.rule, wildcards=wildcards)
        for url, taken in matched.items():
            asked = request_of(url)
            assert rule(Facts(asked.netloc, asked.path, query=asked.query)) is taken, url


NO_RULES = ["", "Host(`a`", "Host(a)", "Nonsense(`a`)", "Host(`a`) Host(`b`)", "HostRegexp(`[`)", "Host(`a`,`b`)"]


@pytest.mark.parametrize("rule", NO_RULES)
def test_what_is_no_rule(rule):
    with pytest.raises(RuleError):
        compile_rule(rule)


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("//v1", "/v1"),
        ("/public/../v1", "/v1"),
        ("/%2e%2e/v1", "/v1"),
        ("/v1;/x", "/v1;/x"),
        ("/v1%2fx", "/v1%2Fx"),
        ("/a/./b/", "/a/b/"),
        ("/..", "/"),
    ],
)
def test_targets_are_sanitized_as_recorded(sent, seen, estate):
    assert sanitized(sent) == seen
    estate.ask(LONGHORN + sent)
    assert estate.asked_headers()["x-forwarded-uri"] == seen


def test_plain_http_is_redirected(estate):
    answer = estate.ask("http://longhorn.frank.derio.net/v1?x=1")
    assert (answer.status, answer.body) == (301, b"Moved Permanently")
    assert answer.header("location") == "https://longhorn.frank.derio.net/v1?x=1"
    assert answer.header("content-type") is None


def test_plain_http_can_be_served(estate):
    estate.world.edge.plain_http_hosts.add("whoami.frank.derio.net")
    assert estate.ask("http://whoami.frank.derio.net/").status == 302
    assert estate.asked_headers()["x-forwarded-host"] == "whoami.frank.derio.net"


def test_unknown_host(estate):
    answer = estate.ask("https://unknown.frank.derio.net/")
    assert (answer.status, answer.body) == (404, b"404 page not found\n")
    assert answer.header("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_every_method_is_gated(estate, method):
    answer = estate.ask(f"{LONGHORN}/v1", method)
    assert answer.status == 302
    asked_method, path, headers = estate.gate.asked[-1]
    assert (asked_method, path) == ("GET", "/outpost.goauthentik.io/auth/traefik")
    assert dict(headers)["x-forwarded-method"] == method
    assert answer.header("set-cookie").startswith("authentik_proxy_1=")


def test_a_forged_forwarded_header_is_discarded(estate):
    forged = [
        ("X-Forwarded-Host", "hubble.frank.derio.net"),
        ("X-Forwarded-Uri", "/ping"),
        ("X-Forwarded-For", "1.2.3.4"),
    ]
    estate.ask(LONGHORN + "/", headers=forged)
    asked = estate.asked_headers()
    assert asked["x-forwarded-host"] == "longhorn.frank.derio.net"
    assert asked["x-forwarded-uri"] == "/"
    assert asked["x-forwarded-for"] == "192.168.55.10"
    assert asked["x-forwarded-proto"] == "https"
    assert asked["host"].startswith("authentik-server.authentik.svc")


def test_an_insecure_entry_point_believes_forged_headers(estate):
    estate.world.edge.forwarded_headers_trusted = True
    estate.ask(LONGHORN + "/", headers=[("X-Forwarded-Host", "hubble.frank.derio.net")])
    assert estate.asked_headers()["x-forwarded-host"] == "hubble.frank.derio.net"
    estate.gate_middleware()["forwardAuth"]["trustForwardHeader"] = False
    estate.ask(LONGHORN + "/", headers=[("X-Forwarded-Host", "hubble.frank.derio.net")])
    assert estate.asked_headers()["x-forwarded-host"] == "longhorn.frank.derio.net"


def test_a_websocket_upgrade_is_gated(estate):
    # security-headers pins the scheme; without it the gate sees wss (recording gate-websocket-upgrade).
    estate.route("longhorn", "longhorn-system")["routes"][0]["middlewares"].pop(1)
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    assert estate.ask(LONGHORN + "/v1/ws", headers=upgrade).status == 302
    asked = estate.asked_headers()
    assert asked["x-forwarded-proto"] == "wss"
    assert "upgrade" not in asked


def test_identity_headers_replace_the_listed_ones_only(estate):
    forged = [("Cookie", "in"), ("X-authentik-username", "akadmin"), ("X-authentik-uid", "forged")]
    forged += [("X-authentik-custom", "forged"), ("X-Authentik_Groups", "forged")]
    answer = estate.ask(f"{WHOAMI}/%2e/a%2fb?x=1", headers=forged)
    lines, lower = echoed(answer)
    assert answer.status == 200
    assert "GET /a%2Fb?x=1 HTTP/1.1" in lines
    assert "x-authentik-username: alice" in lower
    assert "akadmin" not in answer.body.decode()
    assert not any(line.startswith("x-authentik-uid") for line in lower)
    assert "x-authentik-custom: forged" in lower
    assert "x-authentik_groups: forged" in lower
    assert "x-forwarded-host: whoami.frank.derio.net" in lower
    assert "x-forwarded-for: 192.168.55.10" in lower
    assert "x-real-ip: 192.168.55.10" in lower
    assert answer.header("set-cookie") is None
    assert answer.header("strict-transport-security") == "max-age=31536000; includeSubDomains"


def test_auth_cookies_reach_the_browser_when_asked_for(estate):
    estate.gate_middleware()["forwardAuth"]["addAuthCookiesToResponse"] = ["session"]
    assert estate.ask(WHOAMI + "/", headers=[("Cookie", "in")]).header("set-cookie") == "session=1"


def test_the_header_regex_sees_canonical_names(estate):
    spec = estate.gate_middleware()["forwardAuth"]
    del spec["authResponseHeaders"]
    headers = [("Cookie", "in"), ("X-authentik-custom", "forged")]
    spec["authResponseHeadersRegex"] = "^X-authentik-"
    assert "forged" in estate.ask(WHOAMI + "/", headers=headers).body.decode()
    spec["authResponseHeadersRegex"] = "^X-Authentik-"
    body = estate.ask(WHOAMI + "/", headers=headers).body.decode()
    assert "forged" not in body
    assert "X-Authentik-Username: alice" in body
    assert canonical("x-authentik-uid") == "X-Authentik-Uid"


def test_a_relative_location_becomes_the_auth_servers(estate):
    estate.gate.extra = [("Location", "/login")]
    location = estate.ask(LONGHORN + "/").header("location")
    assert location == "http://authentik-server.authentik.svc.cluster.local:80/login"
    estate.gate_middleware()["forwardAuth"]["preserveLocationHeader"] = True
    assert estate.ask(LONGHORN + "/").header("location") == "/login"


def test_a_gate_that_is_down(estate):
    estate.world.edge.silent |= {"authentik-pod-0", "authentik-pod-1"}
    answer = estate.ask(LONGHORN + "/")
    assert (answer.status, answer.body) == (500, b"")


def test_one_silent_replica_fails_every_other_time(estate):
    estate.world.edge.silent.add("authentik-pod-1")
    assert {estate.ask(LONGHORN + "/").status for _ in range(4)} == {302, 500}
