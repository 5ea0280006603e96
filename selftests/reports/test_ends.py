"""However a run ends (a signal before it began, no room, a folder that is read-only, kill -9), it says what is so."""

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from selftests.support import image
from selftests.support.started_runs import started
from selftests.support.suite_runs import ROOT, SuiteRun, run_suite

NEVER_BEGAN = "INTERRUPTED: stopped by SIGTERM before the run began · no report"
# The suite listens from its first hook on; a plugin that is named by -p comes before it, with each of its own.
SIGNALLED = """
import os, signal, pytest

def stop(*_):
    os.kill(os.getpid(), signal.SIGTERM)

class Finalised:
    def __del__(self):
        stop()

def lost(*_):
    Finalised()

globals()[os.environ["HOOK"]] = pytest.hookimpl(tryfirst=True)(globals()[os.environ["HOW"]])
"""
FULL = """
import resource

def pytest_collection_finish():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
"""
READ_ONLY = """
import os, pathlib, pytest
from fixtures.reports.folder import reports_of

class Closing:
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        for folder in reports_of(session.config).iterdir():
            folder.chmod(0o555)
        if not os.geteuid():
            os.seteuid(65534)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self):
        if not os.getuid():
            os.seteuid(0)

def pytest_collection_finish(session):
    session.config.pluginmanager.register(Closing())
"""
SLOW = ("--lab", "--lab-latency", "3000", "-k", "SMOKE")


@pytest.fixture
def run(tmp_path: Path):
    """A run of one check with a plugin of that text, whose message and reports are in `tmp_path`."""

    def run(plugin: str, *arguments: str, **environment: str) -> SuiteRun:
        (tmp_path / "ending_plugin.py").write_text(plugin)
        given = (f"--termination-message={tmp_path}/message", f"--reports={tmp_path}/reports", "-p", "ending_plugin")
        selected = arguments or ("--lab", "-k", "SMOKE-TIME-01")
        return run_suite(*selected, *given, environment={"PYTHONPATH": str(tmp_path), **environment})

    return run


@pytest.mark.parametrize("how", ["stop", "lost"])
@pytest.mark.parametrize("hook", ["pytest_cmdline_main", "pytest_configure", "pytest_sessionstart"])
def test_a_signal_before_the_run_began_leaves_a_line_and_a_message(run, tmp_path, hook, how):
    ran = run(SIGNALLED, HOOK=hook, HOW=how)
    assert ran.exit_code == 128 + signal.SIGTERM
    told = (tmp_path / "message").read_text()
    if how == "stop":
        assert ran.verdict_line == told.strip() == NEVER_BEGAN
        assert not list((tmp_path / "reports").glob("*"))
    else:
        assert "stopped by SIGTERM before the run began" in told
        assert not told.startswith("HEALTHY")
    assert "INTERNALERROR" not in ran.stdout + ran.stderr


LOST_IN_AN_IMPORT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, *_):
        try:
            if name == "fixtures.plugin.collecting":
                os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit:
            # As Python does where it makes a class.
            raise RuntimeError("Error calling __set_name__") from None

sys.meta_path.insert(0, Finder())
"""


def test_a_signal_that_is_lost_in_an_import_ends_the_run_as_well(run, tmp_path):
    ran = run(LOST_IN_AN_IMPORT)
    assert ran.exit_code == 128 + signal.SIGTERM
    assert ran.verdict_line == (tmp_path / "message").read_text().strip() == NEVER_BEGAN
    assert "Traceback" not in ran.stderr


def test_a_container_hears_a_signal_before_pytest_is_imported(tmp_path):
    (tmp_path / "pytest.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")
    command = [sys.executable, *image.entrypoint()[1:], f"--termination-message={tmp_path}/message"]
    environment = {"PATH": "", "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 128 + signal.SIGTERM
    assert ran.stdout.strip() == (tmp_path / "message").read_text().strip() == NEVER_BEGAN
    assert not ran.stderr


def test_what_is_only_shown_ends_by_a_signal_as_well(run):
    ran = run(SIGNALLED, "--explain", "OIDC-DISC-01", HOOK="pytest_load_initial_conftests", HOW="stop")
    assert ran.exit_code == 128 + signal.SIGTERM
    assert ran.verdict_line == NEVER_BEGAN
    assert "Traceback" not in ran.stderr


def test_the_same_run_without_a_signal_is_healthy(run, tmp_path):
    ran = run("")
    assert ran.exit_code == 0
    assert ran.verdict_line.startswith("HEALTHY lab")
    assert (tmp_path / "message").read_text().startswith("HEALTHY lab")
    assert (tmp_path / "reports/latest/report.html").exists()


@pytest.mark.parametrize("plugin", [FULL, READ_ONLY], ids=["no room", "read-only"])
def test_a_report_that_cannot_be_written_is_no_good_news_and_is_not_named(run, tmp_path, plugin):
    ran = run(plugin)
    told = (tmp_path / "message").read_text() if (tmp_path / "message").exists() else ""
    assert ran.exit_code == pytest.ExitCode.INTERNAL_ERROR
    assert ran.verdict_line.startswith("INTERRUPTED lab")
    assert ran.verdict_line.endswith("no report")
    assert "report.html" in ran.stdout
    assert not told.startswith("HEALTHY")
    assert "Traceback" not in ran.stdout + ran.stderr
    assert not list((tmp_path / "reports").glob("*/report.html"))
    assert not list((tmp_path / "reports").glob("*/.*"))


def test_after_a_kill_the_next_run_stands_for_itself(run, tmp_path):
    with started(tmp_path, *SLOW, f"--reports={tmp_path}/reports") as killed:
        while "collected" not in killed.stdout:
            assert killed.code is None
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -signal.SIGKILL
    (left,) = (tmp_path / "reports").iterdir()
    assert run("").verdict_line.startswith("HEALTHY lab")
    latest = (tmp_path / "reports/latest").resolve()
    assert latest != left
    assert (latest / "report.html").exists()
    assert not list(left.iterdir())


def test_five_hundred_earlier_runs_are_read_and_kept(run, tmp_path):
    run("")
    first = (tmp_path / "reports/latest").resolve()
    for number in range(500):
        earlier = tmp_path / f"reports/2026-01-{number // 24 + 1:02d}T{number % 24:02d}-00-00.000Z"
        shutil.copytree(first, earlier)
    ran = run("", "--lab", "-k", "SMOKE-TIME-01", "--keep-reports", "502")
    assert ran.verdict_line.startswith("HEALTHY lab")
    assert len([path for path in (tmp_path / "reports").iterdir() if path.is_dir() and not path.is_symlink()]) == 502
    latest = json.loads((tmp_path / "reports/latest/report.json").read_text())
    assert latest["verdict"] == "HEALTHY"
    assert (tmp_path / "reports/index.html").read_text().count("report.html") >= 100
