"""`python -m lab` and the commands that change a running one."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lab import faults
from selftests.support.lab_process import ROOT, running_lab


def lab_command(*arguments: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", *arguments, "--state", str(state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A `python -m lab` of its own, and its state folder."""
    state = tmp_path_factory.mktemp("lab") / "state"
    with running_lab(state) as process:
        yield process, state


def test_faults_are_listed_without_a_lab():
    listed = subprocess.run(
        [sys.executable, "-m", "lab", "faults"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(faults.load()) <= set(listed.stdout.split())


@pytest.mark.parametrize("command", [("heal",), ("fault", "anything")])
def test_without_a_running_lab_they_say_so(tmp_path, command):
    ended = lab_command(*command, state=tmp_path)
    assert ended.returncode == 4
    assert f"no lab is running with its state in {tmp_path}" in ended.stderr


def test_a_second_one_in_the_same_folder_is_refused(running):
    ended = lab_command(state=running[1])
    assert ended.returncode == 4
    assert "already running" in ended.stderr


def test_an_unknown_fault_is_refused_with_a_sentence(running):
    ended = lab_command("fault", "no-such-fault", state=running[1])
    assert ended.returncode == 4
    assert "there is no fault no-such-fault" in ended.stderr


def test_a_fault_of_another_shape_is_refused_by_a_lab_that_runs(running):
    ended = lab_command("fault", "authentik-host-stale", "flux-cannot-apply", state=running[1])
    assert ended.returncode == 4
    assert "or --shape deployed-by-flux to python -m lab" in ended.stderr


def test_heal_reaches_it(running):
    ended = lab_command("heal", state=running[1])
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_control_file_is_private_and_its_token_needed(running):
    file = running[1] / "control.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file_content = json.loads(file.read_text())
    forged = running[1].parent / "forged"
    forged.mkdir()
    (forged / "control.json").write_text(json.dumps({**file_content, "token": "guessed"}))
    assert "token of control.json" in lab_command("heal", state=forged).stderr


def test_it_ends_on_sigterm_and_leaves_no_control_file(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "--state", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not (tmp_path / "control.json").exists()


def test_the_faults_that_the_documents_name_exist():
    named = set()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        named |= set(re.findall(r"(?:--lab-fault|lab fault) ([a-z][a-z0-9-]+)", page.read_text()))
    assert named
    assert named <= set(faults.load())
