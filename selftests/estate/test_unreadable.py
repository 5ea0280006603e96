"""What an estate file names on this machine and cannot be read ends before anything is sent, with one sentence."""

import base64
import os

import pytest
import trustme
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from fixtures.estate import parse_estate
from fixtures.estate.unreadable import unreadable, unusable_credentials
from selftests.support.suite_runs import run_suite

AUTHENTIK = {"url": "http://127.0.0.1:1", "public_url": "http://127.0.0.1:1"}
KUBECONFIG = """
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts: [{name: frank, context: {cluster: c, user: u}}]
"""


AUTHORITY = trustme.CA()
PEM = AUTHORITY.cert_pem.bytes()
KEY = AUTHORITY.private_key_pem.bytes()
DER = x509.load_pem_x509_certificate(PEM).public_bytes(Encoding.DER)


def said(folder, environment=None, **tables):
    estate = parse_estate({"name": "x", "authentik": AUTHENTIK} | tables, "x.toml", folder)
    return "\n".join(map(str, unreadable(estate, environment or {"HOME": str(folder)})))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there is no such file"),
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"-----BEGIN CERTIFICATE-----\n", "holds no certificate that can be read"),
        (bytes(range(256)), "holds no certificate that can be read"),
        (DER, "is in DER, not in PEM"),
        (KEY, "holds a private key, and no certificate"),
    ],
    ids=["absent", "empty", "blank", "cut off", "binary", "DER", "key"],
)
def test_a_ca_file_without_certificates(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    told = said(tmp_path, network={"ca_file": "ca.pem"})
    assert told.startswith(f"network.ca_file: {tmp_path / 'ca.pem'}: {problem}")


def test_a_folder_is_no_ca_file(tmp_path):
    assert f"{tmp_path}: is a folder" in said(tmp_path, network={"ca_file": "."})


@pytest.mark.parametrize(
    "content",
    [PEM, PEM + PEM, PEM.replace(b"\n", b"\r\n"), "# Stammzertifikat für uns\n".encode() + PEM],
    ids=["one", "two", "of Windows", "with a comment"],
)
def test_a_ca_file_is_taken(tmp_path, content):
    (tmp_path / "ca.pem").write_bytes(content)
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
    assert told.startswith("cluster.context: ")
    assert "there is no such file" in told


def test_an_unknown_context_names_its_neighbour(tmp_path):
    (tmp_path / "config").write_text(KUBECONFIG)
    told = said(tmp_path, {"KUBECONFIG": str(tmp_path / "config")}, cluster={"context": "franc"})
    assert "there is no context 'franc'" in told
    assert "did you mean frank?" in told


def kubeconfig(**changes):
    """Its text, with other entries in the context, cluster or user."""
    content = yaml.safe_load(KUBECONFIG)
    for kind, held in changes.items():
        content[f"{kind}s"][0][kind] = held
    return yaml.safe_dump(content)


def b64(content):
    return base64.b64encode(content).decode()


SERVER = {"server": "https://127.0.0.1:1"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"context": {}}, "context 'frank' in FILE names no cluster"),
        ({"context": None}, "context 'frank' in FILE names no cluster"),
        ({"context": {"cluster": "d"}}, "context 'frank' in FILE names the cluster 'd', which is not there"),
        ({"context": {"cluster": "c", "user": "v"}}, "names the user 'v', who is not there"),
        ({"cluster": {}}, "cluster 'c' in FILE names no server"),
        ({"cluster": []}, "cluster 'c' in FILE names no server"),
        ({"cluster": {"server": 5}}, "cluster 'c' in FILE names no server"),
        ({"cluster": SERVER | {"certificate-authority-data": "%%%"}}, "certificate-authority-data is no base64"),
        ({"cluster": SERVER | {"certificate-authority-data": "YWJj"}}, "holds no certificate that can be read"),
        ({"cluster": SERVER | {"certificate-authority-data": b64(DER)}}, "is in DER, not in PEM"),
        (
            {"cluster": SERVER | {"certificate-authority": "ca"}},
            "certificate-authority FOLDER/ca: there is no such file",
        ),
        ({"user": {"client-certificate-data": b64(KEY)}}, "client-certificate-data holds a private key"),
        ({"user": {"client-certificate-data": b64(PEM), "client-key-data": b64(PEM)}}, "holds no private key in PEM"),
        ({"user": {"client-key": "key"}}, "client-key FOLDER/key: there is no such file"),
        ({"user": {"tokenFile": "token"}}, "tokenFile FOLDER/token there is no such file"),
        ({"user": {"tokenFile": "."}}, "tokenFile FOLDER is a folder"),
        ({"user": {"exec": {"command": "no-such-plugin"}}}, "no program 'no-such-plugin' on the PATH (exec)"),
        ({"user": {"exec": {}}}, "no program '' on the PATH (exec)"),
    ],
)
def test_a_context_that_cannot_be_used(tmp_path, changes, problem):
    file = tmp_path / "config"
    file.write_text(kubeconfig(**changes))
    told = said(tmp_path, cluster={"kubeconfig": "config", "context": "frank"})
    assert problem.replace("FILE", str(file)).replace("FOLDER", str(tmp_path)) in told
    assert len(told.splitlines()) == 1
    assert all(b64(content) not in told for content in (KEY, PEM, DER))


@pytest.mark.parametrize(
    "changes",
    [
        {"context": {"cluster": "c"}},
        {"cluster": SERVER | {"certificate-authority-data": b64(PEM)}},
        {"cluster": SERVER | {"certificate-authority-data": base64.encodebytes(PEM + PEM).decode()}},
        {"user": {"client-certificate-data": b64(PEM), "client-key-data": b64(KEY)}},
        {"user": {"token": "x", "tokenFile": "nowhere", "exec": {"command": "no-such-plugin"}}},
        {"user": {"exec": {"command": "sh"}}},
    ],
)
def test_a_context_that_can(tmp_path, changes):
    (tmp_path / "config").write_text(kubeconfig(**changes))
    environment = {"PATH": os.environ["PATH"]}
    assert said(tmp_path, environment, cluster={"kubeconfig": "config", "context": "frank"}) == ""


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
        (("api",), {"A": " x\r\n"}, []),
        (("api",), {"A": "x y"}, ["authentik.token.env"]),
        (("api",), {"A": "x\ny"}, ["authentik.token.env"]),
        (("api",), {"A": "ä"}, ["authentik.token.env"]),
        (("user",), {"P": " x ä ", "T": "x"}, []),
        (("user",), {"P": "x\ny", "T": "x"}, ["probe_user.password.env"]),
        (("cluster",), {}, []),
        (("user",), {"P": "x"}, ["probe_user.totp_seed.env"]),
        (("writes",), {}, ["authentik.write_token.env"]),
        (("api", "user"), {}, ["authentik.token.env", "probe_user.password.env", "probe_user.totp_seed.env"]),
    ],
)
def test_variables_that_a_selected_check_needs(needs, environment, places):
    tables = {
        "name": "x",
        "authentik": AUTHENTIK | {"token": {"env": "A"}, "write_token": {"env": "W"}},
        "probe_user": USER,
    }
    found = unusable_credentials(parse_estate(tables, "x.toml"), needs, environment)
    assert [complaint.place for complaint in found] == places
    assert all(f"export {variable}=" in str(found) for variable in "A" if "authentik.token.env" in places)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "there is no file"),
        (b"", "is empty"),
        (b"a\nb", "holds more than one line"),
        (b"\xff", "is not text in UTF-8"),
        (b"token\n", ""),
    ],
    ids=["absent", "empty", "two lines", "binary", "good"],
)
def test_a_file_that_a_selected_check_needs_holds_a_credential(tmp_path, content, problem):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    tables = {"name": "x", "authentik": AUTHENTIK | {"token": {"file": "token"}}}
    told = "\n".join(map(str, unusable_credentials(parse_estate(tables, "x.toml", tmp_path), ("api",), {})))
    assert told.startswith("authentik.token.file: ") == bool(problem)
    assert problem in told
    # Of a pod's Secret, what is not made yet is not mounted.
    pod = parse_estate(tables | {"cluster": {"in_cluster": True}}, "x.toml", tmp_path)
    assert not unusable_credentials(pod, ("api",), {})


def test_the_run_ends_before_anything_is_sent(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text(
        'name = "x"\n[authentik]\nurl = "http://127.0.0.1:1"\npublic_url = "http://127.0.0.1:1"\n'
        'token = { env = "SSO_NOT_SET" }\nwrite_token = { file = "absent" }\n[network]\nca_file = "absent.pem"\n'
    )
    run = run_suite("--estate", str(file), "--allow-writes")
    assert run.exit_code == 4
    for said in (
        f"network.ca_file: {tmp_path / 'absent.pem'}: there is no such file",
        "authentik.token.env: the environment variable SSO_NOT_SET is not set",
        "authentik.write_token.file: there is no file",
    ):
        assert f"{file}: {said}" in run.stderr
    assert run.files == {}
