"""`python -m lab` and the commands that change a running one."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lab import faults

ROOT = Path(__file__).parent.parent


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
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "lab", "--state", str(state)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout:
            if "python -m lab heal" in line:
                break
        yield process, state
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_faults_are_listed_without_a_lab():
    listed = subprocess.run(
        [sys.executable, "-m", "lab", "faults"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(faults.load()) <= set(listed.stdout.split())


@pytest.mark.parametrize("command", [("heal",), ("fault", "anything")])
def test_without_a_running_lab_they_say_so(tmp_path, command):
    ended = lab_command(*command, state=tmp_path)
    assert ended.returncode == 1
    assert f"no lab is running with its state in {tmp_path}" in ended.stderr


def test_a_second_one_in_the_same_folder_is_refused(running):
    ended = lab_command(state=running[1])
    assert ended.returncode == 1
    assert "already running" in ended.stderr


def test_an_unknown_fault_is_refused_with_a_sentence(running):
    ended = lab_command("fault", "no-such-fault", state=running[1])
    assert ended.returncode == 1
    assert "there is no fault no-such-fault" in ended.stderr


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


def tool(name):
    """The path of a real tool; where it is absent the test is skipped, in CI failed."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not installed")
    return found


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("curl", "curl -sS -o /dev/null -w '%{http_code}' https://auth.frank.derio.net/-/health/live/", "200"),
        ("curl", "CURL_HOME= curl -sS $CURL_LAB http://192.168.55.211:9000/api/v3/root/config/", '"capabilities"'),
        ("curl", "curl -sS http://authentik-server.authentik.svc/api/v3/root/config/", '"capabilities"'),
        ("curl", "curl -sS -D- -o /dev/null https://longhorn.frank.derio.net/", "https://auth.frank.derio.net/"),
        (
            "curl",
            'curl -sS -H "Authorization: Bearer $AUTHENTIK_TOKEN" http://192.168.55.211:9000/api/v3/providers/all/',
            "Grafana",
        ),
        (
            "curl",
            "curl -sS https://auth.frank.derio.net/application/o/grafana/.well-known/openid-configuration",
            '"issuer": "https://auth.frank.derio.net/application/o/grafana/"',
        ),
        ("kubectl", "kubectl get pods -n authentik", "authentik-worker"),
        ("kubectl", "kubectl --context lab-suite auth can-i list pods -n authentik", "yes"),
    ],
)
def test_after_env_sh_the_runbooks_lines_work_as_they_stand(running, name, line, expected):
    tool(name)
    ended = subprocess.run(
        ["bash", "-c", f". {running[1]}/env.sh; {line}"], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert expected in ended.stdout
