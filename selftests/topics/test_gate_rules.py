"""Judges of the gate: good and bad answers, in the forms that were recorded."""

import pytest

from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.topics.gate.redirect import (
    cookie_complaints,
    foreign_return,
    gated_alike,
    redirect_complaints,
    return_address,
    same_address,
    state_claims,
    wrong_origin,
)
from fixtures.topics.gate.rules import (
    classify_refusal,
    is_gate_redirect,
    is_nobody,
    is_open,
    refused_by_proxy,
    speaker_of,
    where_to_look,
)
from selftests.support.gate_answers import AUTH, CALLBACK, COOKIE, GATE, HTML, PLAIN, URL, answer, refusal, state
from selftests.support.small_estate import estate_of

DOMAIN = ForwardAuthApplication(
    name="lan",
    url="https://nas.lan.frank.derio.net",
    mode="domain",
    cookie_domain="lan.frank.derio.net",
    provider_url="https://gate.lan.frank.derio.net",
)
WEEK = 7 * 24 * 3600


@pytest.mark.parametrize(
    ("speaker", "given"),
    [
        ("gate", refusal()),
        ("gate", refusal("http://localhost")),
        ("gate", refusal(f"{AUTH}/auth")),
        ("gate", refusal("http://0.0.0.0:9000")),
        ("gate", answer(302, {"location": f"{AUTH}/outpost.goauthentik.io/start?rd=x"})),
        ("gate", answer(401, PLAIN, "unauthorized request\n")),
        ("no provider", answer(404, HTML | {"x-powered-by": "authentik"}, "<title>authentik</title>")),
        ("no provider", answer(400, {}, '{"Message":"no app for hostname","Host":"x"}')),
        ("no route", answer(404, PLAIN, "404 page not found\n")),
        ("allow-list", answer(403, {}, "Forbidden")),
        ("gate down", answer(500)),
        ("gate down", answer(500, PLAIN, "configuration error")),
        ("authentik starting", answer(503, {"retry-after": "5"}, "authentik starting")),
        ("authentik starting", answer(502, {}, "failed to connect to authentik backend")),
        ("backend down", answer(502, {}, "Bad Gateway")),
        ("backend down", answer(503, PLAIN, "no available server\n")),
        ("application", answer(200, HTML, "<title>Longhorn</title>")),
        ("application", answer(403, {"content-type": "application/json"}, '{"error":"forbidden"}')),
        ("application", answer(302, {"location": "/login"})),
        ("application", answer(404, HTML, "<title>Not here</title>")),
        ("application", answer(503, HTML, "<title>Longhorn is being updated</title>")),
        ("application", answer(200, HTML, "<title>authentik</title>")),
    ],
)
def test_each_answer_has_its_speaker(speaker, given):
    assert speaker_of(given, "Longhorn") == speaker


@pytest.mark.parametrize(
    ("speaker", "given"),
    [
        ("gate down", answer(403)),
        ("no route", answer(404)),
        ("application", answer(403, {}, "RBAC: access denied")),
        ("application", answer(404, HTML, "<title>Not here</title>")),
        ("application", answer(200)),
        ("backend down", answer(503, PLAIN, "no healthy upstream")),
    ],
)
def test_envoy_says_some_things_without_a_word(speaker, given):
    """Envoyproxy/envoy issue 14001; what Traefik leads to and has no word is an application's."""
    assert speaker_of(given, by_traefik=False) == speaker
    assert speaker_of(given) == ("backend down" if given.status == 503 else "application")
    assert (classify_refusal(given, by_traefik=False) is None) == (speaker == "application")


def test_a_gate_is_put_back_as_what_it_was():
    estate = estate_of()
    known = where_to_look(estate, GATE)["application"]
    said = ForwardAuthApplication(name=GATE.name, url=GATE.url, middleware=False)
    assert "SecurityPolicy" in where_to_look(estate, said)["application"]
    assert "chain that the route names" in known


def test_an_application_with_a_login_of_its_own_is_no_gate():
    own = refusal(redirect_uri="https://grafana.frank.derio.net/login/generic_oauth")
    assert not is_gate_redirect(own)
    assert speaker_of(own) == "application"


def test_only_what_is_neither_gate_nor_application_is_a_refusal():
    assert classify_refusal(refusal()) is None
    assert classify_refusal(answer(200, HTML, "Longhorn"), "Longhorn") is None
    named = classify_refusal(answer(500))
    assert named is not None
    assert named.speaker == "gate down"
    assert named.meaning
    assert named.where


@pytest.mark.parametrize(
    ("location", "found"),
    [
        (f"{AUTH}:443/application/o/authorize/", ""),
        ("https://AUTH.frank.derio.net/application/o/authorize/", ""),
        ("http://auth.frank.derio.net/application/o/authorize/", "http://auth.frank.derio.net"),
        (f"{AUTH}:9443/application/o/authorize/", f"{AUTH}:9443"),
        ("http://localhost/application/o/authorize/", "http://localhost"),
        ("http://0.0.0.0:9000/application/o/authorize/", "http://0.0.0.0:9000"),
        ("/application/o/authorize/", "https://longhorn.frank.derio.net"),
        ("https://auth.frank.derio.net.evil.example/", "https://auth.frank.derio.net.evil.example"),
    ],
)
def test_the_origin_is_compared_as_browsers_do(location, found):
    assert wrong_origin(answer(302, {"location": location}), AUTH) == found


def test_a_redirect_of_this_application_has_no_complaint():
    assert redirect_complaints(refusal(), GATE, URL) == []
    assert redirect_complaints(refusal(), GATE, URL.rstrip("/")) == []


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (refusal(client_id=""), "client id"),
        (refusal(redirect_uri=CALLBACK.replace("longhorn", "hubble")), "callback"),
        (refusal(redirect_uri=CALLBACK.replace("https:", "http:")), "callback"),
        (refusal(state="nothing"), "state"),
        (refusal(state=state(client="other")), "another client"),
        (refusal(back=URL.replace("https:", "http:")), "instead of"),
        (refusal(back="https://hubble.frank.derio.net/"), "instead of"),
        (refusal(back=""), "nowhere"),
    ],
)
def test_a_redirect_of_something_else_is_named(bad, word):
    assert any(word in complaint for complaint in redirect_complaints(bad, GATE, URL))


def test_domain_mode_ends_at_the_providers_host():
    callback = "https://gate.lan.frank.derio.net/outpost.goauthentik.io/callback?X-authentik-auth-callback=true"
    back = "https://nas.lan.frank.derio.net/"
    assert redirect_complaints(refusal(redirect_uri=callback, back=back), DOMAIN, back) == []
    assert redirect_complaints(refusal(back=back), DOMAIN, back)


def test_the_outposts_start_address_carries_only_the_return_address():
    start = f"{AUTH}/outpost.goauthentik.io/start"
    assert redirect_complaints(answer(302, {"location": start}), GATE, URL) == []
    assert redirect_complaints(answer(302, {"location": f"{start}?rd={URL}"}), GATE, URL) == []
    assert redirect_complaints(answer(302, {"location": f"{start}?rd=https://evil.example/"}), GATE, URL)


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "a.bnVsbA.c", "a.W10.c", "a.ÿ.c"])
def test_an_unreadable_state_has_no_claims(text):
    assert state_claims(text) == {}


def test_gated_alike_means_the_same_gate():
    proven = refusal()
    assert gated_alike(refusal("http://elsewhere.example", back="https://x.example/"), proven)
    assert not gated_alike(refusal(client_id="other"), proven)
    assert not gated_alike(refusal(redirect_uri=CALLBACK.replace("longhorn", "hubble")), proven)
    assert not gated_alike(answer(200), proven)
    assert not gated_alike(answer(404, PLAIN, "404 page not found"), proven)
    assert not gated_alike(answer(401, PLAIN, "unauthorized request"), proven)


def test_a_proxy_may_refuse_a_request_line():
    assert refused_by_proxy(answer(400))
    assert refused_by_proxy(answer(400, PLAIN, "400 Bad Request: malformed path"))
    assert not refused_by_proxy(answer(400, HTML, "<title>Bad Request</title>"))
    assert not refused_by_proxy(answer(404))


def test_addresses_are_the_same_but_for_port_and_slash():
    assert same_address("https://a.example", "https://a.example:443/")
    assert same_address("https://a.example/x?y=1", "https://A.example/x?y=1")
    assert not same_address("https://a.example/x", "https://a.example/x/")
    assert not same_address("https://a.example/", "http://a.example/")
    assert not same_address("https://a.example:port/", "https://a.example/")


@pytest.mark.parametrize(
    ("back", "carried"),
    [
        ("", ""),
        (URL, ""),
        (f"{URL}outpost.goauthentik.io/start?rd=https://evil.example/", ""),
        ("https://evil.example/", "https://evil.example/"),
        ("https://longhorn.frank.derio.net.evil.example/", "https://longhorn.frank.derio.net.evil.example/"),
        ("//evil.example/", "//evil.example/"),
    ],
)
def test_a_foreign_return_address_is_seen(back, carried):
    assert return_address(refusal(back=back)) == back
    assert foreign_return(refusal(back=back), GATE) == carried


def test_the_recorded_suffix_trick_is_foreign():
    trick = "https://evillan.frank.derio.net/"
    assert foreign_return(refusal(back=trick), DOMAIN) == trick
    assert foreign_return(refusal(back="https://gate.lan.frank.derio.net/x"), DOMAIN) == ""


def test_the_recorded_cookie_is_in_order():
    assert cookie_complaints(refusal(), GATE, WEEK) == []


@pytest.mark.parametrize(
    ("cookie", "word"),
    [
        ("other=x; HttpOnly; Secure; SameSite=Lax", "no cookie"),
        (COOKIE.replace("; HttpOnly", ""), "HttpOnly"),
        (COOKIE.replace("; Secure", ""), "Secure"),
        (COOKIE.replace("; SameSite=Lax", "; SameSite=None"), "SameSite"),
        (COOKIE.replace("; SameSite=Lax", ""), "SameSite"),
        (COOKIE.replace("; Max-Age=3601", ""), "no end"),
        (COOKIE.replace("3601", "31536000"), "it lives 365 d, longer than 7 d"),
        (COOKIE.replace("Max-Age=3601", "Expires=Thu, 25 Nov 2027 12:00:00 GMT"), "it lives 365 d, longer than 7 d"),
        (COOKIE.replace("Max-Age=3601", "Expires=Thursday, 25-Nov-27 12:00:00 GMT"), "it lives 365 d"),
        (COOKIE.replace("3601", "31536000; Expires=Wed, 25 Nov 2026 13:00:00 GMT"), "it lives 365 d"),
        (COOKIE.replace("Max-Age=3601", "Expires=in an hour"), "no end"),
        (COOKIE.replace("Max-Age=3601", "Expires=Fri, 31 Dec 99999 23:59:59 GMT"), "no end"),
        (COOKIE.replace("Max-Age=3601", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"), "over when it comes"),
        (COOKIE.replace("3601", "0"), "over when it comes"),
        (f"{COOKIE}; Domain=frank.derio.net", "domain"),
    ],
)
def test_a_bad_cookie_is_named(cookie, word):
    assert any(word in complaint for complaint in cookie_complaints(refusal(cookie=cookie), GATE, WEEK))


@pytest.mark.parametrize("ends", ["Wed, 25 Nov 2026 13:00:00 GMT", "Wed, 02 Dec 2026 12:00:00 GMT"])
def test_a_cookie_may_be_bounded_by_its_end_alone(ends):
    assert cookie_complaints(refusal(cookie=COOKIE.replace("Max-Age=3601", f"Expires={ends}")), GATE, WEEK) == []


def test_a_cookie_on_plain_http_need_not_be_secure():
    lan = ForwardAuthApplication(name="nas", url="http://nas.lan")
    assert cookie_complaints(refusal(cookie=COOKIE.replace("; Secure", "")), lan, WEEK) == []


def test_domain_mode_has_the_domains_cookie():
    assert cookie_complaints(refusal(cookie=f"{COOKIE}; Domain=lan.frank.derio.net"), DOMAIN, WEEK) == []
    assert cookie_complaints(refusal(), DOMAIN, WEEK)


@pytest.mark.parametrize(
    ("expected", "given", "statuses"),
    [
        (True, answer(200), ()),
        (True, answer(401, {"www-authenticate": "Bearer"}), ()),
        (True, answer(302, {"location": "/login"}), ()),
        (True, answer(200), (200,)),
        (False, answer(204), (200,)),
        (False, refusal(), ()),
        (False, refusal(), (302,)),
        (False, answer(302, {"location": f"{AUTH}/if/flow/x/"}), ()),
        (False, answer(404, PLAIN, "404 page not found"), ()),
        (False, answer(404, HTML | {"x-powered-by": "authentik"}), ()),
        (False, answer(502, {}, "Bad Gateway"), ()),
    ],
)
def test_an_open_host_answers_for_itself(expected, given, statuses):
    assert is_open(given, AUTH, statuses) is expected


def test_a_retired_host_is_nobodys():
    assert is_nobody(answer(404, PLAIN, "404 page not found\n"))
    assert is_nobody(answer(404, PLAIN, "default backend - 404"))
    assert is_nobody(answer(404, HTML, "<title>404 Not Found</title><center>nginx</center>"))
    assert is_nobody(answer(410))
    assert not is_nobody(answer(200))
    assert not is_nobody(answer(404, HTML | {"x-powered-by": "authentik"}, "<title>authentik</title>"))
    assert not is_nobody(answer(404, HTML, "<title>No such dashboard</title>"))
    assert not is_nobody(answer(503, PLAIN, "no available server"))
    assert not is_nobody(refusal())
