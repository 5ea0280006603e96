"""What an estate file names on this machine and cannot be read ends before anything is sent, with one sentence."""

import pytest
import trustme

from fixtures.estate import parse_estate
from fixtures.estate.unreadable import unreadable, unset_variables
from selftests.support.suite_runs import run_suite

AUTHENTIK = {"url": "http://127.0.0.1:1", "public_url": "http://127.0.0.1:1"}
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts: [{name: frank, context: {cluster: c, user: u}}]
"""


def said(folder, environment=None, **tables):
    estate = parse_estate({"name": "x", "authentik": AUTHENTIK} | tables, "x.toml", folder)
    return "\n".join(map(str, unreadable(estate, environment or {"HOME": str(folder)})))


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "there is no file"), ("", "there is no certificate in"), ("-----BEGIN", "there is no certificate in")],
)
def test_a_ca_file_without_certificates(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    told = said(tmp_path, network={"ca_file": "ca.pem"})
    assert told.startswith(f"network.ca_file: {problem}")
    assert str(tmp_path / "ca.pem") in told


def test_a_folder_is_no_ca_file(tmp_path):
    assert f"{tmp_path} is a folder" in said(tmp_path, network={"ca_file": "."})


def test_a_ca_file_is_taken(tmp_path):
    (tmp_path / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())
    assert said(tmp_path, network={"ca_file": "ca.pem"}) == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty"),
        ("[]", "is no kubeconfig"),
        ("just a text", "is no kubeconfig"),
        ("{", "is no YAML"),
        ("\x00", "is no YAML"),
        (KUBECONFIG, "names no current context"),
        ("contexts: 3", "names no current context"),
        ("contexts: [3, {}]", "names no current context"),
    ],
)
def test_a_kubeconfig_that_is_none(tmp_path, content, problem):
    (tmp_path / "config").write_text(content)
    told = said(tmp_path, cluster={"kubeconfig": "config"})
    assert problem in told
    assert str(tmp_path / "config") in told


@pytest.mark.parametrize("environment", [{}, {"KUBECONFIG": "/nowhere/config"}])
def test_no_kubeconfig_at_all(tmp_path, environment):
    told = said(tmp_path, {"HOME": str(tmp_path)} | environment, cluster={"context": "frank"})
    assert told.startswith("cluster.context: there is no file")


def test_an_unknown_context_names_its_neighbour(tmp_path):
    (tmp_path / "config").write_text(KUBECONFIG)
    told = said(tmp_path, {"KUBECONFIG": str(tmp_path / "config")}, cluster={"context": "franc"})
    assert "there is no context 'franc'" in told
    assert "did you mean frank?" in told


def test_a_known_context_is_taken(tmp_path):
    (tmp_path / "config").write_text(KUBECONFIG)
    assert said(tmp_path, cluster={"kubeconfig": "config", "context": "frank"}) == ""


USER = {"username": "probe", "password": {"env": "P"}, "totp_seed": {"env": "T"}}


@pytest.mark.parametrize(
    ("needs", "environment", "places"),
    [
        (("api",), {}, ["authentik.token.env"]),
        (("api",), {"A": " "}, ["authentik.token.env"]),
        (("api",), {"A": "x"}, []),
        (("cluster",), {}, []),
        (("user",), {"P": "x"}, ["probe_user.totp_seed.env"]),
        (("api", "user"), {}, ["authentik.token.env", "probe_user.password.env", "probe_user.totp_seed.env"]),
    ],
)
def test_variables_that_a_selected_check_needs(needs, environment, places):
    tables = {"name": "x", "authentik": AUTHENTIK | {"token": {"env": "A"}}, "probe_user": USER}
    found = unset_variables(parse_estate(tables, "x.toml"), needs, environment)
    assert [complaint.place for complaint in found] == places
    assert all(f"export {variable}=" in str(found) for variable in "A" if "authentik.token.env" in places)


def test_the_run_ends_before_anything_is_sent(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(
        'name = "x"\n[authentik]\nurl = "http://127.0.0.1:1"\npublic_url = "http://127.0.0.1:1"\n'
        '[network]\nca_file = "absent.pem"\n'
    )
    run = run_suite("--estate", str(file))
    assert run.exit_code == 4
    assert f"{file}: network.ca_file: there is no file" in run.stderr
    assert run.files == {}
