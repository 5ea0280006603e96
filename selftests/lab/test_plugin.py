"""`pytest --lab` and its options, with nothing of the suite around them."""

import os
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lab.apart import Apart, NotStarted

ROOT = Path(__file__).parents[2]
# The suite's own plugin brings these two options; here they stand alone.
CONFTEST = """
def pytest_addoption(parser):
    parser.addoption("--estate")
    parser.addoption("--vantage")
"""
# The checkout's metadata registers the suite's plugin for every pytest that finds it.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
ASKS = """
import os, socket, tomllib
from lab.plugin import LAB

def test_lab(pytestconfig):
    lab = pytestconfig.stash[LAB]
    assert set(lab.environment.items()) <= set(os.environ.items())
    estate = tomllib.load(open(pytestconfig.option.estate, "rb"))
    assert estate["network"]["connect_to"] == lab.connect_to
    assert estate["suite"]["vantage"] == "inside"
    assert lab.latency == 0.02
    socket.create_connection(("127.0.0.1", lab.ports["ingress-https"])).close()
    print("asked")
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_asks.py").write_text(ASKS)

    def run_pytest(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "lab.plugin", "-p", "no:cacheprovider", "-s", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), **ALONE},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run_pytest


def test_the_lab_serves_while_the_tests_run_and_leaves_nothing(run, tmp_path):
    ended = run("--lab", "--lab-latency", "20")
    assert "asked" in ended.stdout
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(tmp_path.glob("sso-lab-*"))


@pytest.mark.parametrize("option", ["--help", "--markers", "--collect-only"])
def test_what_only_shows_something_serves_nothing(run, option):
    ended = run("--lab", option, "-W", "error")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "asked" not in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--lab-fault", "x"], "--lab-fault changes the lab, which is not asked for; add --lab"),
        (["--lab-latency", "5"], "--lab-latency changes the lab"),
        (["--lab-applications", "0"], "--lab-applications changes the lab"),
        (["--lab", "--lab-latency", "-5"], "--lab: the latency is a number of milliseconds from 0 to 60000"),
        (
            ["--lab", "--lab-applications", "-1"],
            "--lab: the extra applications are a number from 0 to 5000",
        ),
        (["--lab", "--estate", "x.toml"], "give either --lab or --estate"),
        (["--lab", "--lab-fault", "no-such-fault"], "there is no fault no-such-fault"),
        (["--lab", "--lab-fault", "ingress-without-the-gate"], "add --lab-shape ingress to pytest --lab"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(run, arguments, sentence):
    ended = run(*arguments)
    assert ended.returncode == 4
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_package_is_named_with_what_installs_it(run, tmp_path):
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('gone', name='uvicorn')")
    ended = run("--lab")
    assert ended.returncode == 4
    assert "needs the package uvicorn, which is not installed; run: pip install '.[lab]'" in ended.stderr


# As the suite's own plugin does where pytest found other settings.
AGAIN = f"""{CONFTEST}
import pytest
import lab.plugin

class Counted(lab.plugin.Apart):
    def __init__(self, *given):
        print("a lab begins")
        super().__init__(*given)

if lab.plugin.Apart.__name__ == "Apart":
    lab.plugin.Apart = Counted

@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if not config.option.verbose:
        return pytest.main([*config.invocation_params.args, "-v"])
"""
ASKS_APART = """
import socket, tomllib

def test_lab(pytestconfig):
    estate = tomllib.load(open(pytestconfig.option.estate, "rb"))
    host, _, port = estate["network"]["connect_to"]["192.168.55.211:9000"].rpartition(":")
    socket.create_connection((host, int(port))).close()
    print("asked")
"""


def test_a_run_that_starts_itself_again_has_one_lab(run, tmp_path):
    (tmp_path / "conftest.py").write_text(AGAIN)
    (tmp_path / "test_asks.py").write_text(ASKS_APART)
    ended = run("--lab", "--lab-applications", "1")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("asked") == ended.stdout.count("a lab begins") == 1
    assert not list(tmp_path.glob("sso-lab-*"))


def test_a_lab_apart_ends_with_whoever_started_it(tmp_path):
    """However that ends: its standard input is what it lives by."""
    lab = Apart(tmp_path, {"extra_applications": 1})
    estate, environment = lab.served()
    port = tomllib.loads(estate.read_text())["network"]["connect_to"]["192.168.55.211:9000"].rpartition(":")[2]
    socket.create_connection(("127.0.0.1", int(port))).close()
    assert environment
    lab.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port)))


def test_a_lab_apart_says_what_it_cannot_do(tmp_path):
    lab = Apart(tmp_path, {"faults": ["nonsense"]})
    with pytest.raises(NotStarted, match="there is no fault nonsense"):
        lab.served()
    lab.stop()
