"""Which provider is meant, and what its settings lack: good and bad examples."""

import pytest

from fixtures.doors import matching
from fixtures.doors.matching import matches_all
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import RouteRef
from fixtures.estate.oidc import OidcApplication, RedirectUri
from fixtures.exchange.api_objects import ApiUser, OAuthProvider, Provider, ProxyProvider, ScopeMapping
from fixtures.model.signals import NotVerified
from fixtures.topics.authorization.questions import endless_expressions
from fixtures.topics.expressions.rules import redirect_expression_complaints, skip_expressions, skip_path_complaints
from fixtures.topics.providers.rules import (
    describing,
    list_differences,
    missing_claims,
    provider_of_gate,
    redirect_list_complaint,
    registered,
    scopes_of,
    setting_differences,
    undeclared_providers,
    undeclared_routes,
)
from selftests.support.api_views import an
from selftests.support.oidc_applications import CALLBACK, application, provider


def estate_with(**tables):
    authentik = {"url": "https://auth.example.org", "public_url": "https://auth.example.org"}
    return Estate.model_validate({"name": "example", "authentik": authentik, **tables})


def strict(url):
    return RedirectUri(url=url)


def proxy(pk, host, slug):
    return an(ProxyProvider, pk=pk, name=f"p{pk}", external_host=host, assigned_application_slug=slug)


def test_a_gates_provider_is_its_applications_before_its_address():
    gate = ForwardAuthApplication(name="longhorn", url="https://longhorn.example.org")
    by_host, by_slug = proxy(1, gate.url, "other"), proxy(2, "https://old.example.org", "longhorn")
    assert provider_of_gate(gate, [by_host, by_slug]) is by_slug
    assert provider_of_gate(gate, [by_host]) is by_host
    assert provider_of_gate(gate, [proxy(3, "", None)]) is None


def test_routes_are_described_by_reference_or_by_all_their_hosts():
    estate = estate_with(
        forward_auth=[{"name": "a", "url": "https://a.example.org", "route": "x/ingressroute/a"}],
        ignore=[{"route": "x/ingressroute/old", "reason": "goes next week"}],
    )
    refs = {name: RouteRef("x", "ingressroute", name) for name in ("a", "b", "c", "d", "old")}
    gated = [
        (refs["a"], ["HostRegexp"]),
        (refs["b"], ["a.example.org"]),
        (refs["c"], ["a.example.org", "c.example.org"]),
        (refs["d"], []),
        (refs["old"], ["old.example.org"]),
    ]
    assert undeclared_routes(estate, gated) == [
        "x/ingressroute/c (a.example.org, c.example.org)",
        "x/ingressroute/d (any host)",
    ]


def test_providers_are_described_by_client_gate_or_open_host():
    estate = estate_with(
        oidc=[{"name": "m", "slug": "m", "url": "https://m.example.org", "client_id": "m", "machine": True}],
        forward_auth=[{"name": "a", "url": "https://a.example.org"}],
        open_hosts=[{"url": "https://open.example.org", "reason": "public"}],
        ignore=[{"provider": "p9", "reason": "goes next week"}],
    )
    proxies = [proxy(1, "https://a.example.org", "a"), proxy(2, "https://open.example.org", "open")]
    clients = [an(OAuthProvider, pk=3, name="p3", client_id="m")]
    others = [an(Provider, pk=4, name="LDAP"), an(Provider, pk=9, name="p9")]
    assert undeclared_providers(estate, [*proxies, *clients, *others], clients, proxies) == ["LDAP"]
    assert describing(["LDAP"], clients, proxies) == "an estate file has no table for providers of their kind: add"
    assert (
        describing(["LDAP", "p3"], clients, proxies) == describing(["p1"], clients, proxies) == "describe them, or add"
    )


def test_in_domain_mode_the_address_decides():
    gate = ForwardAuthApplication(
        name="longhorn",
        url="https://longhorn.lan.example.org",
        mode="domain",
        cookie_domain="lan.example.org",
        provider_url="https://gate.lan.example.org",
    )
    shared = proxy(1, "https://gate.lan.example.org", "domain-gate")
    assert provider_of_gate(gate, [proxy(2, "https://x.example.org", "longhorn"), shared]) is shared


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([{"matching_mode": "strict", "url": CALLBACK}], ""),
        ([], ""),
        (CALLBACK, "a str, not a list"),
        ([CALLBACK], "entry 1 is a str"),
        ([{"url": CALLBACK}], "matching mode None"),
        ([{"matching_mode": "strict", "url": ""}], "has no URL"),
    ],
)
def test_the_form_of_a_redirect_list(raw, said):
    complaint = redirect_list_complaint(raw)
    assert said in complaint
    assert bool(complaint) == bool(said)


def test_redirects_are_told_apart_by_kind_where_the_version_has_kinds():
    typed = [
        {"matching_mode": "strict", "url": CALLBACK, "redirect_uri_type": "authorization"},
        {"matching_mode": "strict", "url": "https://grafana.example.org/bye", "redirect_uri_type": "logout"},
    ]
    untyped = [{"matching_mode": "strict", "url": CALLBACK}]
    assert registered(provider(redirect_uris=typed), "authorization") == (strict(CALLBACK),)
    assert registered(provider(redirect_uris=typed), "logout") == (strict("https://grafana.example.org/bye"),)
    assert registered(provider(redirect_uris=untyped), "authorization") == (strict(CALLBACK),)
    assert registered(provider(redirect_uris=untyped), "logout") == ()


def test_a_list_as_declared_has_no_differences_in_any_order():
    both = [strict(CALLBACK), strict("https://a.example.org/")]
    assert list_differences(both, both[::-1]) == []


def test_a_near_miss_is_said_once_and_named():
    notes = list_differences([strict(CALLBACK)], [strict(f"{CALLBACK}/")])
    assert notes == [f"{CALLBACK} is missing; registered instead is {CALLBACK}/ (differs in: slash)"]
    notes = list_differences([strict(CALLBACK)], [RedirectUri(url=CALLBACK, matching_mode="regex")])
    assert "matching mode" in notes[0]


def test_an_extra_uri_is_a_difference():
    extra = strict("http://localhost/callback")
    assert list_differences([strict(CALLBACK)], [strict(CALLBACK), extra]) == [
        "http://localhost/callback is registered, but not declared"
    ]


def test_lifetimes_are_compared_as_times():
    assert setting_differences(application(), provider(access_token_validity="minutes=60")) == []
    assert len(setting_differences(application(), provider(access_token_validity="hours=2", sub_mode="user_id"))) == 2


def test_scopes_are_those_of_the_providers_own_mappings():
    mappings = [an(ScopeMapping, pk=pk, scope_name=name) for pk, name in (("a", "openid"), ("b", "profile"))]
    assert scopes_of(provider(property_mappings=["a", "gone"]), mappings) == {"openid"}


def test_empty_claims_do_not_count_but_no_groups_is_an_answer():
    preview = {"email": "", "groups": [], "name": "A"}
    assert missing_claims(["name"], preview, an(ApiUser)) == []
    assert missing_claims(["groups"], preview, an(ApiUser)) == []
    assert missing_claims(["groups"], preview, an(ApiUser, groups=["pk"]))
    # Others get groups, or nobody is there to ask: an expression may pass on some alone.
    assert missing_claims(["groups"], preview, an(ApiUser, groups=["pk"]), others=True) == []
    assert missing_claims(["groups"], {}, an(ApiUser, groups=["pk"]), others=True)
    assert missing_claims(["groups", "email"], preview, an(ApiUser, groups=["pk"]), others=None)
    with pytest.raises(NotVerified):
        missing_claims(["groups"], preview, an(ApiUser, groups=["pk"]), others=None)
    assert missing_claims(["email"], preview, an(ApiUser))
    # False is a value, and a list of another kind is empty for whoever has nothing to be listed.
    assert missing_claims(["email_verified"], {"email_verified": False}, an(ApiUser)) == []
    for empty in ([], {}):
        with pytest.raises(NotVerified, match="roles"):
            missing_claims(["roles", "name"], preview | {"roles": empty}, an(ApiUser))
        assert len(missing_claims(["roles", "email"], preview | {"roles": empty}, an(ApiUser))) == 1
    assert "no scope mapping" in missing_claims(["preferred_username"], preview, an(ApiUser))[0]


@pytest.mark.parametrize("value", [7, True, {"a": "b"}, [None], [[]], ["a", 7], ["a", ""]])
def test_a_claim_that_nobody_can_read_is_as_good_as_none(value):
    assert "email (it is not text" in missing_claims(["email"], {"email": value}, an(ApiUser))[0]
    assert missing_claims(["groups"], {"groups": "admins"}, an(ApiUser, groups=["pk"])) == []
    assert "groups (it is not a list of names" in missing_claims(["groups"], {"groups": value}, an(ApiUser))[0]


@pytest.mark.parametrize(
    "expression",
    [
        r"https://app\.example\.org/callback",
        r"^https://app\.example\.org/callback/.*$",
        r"https:\/\/app\.example\.org\/(a|b)\/callback",
        r"https://app\.example\.org:8443/cb[.]x",
        r"https://app\.example\.org$",
        r"https://app\.example\.org(/.*)?",
        r"https://app\.example\.org(?:/cb|/silent)?$",
        r"https://app\.example\.org(/|$)",
        r"https://app\.example\.org/?",
        r"https://app\.example\.org\?from=.*",
        r"https://(?:app|www)\.example\.org/callback",
        r"http://localhost:\d+/callback",
        r"http://127\.0\.0\.1:[0-9]{2,5}/callback",
    ],
)
def test_good_redirect_expressions(expression):
    assert redirect_expression_complaints(expression) == []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (r"https://app.example\.org/callback", "does not fix"),
        (r"https://.*\.example\.org/callback", "does not fix"),
        (r"https://app\.example\.org.*", "does not fix"),
        (r"https?://app\.example\.org/callback", "does not fix"),
        (r".*", "does not fix"),
        (r"https://(app|.*)\.example\.org/callback", "does not fix"),
        (r"https://(app)?\.example\.org/callback", "does not fix"),
        (r"https://app\.example\.org/?.*", "does not fix"),
        (r"https://app\.example\.org/{0,1}evil", "does not fix"),
        (r"https://app\.example\.org(/|\.evil\.org/).*", "does not fix"),
        (r"https://app\.example\.org(/.*)?.*", "does not fix"),
        (r"https://app\.example\.org(|/cb)x", "does not fix"),
        (r"https://app\.example\.org(?=/).*", "does not fix"),
        (r"https://app\.example\.org:\d+/callback", "does not fix"),
        (r"https://app\.example\.org/a|https://evil", "alternative"),
        (r"https://app\.example\.org/oauth2.callback", "dot that is not escaped"),
        (r"https://app\.example\.org/(", "no expression"),
    ],
)
def test_bad_redirect_expressions(expression, said):
    assert any(said in note for note in redirect_expression_complaints(expression))


def test_skip_paths_come_one_a_line():
    assert skip_expressions("^/api/\n\n ^/public/ \n") == ["^/api/", "^/public/"]
    assert skip_expressions("") == []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("/api/", "not anchored"),
        ("^/api/|/x", "alternative"),
        ("^/", "it opens /"),
        ("^/.*", "it opens /"),
        ("^/public/", "does not declare"),
    ],
)
def test_bad_skip_paths(expression, said):
    declared = [] if said == "does not declare" else [expression]
    assert any(said in note for note in skip_path_complaints(expression, declared, ["/", "/nowhere"]))


def test_a_declared_anchored_skip_path_is_fine():
    assert skip_path_complaints("^/api/v1/", ["^/api/v1/"], ["/", "/nowhere"]) == []


def test_an_expression_comes_to_an_end_with_foreign_uris(monkeypatch):
    monkeypatch.setattr(matching, "SECONDS", 1.0)
    endless, fine = r"https://(\w+)+!", r"https://\w+"
    entries = [
        {"url": url, "matching_mode": mode} for url, mode in ((endless, "regex"), (fine, "regex"), (endless, "strict"))
    ]
    listed = provider(client_id="a", redirect_uris=entries)
    app = OidcApplication.model_validate(
        {"name": "a", "slug": "a", "url": f"https://{'a' * 60}.org", "client_id": "a", "machine": True}
    )
    assert endless_expressions(matches_all, app, [listed]) == {endless}
    assert any("come to an end" in note for note in redirect_expression_complaints(endless, endless=True))
    assert not any("come to an end" in note for note in redirect_expression_complaints(endless))
