"""`python -m deploy.overlay` as it is typed: from wherever one stands, and at a cluster that says nothing."""

import subprocess
import sys

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


def test_it_is_found_from_any_folder(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "deploy.overlay", "--help"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.stdout.startswith("usage: python -m deploy.overlay"), ran.stderr
