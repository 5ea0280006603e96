"""The lab's Authentik REST API: applications, providers and outposts."""

import pytest

from selftests.support.authentik_api import role


def test_policies_thin_out_the_list_but_not_its_count(world, suite, admin):
    for client in (suite, admin):
        body = client.get("core/applications/?page_size=100").json()
        assert body["pagination"]["count"] == len(body["results"]) + 2
        assert not {"infisical", "sympozium"} & {found["slug"] for found in body["results"]}
    full = "core/applications/?superuser_full_list=true&page_size=100"
    assert len(admin.results(full)) == len(suite.results(full)) + 2 == len(world.authentik.applications)
    assert suite.get("core/applications/sympozium/").json()["launch_url"] == "https://sympozium.frank.derio.net"


def test_for_user_counts_for_superusers_only(suite, admin):
    path = "core/applications/sympozium/check_access/?for_user=5"
    assert admin.get(path).json()["passing"]
    assert not suite.get(path).json()["passing"]
    assert not admin.get("core/applications/sympozium/check_access/?for_user=6").json()["passing"]


def test_oauth2_providers_include_the_proxy_ones(world, suite):
    rows = suite.results("providers/oauth2/?page_size=100")
    assert len(rows) == len(world.authentik.providers)
    assert {row["component"] for row in rows} == {"ak-provider-oauth2-form"}
    (grafana,) = suite.results("providers/oauth2/?client_id=grafana")
    assert grafana["redirect_uris"] == [
        {
            "matching_mode": "strict",
            "url": "https://grafana.frank.derio.net/login/generic_oauth",
            "redirect_uri_type": "authorization",
        }
    ]
    assert grafana["assigned_application_slug"] == "grafana"


def test_only_oauth2_lists_disclose_secrets(suite):
    assert all("client_secret" not in row for row in suite.results("providers/all/"))
    assert all("client_secret" not in row for row in suite.results("providers/proxy/"))


def test_setup_urls_follow_the_request(world, suite):
    pk = world.authentik.provider_of("argocd").pk
    urls = suite.get(f"providers/oauth2/{pk}/setup_urls/").json()
    assert urls["issuer"] == "https://auth.frank.derio.net/application/o/argocd/"
    forged = suite.get(f"providers/oauth2/{pk}/setup_urls/", headers={"x-forwarded-host": "evil.example"})
    assert forged.json()["token"] == "https://evil.example/application/o/token/"


def test_preview_needs_its_own_permission(world, suite):
    path = f"providers/oauth2/{world.authentik.provider_of('grafana').pk}/preview_user/?for_user=5"
    preview = suite.get(path).json()["preview"]
    assert preview["groups"] == ["platform-admins", "devops", "authentik Admins"]
    assert preview["sub"] == world.authentik.directory.user("alice").uid
    role(world).permissions.discard("authentik_core.preview_user")
    response = suite.get(path)
    assert (response.status_code, response.json()) == (400, {"for_user": "User not found"})


def test_the_embedded_outpost_and_its_instances(world, suite):
    (outpost,) = suite.results("outposts/instances/")
    assert outpost["config"]["authentik_host"] == "https://auth.frank.derio.net"
    assert len(outpost["providers_obj"]) == len(outpost["providers"]) == 4
    path = f"outposts/instances/{outpost['pk']}/health/"
    assert [row["version_should"] for row in suite.get(path).json()] == ["2026.5.0rc1"] * 2
    instance = world.authentik.embedded_outpost().instances[0]
    instance.version = "2026.2.1"
    assert suite.get(path).json()[0]["version_outdated"]
    assert suite.get("admin/version/").json()["outpost_outdated"]
    instance.connected = False
    gone = suite.get(path).json()[0]
    assert (gone["last_seen"], gone["version"], gone["version_outdated"]) == (None, None, False)


@pytest.mark.parametrize(
    ("pk", "detail"),
    [
        ("00000000-0000-0000-0000-000000000000", "No Outpost matches the given query."),
        ("not-a-uuid", "Not found."),
    ],
)
def test_outposts_that_are_not_there(suite, pk, detail):
    assert suite.get(f"outposts/instances/{pk}/").json() == {"detail": detail}


def test_a_certificate_is_described(suite):
    (pair,) = suite.results("crypto/certificatekeypairs/")
    assert pair["cert_subject"] == "OU=Self-signed,O=authentik,CN=authentik Self-signed Certificate"
    assert len(pair["fingerprint_sha256"]) == 95


def test_outposts_load_every_secret(world, suite):
    rows = suite.results("outposts/proxy/")
    assert len(rows) == len(world.authentik.proxy_providers())
    assert all(row["client_secret"] and row["cookie_secret"] for row in rows)
    issuers = {row["oidc_configuration"]["issuer"] for row in rows}
    assert "https://auth.frank.derio.net/application/o/longhorn/" in issuers


def test_bindings_and_flows(world, suite):
    bindings = suite.results("policies/bindings/")
    bound = {binding["target"] for binding in bindings}
    assert bound == {world.authentik.applications[slug].pk for slug in ("infisical", "sympozium")}
    target = world.authentik.applications["sympozium"].pk
    by_group, by_user = (binding for binding in bindings if binding["target"] == target)
    assert by_group["target"] == by_user["target"] == world.authentik.applications["sympozium"].pk
    assert (by_group["group_obj"]["name"], by_group["user_obj"]) == ("platform-admins", None)
    assert (by_user["group_obj"], by_user["user_obj"]["username"]) == (None, "conformance-probe")
    flows = suite.results("flows/instances/?designation=invalidation")
    assert [flow["slug"] for flow in flows] == [
        "default-invalidation-flow",
        "default-provider-invalidation-flow",
    ]
