"""What keys and tables say against each other is told beside what each says wrongly, and nothing follows from that."""

import pytest

from selftests.support.small_estate import AUTHENTIK, GRAFANA, LONGHORN, complaint_about, estate_of


def test_all_that_one_table_says_wrongly_is_told_at_once():
    said = complaint_about(oidc=[GRAFANA | {"redirect_uris": [], "kind": "generic", "configured": False}])
    assert said.count("x.toml: oidc[0] (grafana): ") == 2
    assert "redirect_uris is empty" in said
    assert "needs a reason" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"oidc": [GRAFANA | {"url": "x", "configured": False}]}, "oidc[0] (grafana): configured = false needs"),
        ({"oidc": [GRAFANA | {"scopes": "x", "redirect_uris": []}]}, "oidc[0] (grafana): redirect_uris is empty"),
        ({"oidc": [GRAFANA | {"pkce": 1, "kind": "infisical"}]}, "oidc[0] (grafana): an infisical needs org_slug"),
        (
            {"forward_auth": [LONGHORN | {"echo": 1, "paths": ["x", 1]}]},
            "forward_auth[0] (longhorn): every one of path",
        ),
        ({"forward_auth": [LONGHORN | {"url": 1, "reason": "x"}]}, "forward_auth[0] (longhorn): reason explains"),
        ({"cluster": {"in_cluster": True, "context": "x", "operator_context": 1}}, "cluster: needs one way in"),
        ({"bounds": {"rsa_bits": 1, "clock_warn_seconds": 99}}, "bounds: clock_warn_seconds is later"),
        ({"ignore": [{"provider": "x", "route": "a/ingressroute/b"}]}, "ignore[0]: names either a provider or a route"),
        (
            {"authentik": AUTHENTIK | {"url": 1, "outpost": {"kind": "standalone", "name": "x", "service": "y"}}},
            "authentik.outpost: service needs namespace",
        ),
    ],
)
def test_what_one_table_says_against_itself_is_told_beside_what_it_says_wrongly(changes, said):
    assert complaint_about(**changes).count(f"x.toml: {said}") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"oidc": [GRAFANA | {"redirect_uris": "x"}]},
        {"oidc": [GRAFANA | {"configured": False, "reason": 1}]},
        {"oidc": [GRAFANA | {"kind": "infisical", "org_slug": 1}]},
        {"oidc": [GRAFANA | {"kind": "generic", "login_strat": "/x"}]},
        {"oidc": [{key: value for key, value in GRAFANA.items() if key != "redirect_uris"} | {"redirect_urls": []}]},
        {"forward_auth": [LONGHORN | {"paths": 1}]},
        {"forward_auth": [LONGHORN | {"mode": "domain", "cookie_domain": 1, "provider_url": "x"}]},
        {"cluster": {"context": 1}},
        {"ignore": [{"provider": 1, "reason": "x"}]},
    ],
)
def test_nothing_follows_from_a_value_that_is_refused_or_a_key_that_is_misspelled(changes):
    said = complaint_about(**changes)
    assert not any(word in said for word in ("needs", "is empty", "explains", "names either"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"public_url": GRAFANA["url"]}, "authentik.public_url: is the address of oidc (grafana) too, correct one"),
        ({"public_url": f"{LONGHORN['url']}/"}, "authentik.public_url: is the address of forward_auth (longhorn) too"),
        ({"public_url": f"{AUTHENTIK['public_url']}/if/admin/"}, "authentik.public_url: has the path /if/admin, and"),
        ({"public_url": f"{AUTHENTIK['public_url']}/"}, ""),
        ({"public_url": f"{GRAFANA['url']}/auth", "url": f"{AUTHENTIK['url']}/auth"}, ""),
        # kubectl proxy leads to a Service by a path of its own.
        ({"url": "http://127.0.0.1:8001/api/v1/namespaces/authentik/services/authentik-server:80/proxy"}, ""),
    ],
)
def test_the_public_address_is_authentiks_alone_and_below_no_path_of_its_own(changed, said):
    changes = {"authentik": AUTHENTIK | changed, "oidc": [GRAFANA], "forward_auth": [LONGHORN]}
    if said:
        assert complaint_about(**changes).startswith(f"x.toml: {said}")
    else:
        assert estate_of(**changes)


def test_a_required_key_that_is_misspelled_is_told_once():
    assert complaint_about(authentik={"url": "http://a", "publc_url": "http://a"}).splitlines() == [
        "x.toml: authentik.publc_url: unknown key, did you mean public_url?"
    ]


def test_what_tables_say_against_each_other_is_told_beside_what_each_says_wrongly():
    said = complaint_about(
        nmae="x",
        oidc=[GRAFANA | {"behind_gate": "longhron", "kind": "x"}, GRAFANA | {"redirect_urls": [], "redirect_uris": []}],
        excluded_user={"username": "bob", "applications": ["argocd"]},
    ).splitlines()
    for problem in (
        "nmae: unknown key",
        "oidc[0] (grafana).kind: must be one of",
        "oidc[0] (grafana).behind_gate: there is no gated forward_auth application 'longhron'",
        "oidc[1] (grafana).redirect_urls: unknown key",
        "oidc[1] (grafana): redirect_uris is empty",
        "oidc: 'grafana' stands there twice",
        "excluded_user.applications: there is no application 'argocd'",
    ):
        assert [line for line in said if line.startswith(f"x.toml: {problem}")], (problem, said)
    assert len(said) == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"forward_auth": [LONGHORN | {"name": "Longhorn"}], "oidc": [GRAFANA | {"behind_gate": "longhorn"}]},
        {"forward_auth": LONGHORN, "service_account": {"username": "x", "applications": ["longhorn"]}},
        {"oidc": [GRAFANA | {"name": 7}], "excluded_user": {"username": "x", "applications": ["grafana"]}},
        {"profiles": [{"nmae": "own"}], "oidc": [GRAFANA | {"profile": "own"}]},
    ],
)
def test_nothing_follows_from_a_name_that_is_refused_itself(changes):
    said = complaint_about(**changes)
    assert "there is no" not in said
    assert said
