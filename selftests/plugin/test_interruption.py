"""A run that is stopped, by a signal, its own deadline or a defect: never green, and it says what was not run."""

import json
import signal
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lab.lab import Lab
from selftests.support.pages import Page
from selftests.support.started_runs import SECONDS, started
from selftests.support.suite_runs import run_suite

# Slow enough that a run is never over before it is stopped.
SLOW = ("--lab", "--lab-latency", "3000", "-k", "SMOKE")
DEFECT = """
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if "SMOKE-TIME-01" in item.extra_keyword_matches:
        raise RuntimeError("the gears, with Authorization: Bearer abcdef0123456789")
"""
UNCOLLECTABLE = """
def pytest_pycollect_makeitem(name):
    if name == "test_clock":
        raise ImportError("nowhere_to_be_found")
"""


class Stopped:
    """What a run left that was stopped half-way."""

    def __init__(self, folder: Path, code: int, stdout: str, stderr: str = "") -> None:
        self.code, self.stdout, self.stderr = code, stdout, stderr
        latest = folder / "reports/latest"
        self.names = {path.name for path in latest.iterdir()}
        self.report = json.loads((latest / "report.json").read_text())
        self.junit = ET.fromstring((latest / "junit.xml").read_text()).find("testsuite")
        self.page = Page((latest / "report.html").read_text())
        self.metrics = (latest / "metrics.prom").read_text()
        self.message = (folder / "message").read_text()


def stop(folder: Path, number: signal.Signals, times: int = 2) -> Stopped:
    """Start a slow run, send it a signal as soon as it asks, so often in a row, and read what it leaves."""
    options = (f"--reports={folder}/reports", f"--termination-message={folder}/message")
    with started(folder, *SLOW, *options) as run:
        ends = time.monotonic() + SECONDS
        while "collected" not in run.stdout:
            assert time.monotonic() < ends
            time.sleep(0.05)
        time.sleep(0.2)
        for _ in range(times):
            run.send_signal(number)
            time.sleep(0.02)
        return Stopped(folder, run.wait(), run.stdout, run.stderr)


def assert_truthful(stopped: Stopped, reason: str) -> None:
    """Each file says that the run was stopped, why, and that nobody looked at the rest."""
    cases = stopped.report["cases"]
    left = {case["nodeid"] for case in cases if case["outcome"] == "not run"}
    assert left
    assert stopped.names == {"report.html", "junit.xml", "report.json", "metrics.prom", "summary.json"}
    assert stopped.report["verdict"] == "INTERRUPTED"
    assert reason in stopped.report["reason"]
    assert stopped.junit is not None
    failures = [failure.text or "" for failure in stopped.junit.iter("failure")]
    assert len([text for text in failures if text.startswith("not run: the run was stopped")]) == len(left)
    assert "INTERRUPTED" in stopped.page.text
    assert f"{len(left)} cases not run" in stopped.page.text
    assert 'verdict="INTERRUPTED"} 1.0' in stopped.metrics
    assert stopped.message.startswith("INTERRUPTED lab")
    assert reason in stopped.message
    assert stopped.stdout.rstrip().splitlines()[-1].startswith("INTERRUPTED lab")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_with_a_report_and_its_own_exit_code(tmp_path, number):
    stopped = stop(tmp_path, number)
    assert stopped.code == 128 + number
    assert_truthful(stopped, f"stopped by {number.name}")


def test_a_signal_again_and_again_changes_nothing(tmp_path):
    stopped = stop(tmp_path, signal.SIGTERM, times=80)
    assert stopped.code == 128 + signal.SIGTERM
    assert "Traceback" not in stopped.stdout + stopped.stderr
    assert_truthful(stopped, "stopped by SIGTERM")


def ended_by_itself(folder: Path, *arguments: str, **environment: str) -> Stopped:
    """As `stop`, for a run that is stopped from within."""
    options = (f"--reports={folder}/reports", f"--termination-message={folder}/message")
    run = run_suite(*options, *arguments, environment=environment)
    return Stopped(folder, run.exit_code, run.stdout, run.stderr)


def test_the_run_s_own_deadline_ends_it(tmp_path):
    with Lab(latency=3) as lab:
        estate = lab.write_state(tmp_path)
        estate.write_text(estate.read_text().replace("[bounds]\n", "[bounds]\nrun_deadline_seconds = 0.5\n"))
        stopped = ended_by_itself(
            tmp_path, "--estate", str(estate), "--vantage=inside", "-k", "SMOKE", **lab.environment
        )
    assert stopped.code == 1
    assert_truthful(stopped, "the run's deadline of 0.5 s passed while")


def test_a_defect_of_the_suite_is_told_without_a_secret(tmp_path):
    (tmp_path / "defective.py").write_text(DEFECT)
    stopped = ended_by_itself(
        tmp_path, "--lab", "-k", "SMOKE-TIME-01 or SMOKE-UP-01", "-p", "defective", PYTHONPATH=str(tmp_path)
    )
    assert stopped.code == 3
    assert_truthful(stopped, "the suite itself broke: RuntimeError: the gears")
    assert "pytest_runtest_protocol" in stopped.report["stopped"]
    written = [path.read_text() for path in (tmp_path / "reports/latest").iterdir()]
    assert not [text for text in (*written, stopped.stdout, stopped.stderr) if "abcdef0123456789" in text]


def test_what_x_left_out_is_not_run(tmp_path):
    stopped = ended_by_itself(tmp_path, "--lab", "--lab-fault", "authentik-host-blank", "-x", "-k", "FWD-GATE-02")
    assert stopped.code == 1
    assert_truthful(stopped, "cases were not run")
    assert stopped.report["roots"][0]["id"] == "FWD-GATE-02"


def test_checks_that_cannot_be_collected_are_no_verdict(tmp_path):
    (tmp_path / "defective.py").write_text(UNCOLLECTABLE)
    stopped = ended_by_itself(tmp_path, "--lab", "-k", "SMOKE-TIME", "-p", "defective", PYTHONPATH=str(tmp_path))
    assert stopped.code == 2
    assert stopped.report["verdict"] == "INTERRUPTED"
    assert "nowhere_to_be_found" in stopped.report["stopped"]
    assert "nowhere_to_be_found" in stopped.page.text
    assert "could not be collected" in stopped.message
