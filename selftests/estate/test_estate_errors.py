"""The estate file: what is said when it is wrong, and that no value is repeated."""

import os
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.estate import load_estate, parse_estate
from fixtures.model.errors import EstateError
from selftests.support.small_estate import AUTHENTIK, GRAFANA, LONGHORN, complaint_about, estate_of, tables

CANARY = "canary-5f0b7c2e"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"oidc": [GRAFANA, GRAFANA | {"name": "two", "redirect_urls": []}]},
            "x.toml: oidc[1] (two).redirect_urls: unknown key, did you mean redirect_uris?",
        ),
        ({"authentic": {}}, "x.toml: authentic: unknown key, did you mean authentik?"),
        ({"zzzz": 1}, "x.toml: zzzz: unknown key"),
        (
            {"authentik": AUTHENTIK | {"outpost": {"authentik_hots": "x"}}},
            "x.toml: authentik.outpost.authentik_hots: unknown key, did you mean authentik_host?",
        ),
        (
            {"authentik": AUTHENTIK | {"token": {"env": "A", "fil": "b"}}},
            "x.toml: authentik.token.fil: unknown key, did you mean file?",
        ),
        (
            {"authentik": {"url": "http://a"}},
            "x.toml: authentik.public_url: this key is required, add public_url",
        ),
        (
            {"oidc": [GRAFANA | {"kind": "grafanna"}]},
            "generic, jupyterhub, miniflux, mod-auth-openidc, node-red, oauth2-proxy, pgadmin, did you mean grafana?",
        ),
        ({"oidc": GRAFANA}, "x.toml: oidc: must be a list"),
        ({"traefik": {"workload": []}}, "x.toml: traefik.workload: must be text"),
        ({"traefik": {"workload": "a/pod/b"}}, "x.toml: traefik.workload: "),
        ({"oidc": ["grafana"]}, "x.toml: oidc[0]: must be a table"),
        ({"oidc": [GRAFANA | {"redirect_uris": []}]}, "x.toml: oidc[0] (grafana): redirect_uris is empty"),
        ({"oidc": [GRAFANA | {"redirect_uris": ["/callback"]}]}, "x.toml: oidc[0] (grafana).redirect_uris[0]"),
        ({"oidc": [GRAFANA | {"kind": "generic"}]}, "needs login_start"),
        ({"oidc": [GRAFANA | {"kind": "infisical"}]}, "needs org_slug"),
        ({"oidc": [GRAFANA | {"configured": False}]}, "needs a reason"),
        (
            {"oidc": [GRAFANA | {"slug": "grafana/"}]},
            "oidc[0] (grafana).slug: must be a slug, as Authentik has it",
        ),
        ({"client": {"slug": "prüfer"}}, "x.toml: client.slug: must be a slug, as Authentik has it"),
        ({"oidc": [GRAFANA | {"name": "Grafana"}]}, "x.toml: oidc[0] (Grafana).name"),
        ({"oidc": [GRAFANA, GRAFANA]}, "x.toml: oidc: 'grafana' stands there twice"),
        (
            {"oidc": [GRAFANA | {"behind_gate": "longhron"}]},
            "x.toml: oidc[0] (grafana).behind_gate: there is no gated forward_auth application 'longhron', name one of",
        ),
        (
            {"client": {}, "oidc": [GRAFANA | {"name": "sso-conformance"}]},
            "x.toml: oidc[0] (sso-conformance).name: the suite's own client ([client], slug 'sso-conformance')",
        ),
        ({"oidc": [GRAFANA | {"workload": "grafana/deployment"}]}, "of the form namespace/kind/name"),
        ({"oidc": [GRAFANA | {"workload": "grafana/pod/x"}]}, "deployment, statefulset, daemonset"),
        ({"oidc": [GRAFANA | {"lifetimes": {"code": "1h"}}]}, 'such as "hours=1"'),
        ({"oidc": [GRAFANA | {"url": "grafana.lan"}]}, "begins with http:// or https://"),
        ({"oidc": [GRAFANA | {"url": "https://[grafana"}]}, "is no URL"),
        (
            {"forward_auth": [LONGHORN, LONGHORN | {"name": "copy"}]},
            "forward_auth[1] (copy).url: is the address of forward_auth[0] (longhorn) too",
        ),
        (
            {"retired_hosts": [{"url": "https://longhorn.frank.derio.net/", "reason": "x"}]},
            "retired_hosts[0].url: must not answer any more, and is the address of forward_auth[0] (longhorn) too",
        ),
        ({"oidc": [GRAFANA | {"redirect_uris": "https://x/"}]}, "redirect_uris: must be a list"),
        ({"name": 5}, "name: must be text, in quotes"),
        ({"forward_auth": [LONGHORN | {"gated": False}]}, "gated = false needs a reason"),
        ({"forward_auth": [LONGHORN | {"mode": "domain"}]}, "needs cookie_domain"),
        ({"network": {"port_forward": "yes"}}, "x.toml: network.port_forward: "),
        ({"bounds": {"rsa_bits": "4096"}}, "x.toml: bounds.rsa_bits: "),
        ({"cluster": {}}, "x.toml: cluster: needs one way in"),
        ({"cluster": {"in_cluster": True, "context": "a"}}, "needs one way in"),
        ({"network": {"connect_to": {"a": "b"}}}, "x.toml: network.connect_to: has the form"),
        ({"bounds": {"clock_warn_seconds": 60}}, "x.toml: bounds: clock_warn_seconds is later than clock_fail_seconds"),
        ({"suite": {"vantage": "outsid"}}, "did you mean outside?"),
        ({"ignore": [{"reason": "x"}]}, "names either a provider or a route"),
        (
            {"excluded_user": {"username": "bob", "applications": ["nothing"]}},
            "excluded_user.applications: there is no application 'nothing'",
        ),
        ({"authentik": AUTHENTIK | {"outpost": {"kind": "standalone"}}}, "needs its name in Authentik"),
    ],
)
def test_errors_name_the_place_and_the_way_out(changes, said):
    assert said in complaint_about(**changes)


def test_every_problem_has_its_line():
    said = complaint_about(nmae="x", oidc=[GRAFANA | {"kind": "x", "url": "y"}]).splitlines()
    assert len(said) == 3
    assert all(line.startswith("x.toml: ") for line in said)


@pytest.mark.parametrize(
    "changes",
    [
        {"authentik": AUTHENTIK | {"token": CANARY}},
        {"authentik": AUTHENTIK | {"token": [CANARY]}},
        {"authentik": AUTHENTIK | {"token": {"value": CANARY}}},
        {"authentik": AUTHENTIK | {"token": {"env": "A", "file": CANARY}}},
        {"authentik": AUTHENTIK | {"tokne": CANARY}},
        {"probe_user": {"username": "x", "password": CANARY}},
        {"client": {"client_secret": CANARY}},
        {"client": CANARY},
        {"authentik": AUTHENTIK | {"url": f"http://admin:{CANARY}@host"}},
        {"oidc": [GRAFANA | {"secret": CANARY}]},
        {"network": {"connect_to": CANARY}},
    ],
)
def test_no_error_repeats_a_value(changes):
    with pytest.raises(EstateError) as caught:
        estate_of(**changes)
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_token_in_the_file_is_refused_with_the_sources():
    said = complaint_about(authentik=AUTHENTIK | {"token": "abc"})
    assert "x.toml: authentik.token: a token or password never stands in the file" in said
    assert '{ env = "NAME" }' in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name = x\n", "is not valid TOML: invalid value (at line 1, column 8)"),
        ("name = 'x'\nname = 'y'\n", "line 2"),
        (b"\xef\xbb\xbfname = 'x'\r\n", "authentik: this key is required"),
        (b"\xff\xfe", "is not text in UTF-8"),
        ("x = " + "[" * 5000 + "]" * 5000, "is not valid TOML"),
        ("x = 2024-02-31", "is not valid TOML"),
        ("#" * (4 * 1024 * 1024 + 1), "is larger than 4 MiB"),
        ("", "name: this key is required"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, said):
    path = tmp_path / "estate.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(EstateError) as caught:
        load_estate(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "said"),
    [("absent.toml", "no such file"), (".", "is a folder"), ("a\0b", "absent|cannot be read|no such file")],
)
def test_paths_that_are_no_file(tmp_path, path, said):
    with pytest.raises(EstateError, match=said):
        load_estate(f"{tmp_path}/{path}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_says_so(tmp_path):
    path = tmp_path / "estate.toml"
    path.touch(mode=0)
    with pytest.raises(EstateError, match="cannot be read"):
        load_estate(path)


def test_a_password_cannot_be_minted():
    assert "probe_user.password" in complaint_about(probe_user={"username": "x", "password": {"mint": True}})


SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.datetimes(), st.times())
)

KNOWN_KEYS = (
    "name authentik url public_url token env oidc forward_auth network connect_to redirect_uris secret "
    "kind mode bounds cluster lifetimes code issuer workload paths outpost service client probe_user password"
)

KEYS = st.text(max_size=8) | st.sampled_from(KNOWN_KEYS.split())

TABLES = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)),
    max_size=6,
)


@given(TABLES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_table_raises_anything_but_an_estate_error(arbitrary):
    for read in (arbitrary, tables() | arbitrary, tables(oidc=[GRAFANA | arbitrary], network=arbitrary)):
        with suppress(EstateError):
            parse_estate(read, "x.toml")


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_every_text_is_a_url_or_a_complaint(text):
    try:
        estate = estate_of(oidc=[GRAFANA | {"url": text, "redirect_uris": [text], "login_start": text}])
    except EstateError:
        return
    assert estate.hosts()
