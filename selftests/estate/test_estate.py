"""The estate file: what it accepts and what it derives."""

import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest

from fixtures.estate import load_estate, parse_estate
from fixtures.estate import reference as reference_module
from fixtures.estate import schema as schema_module
from fixtures.estate.durations import span
from fixtures.estate.names import NamespacedName, RouteRef, WorkloadRef
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.sources import EnvCredential, FileCredential, MintCredential, SecretCredential
from fixtures.estate.urls import Destination, has_inner_name, host, is_https, origin, port
from selftests.support.small_estate import AUTHENTIK, GRAFANA, LONGHORN, estate_of, tables

ROOT = Path(__file__).parents[2]

ESTATES = ROOT / "estates"


@pytest.mark.parametrize("name", ["lab", "frank"])
def test_estates_of_the_repository_are_valid_and_hashable(name):
    estate = load_estate(ESTATES / f"{name}.toml")

    assert estate.name == name
    assert hash(estate) == hash(load_estate(ESTATES / f"{name}.toml"))


def test_frank_holds_the_runbook():
    text = (ESTATES / "frank.toml").read_text()

    assert [line for line in text.splitlines() if "hunter" in line] == []
    for stated in (
        "http://192.168.55.211:9000",
        "https://auth.frank.derio.net",
        "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET",
        "grafana/grafana-oidc",
        "authentik-server.authentik.svc",
        "authentik-worker",
        "https://argocd.frank.derio.net/auth/callback",
        "https://longhorn.frank.derio.net",
    ):
        assert stated in text


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (None, "https://ops.example.org/argocd/auth/login"),
        ("/auth/login", "https://ops.example.org/argocd/auth/login"),
        ("auth/login?return_url=x", "https://ops.example.org/argocd/auth/login?return_url=x"),
        ("/argocd/auth/login", "https://ops.example.org/argocd/auth/login"),
        ("/argocd", "https://ops.example.org/argocd/"),
        ("/argocdx", "https://ops.example.org/argocd/argocdx"),
        ("https://other.example.org/go", "https://other.example.org/go"),
    ],
)
def test_an_application_below_a_path_starts_its_logins_there(start, expected):
    url = "https://ops.example.org/argocd"
    needed = {"name": "argocd", "kind": "argocd", "slug": "argocd", "url": url, "client_id": "argocd"}
    table = {**needed, "redirect_uris": [f"{url}/auth/callback"]} | ({"login_start": start} if start else {})
    assert OidcApplication(**table).login_start_url == expected


def test_a_session_is_proven_by_the_probe_users_name():
    table = tomllib.loads((ESTATES / "lab.toml").read_text())
    table["oidc"][1] |= {"kind": "oauth2-proxy"}
    grafana = parse_estate(table, "lab.toml").oidc[1]
    assert grafana.login.contains == "conformance-probe"


def test_what_can_be_derived_is_derived():
    estate = load_estate(ESTATES / "lab.toml")
    argocd, grafana, infisical = estate.oidc

    assert argocd.issuer == "https://auth.frank.derio.net/application/o/argocd/"
    assert argocd.login_start_url == "https://argocd.frank.derio.net/auth/login"
    assert infisical.login_start_url.endswith("/api/v1/sso/oidc/login?orgSlug=frank")
    assert (argocd.reloads, grafana.reloads) == (True, False)
    assert (argocd.secret.consumer, grafana.secret.consumer) == ("argocd", "envFrom")
    assert argocd.essential_scopes == ("openid", "profile", "email")
    assert estate.client.issuer == "https://auth.frank.derio.net/application/o/sso-conformance/"
    assert estate.authentik.outpost.authentik_host == "https://auth.frank.derio.net"
    assert {app.middleware for app in estate.forward_auth} == {
        NamespacedName("traefik-system", "authentik-forwardauth")
    }
    assert estate.claims_user(grafana) == "conformance-probe"
    assert estate.forward_auth[0].slug == "longhorn"


def test_global_issuer_mode():
    assert estate_of(authentik=AUTHENTIK | {"issuer_mode": "global"}).oidc[0].issuer == (
        "https://auth.frank.derio.net/"
    )


def test_a_declared_issuer_is_kept_byte_for_byte():
    stated = "https://auth.frank.derio.net/application/o/grafana"
    assert estate_of(oidc=[GRAFANA | {"issuer": stated}]).oidc[0].issuer == stated


def test_addresses_are_one_where_direct_is_public():
    assert [address.name for address in estate_of().addresses] == ["direct", "public"]
    same = estate_of(authentik={"url": "http://auth.lan/", "public_url": "http://auth.lan"})
    assert same.addresses == (("public", "http://auth.lan"),)


def test_hosts_are_those_of_the_file_and_plain_http_on_the_public_ones():
    hosts = estate_of(retired_hosts=[{"url": "https://old.lan:8443/x", "reason": "moved"}]).hosts()

    assert Destination("http", "192.168.55.211", 9000) in hosts
    assert Destination("https", "old.lan", 8443) in hosts
    assert Destination("http", "longhorn.frank.derio.net", 80) in hosts
    assert "sso-conformance.invalid" not in {destination.host for destination in hosts}


def test_public_hosts_are_listed_once():
    estate = estate_of(forward_auth=[LONGHORN, {"name": "gate", "url": GRAFANA["url"]}])
    assert [public.host for public in estate.public_hosts] == [
        "auth.frank.derio.net",
        "grafana.frank.derio.net",
        "longhorn.frank.derio.net",
    ]


def test_expected_workloads_and_external_secrets():
    estate = load_estate(ESTATES / "lab.toml")

    assert WorkloadRef("authentik", "deployment", "authentik-worker") in estate.expected_workloads()
    assert WorkloadRef("traefik-system", "deployment", "traefik") in estate.expected_workloads()
    assert [str(es.name) for es in estate.expected_external_secrets()] == [
        "argocd/argocd-oidc",
        "grafana/grafana-oidc",
    ]
    assert estate.expected_external_secrets()[1].keys == ("GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET",)


def test_connect_to_prefers_the_exact_entry():
    network = estate_of(
        network={"connect_to": {"*.frank.derio.net:443": "127.0.0.1:1", "Auth.frank.derio.net:443": "[::1]:2"}}
    ).network

    assert network.target("grafana.frank.derio.net", 443) == ("127.0.0.1", 1)
    assert network.target("auth.frank.derio.net", 443) == ("::1", 2)
    assert network.target("frank.derio.net", 443) is None
    assert network.target("grafana.frank.derio.net", 80) is None


def test_relative_paths_start_at_the_estate(tmp_path):
    path = tmp_path / "estate.toml"
    path.write_text(
        'name = "x"\n[authentik]\nurl = "http://a"\npublic_url = "http://a"\ntoken = { file = "token" }\n'
        '[network]\nca_file = "/etc/ca.pem"\n[cluster]\nkubeconfig = "kube"\n'
    )
    estate = load_estate(path)
    assert estate.authentik.token.file == tmp_path / "token"
    assert estate.network.ca_file == Path("/etc/ca.pem")
    assert estate.cluster.kubeconfig == tmp_path / "kube"


@pytest.mark.parametrize(
    ("written", "model"),
    [
        ({"env": "A"}, EnvCredential),
        ({"file": "a"}, FileCredential),
        ({"secret": "ns/name", "key": "k"}, SecretCredential),
        ({"mint": True}, MintCredential),
    ],
)
def test_token_sources(written, model):
    assert isinstance(estate_of(authentik=AUTHENTIK | {"token": written}).authentik.token, model)


def test_parts_of_urls():
    assert origin("HTTPS://Auth.Frank.derio.net:443/x?y") == "https://auth.frank.derio.net"
    assert origin("http://[::1]:9000/") == "http://[::1]:9000"
    assert (host("http://A:1/"), port("http://a"), port("https://a"), is_https("https://a")) == (
        "a",
        80,
        443,
        True,
    )


def test_spans_are_authentiks():
    assert span("hours=1;minutes=30") == timedelta(minutes=90)
    for wrong in ("", "hours", "hours=x", "years=1", "days=" + "9" * 20):
        with pytest.raises(ValueError, match=r"."):
            span(wrong)


def test_names_of_objects():
    assert str(RouteRef.parse("a/IngressRoute/b.c")) == "a/ingressroute/b.c"
    assert RouteRef.parse("a/ingress/b").namespaced == NamespacedName("a", "b")


def test_generated_files_are_current():
    assert schema_module.PATH.read_text() == schema_module.schema_text()
    assert reference_module.PATH.read_text() == reference_module.reference()


@pytest.mark.parametrize("name", ["lab", "frank"])
def test_the_schema_accepts_what_the_models_accept(name):
    schema = json.loads(schema_module.PATH.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads((ESTATES / f"{name}.toml").read_text()), schema)


def test_the_schema_refuses_unknown_keys():
    schema = json.loads(schema_module.PATH.read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tables(nmae="x"), schema)


def test_every_key_is_described_and_checks_are_named_by_id():
    keys = reference_module.keys_by_check()
    assert keys["OIDC-DISC-02"]
    assert all(part[-2:].isdigit() for part in keys)


@pytest.mark.parametrize("position", [0, 1])
def test_the_files_that_the_reference_begins_with_are_read(position):
    example = re.findall(r"```toml\n(.+?)```", reference_module.PATH.read_text(), re.DOTALL)[position]
    estate = parse_estate(tomllib.loads(example), "docs/ESTATE.md")
    assert len(example.splitlines()) == (5, 20)[position]
    assert (len(estate.oidc), len(estate.forward_auth)) == (position, position)


@pytest.mark.parametrize(
    ("url", "inner"),
    [
        ("http://authentik-server.authentik.svc:9000", True),
        ("http://authentik-server.authentik.svc.cluster.local", True),
        ("http://authentik-server", True),
        ("https://svc.example.org", False),
        ("http://192.168.1.5", False),
    ],
)
def test_a_name_that_only_neighbours_know(url, inner):
    assert has_inner_name(url) is inner
