"""What Authentik 2026.8 does otherwise (facts/measured-2026.8.md), and 2026.5 does not."""

from urllib.parse import urlencode

import pytest

from lab.world import World
from selftests.support.authentik_api import Client
from selftests.support.authentik_server import ARGOCD, AUTHORIZE, TOKEN, Browser, parameters

DISCOVERY = "/application/o/argocd/.well-known/openid-configuration"


@pytest.fixture
def world():
    return World(authentik_release="2026.8")


def refreshed(world, secret):
    form = {"grant_type": "refresh_token", "client_id": "argocd", "refresh_token": "x", "client_secret": secret}
    return Browser(world).post(TOKEN, data=form).json()["error"]


def test_a_grant_that_the_provider_leaves_out_is_refused_before_the_client_proves_itself(world):
    provider = world.authentik.provider_of("argocd")
    secrets = (provider.client_secret, "wrong")
    assert [refreshed(world, secret) for secret in secrets] == ["invalid_grant", "invalid_client"]
    provider.grant_types.remove("refresh_token")
    assert [refreshed(world, secret) for secret in secrets] == ["invalid_grant", "invalid_grant"]


@pytest.mark.parametrize(("release", "error"), [("2026.5", None), ("2026.8", "invalid_request")])
def test_without_grants_an_authorization_request_is_malformed(release, error):
    world = World(authentik_release=release)
    world.authentik.provider_of("argocd").grant_types = []
    query = {"client_id": "argocd", "redirect_uri": ARGOCD, "response_type": "code", "scope": "openid", "state": "s"}
    answer = Browser(world).get(f"{AUTHORIZE}?{urlencode(query)}")
    assert parameters(answer.headers["location"]).get("error") == error


def test_a_provider_made_without_grant_types_has_none(world):
    api = Client(world, world.secrets.bootstrap_token)
    flows = world.authentik.flows
    body = {
        "name": "New",
        "authorization_flow": flows["default-provider-authorization-implicit-consent"].pk,
        "invalidation_flow": flows["default-provider-invalidation-flow"].pk,
        "redirect_uris": [{"matching_mode": "strict", "url": "https://new.example/cb"}],
    }
    assert api.request("POST", "providers/oauth2/", json=body).json()["grant_types"] == []


@pytest.mark.parametrize(("listed", "scheme"), [(("127.0.0.0/8",), "https"), ((), "http")])
def test_a_forwarded_scheme_counts_from_listed_proxies_alone(world, listed, scheme):
    world.authentik.rules.trusted_proxies = listed
    answer = Browser(world, origin="http://auth.frank.derio.net").get(DISCOVERY, headers={"x-forwarded-proto": "https"})
    assert answer.json()["issuer"].startswith(f"{scheme}://")


def test_an_unregistered_address_after_a_logout_is_an_error(world):
    browser = Browser(world)
    query = urlencode({"client_id": "argocd", "redirect_uri": ARGOCD, "response_type": "code", "scope": "openid"})
    browser.log_in("alice", world.secrets.user_password, f"{AUTHORIZE}?{query}")
    answer = browser.get("/application/o/argocd/end-session/?post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F")
    assert answer.status_code == 400


def test_an_unknown_gate_cookie_is_logged_with_its_value(world):
    host = "longhorn.frank.derio.net"
    cookie = f"{world.authentik.provider_of('longhorn').cookie_name}=AN-ENDED-ONE"
    sent = {"x-forwarded-proto": "https", "x-forwarded-host": host, "x-forwarded-uri": "/", "cookie": cookie}
    Browser(world, origin=f"https://{host}").get("/outpost.goauthentik.io/auth/traefik", headers=sent)
    lines = world.cluster.log_lines("authentik", world.cluster.server_pods[0])
    assert any("AN-ENDED-ONE" in line and '"level": "error"' in line for line in lines)
