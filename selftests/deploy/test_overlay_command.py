"""`python -m deploy.overlay` as it is typed: from wherever one stands, and at a cluster that says nothing."""

import subprocess
import sys

import pytest

from deploy import served
from deploy.overlay import main
from selftests.support.manifests import ROOT

GIVEN = ("--estate", str(ROOT / "estates" / "frank.toml"), "--image", "registry.example/you/suite:0.1.0")


def test_a_cluster_that_never_answers_is_one_message(tmp_path, capsys, monkeypatch):
    def waits(command, *, timeout, **_):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(served.subprocess, "run", waits)
    monkeypatch.setattr(served.shutil, "which", lambda _: "kubectl")
    assert main([*GIVEN, "--to", str(tmp_path / "overlay"), "--context", "slow"]) == 4
    assert "--context slow: the cluster does not say what it serves: no answer in 60 seconds" in capsys.readouterr().err
    assert not (tmp_path / "overlay").exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_a_forwarded_port_of_this_machine_is_refused(tmp_path, capsys, address):
    """In a pod that is the pod itself: each night was red, for nobody answered there."""
    estate = tmp_path / "laptop.toml"
    estate.write_text(f'name = "mine"\n[authentik]\nurl = "{address}"\npublic_url = "https://auth.example.org"\n')
    to = tmp_path / "overlay"
    assert main(["--estate", str(estate), "--image", "registry.example/you/suite:0.1.0", "--to", str(to)]) == 4
    told = capsys.readouterr().err
    assert f"{address}: is this machine, and in a pod the pod itself" in told
    assert not to.exists()


def test_it_is_found_from_any_folder(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "deploy.overlay", "--help"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout.startswith("usage: python -m deploy.overlay"), ran.stderr
