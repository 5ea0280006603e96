"""`python -m deploy.overlay`: what it is told, what it refuses, and the README that it writes, typed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tomli_w
import trustme
import yaml

from deploy import in_cluster
from deploy.overlay import main
from deploy.probe_identity import KEYS, strangers
from fixtures.estate import Estate, load_estate
from fixtures.estate.base import Model
from lab.lab import Lab
from selftests.support.lab_process import in_shell, tool
from selftests.support.manifests import ROOT, made, objects_of, rendered_text

FRANK = ROOT / "estates" / "frank.toml"
IMAGE = ("--image", "registry.example/you/suite:0.1.0")
GIVEN = ("--estate", str(FRANK), *IMAGE)


def estate_of(folder):
    text = yaml.safe_load((folder / "hook" / "estate.yaml").read_text(encoding="utf-8"))["data"]["estate.toml"]
    return tomllib.loads(text)


def changed(folder, change):
    """frank's estate file after a change, in that folder."""
    estate = tomllib.loads(FRANK.read_text(encoding="utf-8"))
    change(estate)
    path = folder / "mine.toml"
    path.write_text(tomli_w.dumps(estate), encoding="utf-8")
    return ("--estate", str(path), *IMAGE)


def credential_fields(model: type[Model]) -> set[tuple[str, str]]:
    """Every (table, key) of an estate file that takes the source of a credential."""
    found = set()
    for table, field in model.model_fields.items():
        for inner in [each for each in _classes(field.annotation) if issubclass(each, Model)]:
            for key, value in inner.model_fields.items():
                if "EnvCredential" in str(value):
                    found.add((table, key))
    return found


def _classes(annotation) -> list[type]:
    inner = getattr(annotation, "__args__", ())
    return [annotation] if isinstance(annotation, type) else [each for part in inner for each in _classes(part)]


def test_every_credential_of_an_estate_file_has_a_key():
    assert credential_fields(Estate) == set(in_cluster.KEYS)


def test_the_estate_is_seen_from_a_pod(tmp_path):
    def laptop(estate):
        estate["cluster"] = {"kubeconfig": "kubeconfig", "context": "home"}
        estate["network"] = {"ca_file": "ca.pem", "port_forward": True}
        estate["authentik"]["write_token"] = {"env": "WRITE"}
        estate["client"]["client_secret"] = {"secret": "sso/client", "key": "secret"}
        estate["suite"] = {"require": ["secret"], "vantage": "outside"}
        estate["gitops"] = ["argocd/authentik"]
        del estate["excluded_user"]

    authority = trustme.CA().cert_pem.bytes().decode()
    (tmp_path / "ca.pem").write_text(authority, encoding="utf-8")
    folder = made(tmp_path / "overlay", *changed(tmp_path, laptop))
    estate = estate_of(folder)
    assert estate["cluster"] == {"in_cluster": True}
    assert estate["network"] == {"ca_file": "/etc/sso-conformance/ca.pem"}
    assert estate["suite"] == {
        "require": ["api", "client", "cluster", "inside", "secret", "user"],
        "vantage": "inside",
        "argocd_application": "argocd/sso-conformance",
    }
    assert estate["authentik"]["token"] == {"file": "/etc/sso-conformance-credentials/api-token"}
    assert "write_token" not in estate["authentik"]
    assert estate["client"]["client_secret"] == {"secret": "sso/client", "key": "secret"}
    data = yaml.safe_load((folder / "hook" / "estate.yaml").read_text(encoding="utf-8"))["data"]
    assert data["ca.pem"] == authority


def test_what_writes_keeps_its_token_and_only_the_night_writes(tmp_path):
    def writing(estate):
        estate["authentik"]["write_token"] = {"env": "WRITE"}

    folder = made(tmp_path / "overlay", *changed(tmp_path, writing), "--allow-writes")
    assert estate_of(folder)["authentik"]["write_token"] == {"file": "/etc/sso-conformance-credentials/write-token"}
    objects = {obj["kind"]: obj for obj in objects_of(folder)}
    pods = objects["Job"]["spec"]["template"], objects["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]
    writes = ["--allow-writes" in pod["spec"]["containers"][0]["args"] for pod in pods]
    assert writes == [False, True]


@pytest.mark.parametrize(
    "image", ["r.example/s:1", "r.example:5000/s:1", "r.example/s@sha256:0a", "r.example/s:1@sha256:0a"]
)
def test_every_pod_has_the_image(image, tmp_path):
    folder = made(tmp_path / "overlay", "--estate", str(FRANK), "--image", image, "--with", "viewer")
    assert set(re.findall(r"image: (\S+)", "".join(map(yaml.safe_dump, objects_of(folder))))) == {image}


def test_users_of_the_operator_s_own_are_not_overwritten_by_the_blueprint(tmp_path):
    def own(estate):
        estate["probe_user"]["username"] = "alice"

    given = changed(tmp_path, own)
    assert strangers(load_estate(tmp_path / "mine.toml")) == ["alice"]
    folder = made(tmp_path / "overlay", *given)
    assert not (folder / "authentik").exists()
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "is your own (alice)" in readme
    # Nothing is drawn for a user who has a password, nor given to Authentik's worker.
    assert "openssl" not in readme
    assert "sso-conformance-identity" not in readme
    assert strangers(load_estate(FRANK)) == []


def test_who_is_let_in_is_named(tmp_path):
    folder = made(tmp_path / "overlay", *GIVEN, "--access", "longhorn", "--access", "grafana")
    text = (folder / "authentik" / "access.yaml").read_text(encoding="utf-8")
    assert re.findall(r"\[slug, (\w+)\]", text) == ["longhorn", "grafana"]
    assert "access.yaml" in rendered_text(folder / "authentik")


def test_its_own_folder_is_replaced_and_no_other(tmp_path, capsys):
    folder = made(tmp_path / "overlay", *GIVEN, "--with", "viewer")
    assert (folder / "parts" / "viewer").is_dir()
    made(folder, *GIVEN)
    assert not (folder / "parts" / "viewer").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text("resources: []\n", encoding="utf-8")
    assert main(["--to", str(tmp_path / "mine"), *GIVEN]) == 4
    assert "is neither empty nor made by this command" in capsys.readouterr().err
    assert (tmp_path / "mine" / "kustomization.yaml").read_text(encoding="utf-8") == "resources: []\n"


def code(arguments) -> int:
    """The exit code, as the shell has it."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


def _without_authority(estate):
    estate["network"] = {"ca_file": "nowhere.pem"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--estate", "nowhere.toml", *IMAGE), "nowhere.toml: there is no such file"),
        (("--estate", str(FRANK), "--image", "r.example:5000/suite"), "--image: r.example:5000/suite has no tag"),
        ((*GIVEN, "--with", "scrape"), "--with scrape: does not work without viewer, add: --with viewer"),
        ((*GIVEN, "--known-failures", "nowhere.toml"), "nowhere.toml"),
        ((*GIVEN, "--namespace", "Not_A_Label"), "argument --namespace: 'Not_A_Label' is no name"),
        ((*GIVEN, "--with", "alarms"), "choose from"),
        (("--estate", str(FRANK)), "--image"),
        ((*GIVEN, "--context", "nobody"), "--context nobody: the cluster does not say what it serves"),
        ((*GIVEN, "--context", "nobody"), "kubectl config get-contexts lists them"),
    ],
)
def test_bad_input_is_one_message_and_nothing_is_written(options, says, tmp_path, capsys):
    if "--context" in options:
        tool("kubectl")
    assert code(["--to", str(tmp_path / "overlay"), *options]) == 4
    printed = capsys.readouterr()
    assert says in printed.err
    assert len(printed.err.splitlines()) == 1
    assert not printed.out
    assert not (tmp_path / "overlay").exists()


def test_an_authority_that_cannot_be_read_is_bad_input(tmp_path, capsys):
    assert main(["--to", str(tmp_path / "overlay"), *changed(tmp_path, _without_authority)]) == 4
    assert "nowhere.pem" in capsys.readouterr().err
    assert not (tmp_path / "overlay").exists()


def test_a_mistake_in_the_estate_file_is_told_as_the_suite_tells_it(tmp_path):
    def mistaken(estate):
        estate["oidc"][0]["redirect_urls"] = []

    command = [sys.executable, "-m", "deploy.overlay", "--to", str(tmp_path / "o"), *changed(tmp_path, mistaken)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 4
    assert "did you mean redirect_uris?" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> Path:
    """A lab's files."""
    tool("kubectl")
    with Lab() as lab:
        folder = tmp_path_factory.mktemp("lab")
        lab.write_state(folder)
        yield folder


ALL = ("viewer", "scrape", "rules")


def test_what_a_cluster_does_not_serve_is_left_out_and_said(state, tmp_path):
    parts = " ".join(f"--with {part}" for part in ALL)
    line = (
        f"cd {ROOT} && {sys.executable} -m deploy.overlay --estate {FRANK} --image r.example/s:1 {parts} --store vault"
    )
    ended = in_shell(state, f"{line} --to {tmp_path}/served --context lab-admin")
    assert ended.returncode == 0, ended.stderr
    assert "left out" not in ended.stdout
    assert (tmp_path / "served" / "parts" / "rules").is_dir()
    # kubectl that knows of fewer kinds, as in a cluster without these operators.
    program = tmp_path / "bin" / "kubectl"
    program.parent.mkdir()
    without = "grep -v -e monitoring.coreos.com -e external-secrets.io"
    program.write_text(f'#!/bin/sh\n{tool("kubectl")} "$@" | {without}\n', encoding="utf-8")
    program.chmod(0o755)
    ended = in_shell(state, f"export PATH={program.parent}:$PATH; {line} --to {tmp_path}/fewer --context lab-admin")
    assert ended.returncode == 0, ended.stderr
    for name in ("scrape", "rules", "--store vault"):
        assert f"left out: {name}" in ended.stdout
    assert not (tmp_path / "fewer" / "parts" / "rules").exists()
    assert (tmp_path / "fewer" / "parts" / "viewer").is_dir()
    assert not (tmp_path / "fewer" / "hook" / "credentials.yaml").exists()


def scripts(readme: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


def test_its_readme_is_typed_from_the_first_line_to_the_last(state, tmp_path):
    """As a stranger would, who has neither External Secrets nor Prometheus; what the lab cannot do is left out."""
    folder = made(tmp_path / "overlay", *GIVEN)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "@" not in re.sub(r"@sha256", "", readme)
    typed = [text for text in scripts(readme) if "make image" not in text]
    assert len(typed) >= 7
    # The lab follows no logs, and its pods do not run.
    last = typed.pop().splitlines()
    assert last[0] == "kubectl create -f hook/job.yaml"
    assert last[1] == "kubectl -n sso-conformance logs -f -l sso-conformance/run=postsync --tail=-1"
    script = "\n".join(["set -e", f"cd {folder}", *typed, last[0]])
    ended = in_shell(state, script)
    assert ended.returncode == 0, ended.stderr
    for line in (
        "secret/sso-conformance-credentials serverside-applied",
        "secret/sso-conformance-identity serverside-applied",
        "application.argoproj.io/sso-conformance-night serverside-applied",
        "cronjob.batch/sso-conformance-nightly serverside-applied",
    ):
        assert line in ended.stdout, ended.stdout
    assert re.search(r"job\.batch/sso-conformance-postsync-\w{5} created", ended.stdout)
    assert drawn(state, "sso-conformance", "sso-conformance-credentials") == set(KEYS)
    held = drawn(state, "authentik", "sso-conformance-identity")
    assert held == {f"SSO_CONFORMANCE_{key.upper().replace('-', '_')}" for key in KEYS}
    assert not list(folder.rglob("api-token"))


def drawn(state: Path, namespace: str, name: str) -> set[str]:
    """The keys of a Secret, each with 64 letters."""
    shown = in_shell(state, f"kubectl -n {namespace} get secret {name} -o json")
    data = yaml.safe_load(shown.stdout)["data"]
    assert {len(value) for value in data.values()} == {88}
    assert len(set(data.values())) == len(data)
    return set(data)


def test_the_pods_memory_and_room_for_reports_follow_the_estate(tmp_path):
    def many(estate):
        gate = estate["forward_auth"][0]
        estate["forward_auth"] += [
            gate | {"name": f"more-{number}", "url": f"https://more-{number}.frank.derio.net"} for number in range(400)
        ]

    limits = []
    for name, given in (("own", GIVEN), ("many", changed(tmp_path, many))):
        assert main([*given, "--to", str(tmp_path / name)]) == 0
        job = yaml.safe_load((tmp_path / name / "hook" / "job.yaml").read_text())
        pod = job["spec"]["template"]["spec"]
        rooms = {volume["name"]: volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"] if "emptyDir" in volume}
        limits.append((pod["containers"][0]["resources"]["limits"]["memory"], rooms["reports"]))
    assert limits == [("384Mi", "64Mi"), ("576Mi", "128Mi")]
