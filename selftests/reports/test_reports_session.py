"""The reports of a whole run of pytest, as pytest-html, junitxml and the suite write them together."""

import json
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from selftests.support.pages import Page
from selftests.support.started_runs import StartedRun, started

ROOT = Path(__file__).parents[2]
ESTATE = ROOT / "estates" / "lab.toml"
CONFTEST = """
import os
pytest_plugins = ["fixtures.plugin.options", "fixtures.plugin.collecting", "fixtures.plugin.ending"]
from fixtures.plugin import ending
from selftests.support.sample_results import SAMPLES

def sample(session, interruption):
    result = SAMPLES[os.environ["SAMPLE"]]()
    session.config.stash[ending.CASES] = {case.nodeid: case for case in result.cases}
    return result

ending.result_of = sample
"""
TEST = """
from fixtures.engine.checks import check

@check("OIDC-SAMPLE-01", trouble="t", claim="c", runbook="D11 H2", blind="b")
def test_issuer():
    "why"
    print("authorization: Bearer abcdef0123456789")
    assert "<td>" == "x"
"""
FULL_DISK = """
from fixtures.reports import writing

def full(path, text, write=writing.write_whole):
    if path.name == "report.json":
        raise OSError(28, "No space left on device", str(path))
    write(path, text)

writing.write_whole = full
"""
# A signal arrives when the second piece of a file has been written, and another one after it.
STOPPED = """
import os, signal
from pathlib import Path
from fixtures.reports import writing

def stopped(path, text, write=writing.write_whole):
    write(path, pieces(text) if path.name == os.environ["WHILE"] else text)

def pieces(text):
    for number, piece in enumerate(text):
        yield piece
        if number == 1:
            os.kill(os.getpid(), getattr(signal, os.environ["SIGNAL"]))
            os.kill(os.getpid(), signal.SIGTERM)

writing.write_whole = stopped
"""


class TestSession:
    """A whole run of pytest, in a process of its own, with a result put in place of a judged one."""

    @pytest.fixture
    def run(self, tmp_path):
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "test_sample.py").write_text(TEST)

        def run(*options: str, **environment: str) -> StartedRun:
            given = {"SSO_ESTATE": str(ESTATE), "PYTHONPATH": str(tmp_path)} | environment
            with started(tmp_path, *options, cwd=tmp_path, environment=given) as ran:
                ran.wait()
            return ran

        return run

    def test_the_folder_holds_every_report_and_the_last_line_names_one(self, run, tmp_path):
        ran = run(SAMPLE="three-roots")
        last = ran.stdout.strip().splitlines()[-1]
        assert last.startswith("UNHEALTHY frank: 50 passed, 5 failed, 4 blocked")
        assert last.endswith("reports/latest/report.html")
        latest = tmp_path / "reports/latest"
        written = {"report.html", "junit.xml", "report.json", "metrics.prom", "summary.json"}
        assert {file.name for file in latest.iterdir()} == written
        assert json.loads((latest / "report.json").read_text())["verdict"] == "UNHEALTHY"
        assert ran.stdout.index("3 root causes behind") < ran.stdout.index("UNHEALTHY frank")

    def test_the_page_is_pytest_htmls_with_ours_in_it(self, run, tmp_path):
        run(SAMPLE="healthy")
        text = (tmp_path / "reports/latest/report.html").read_text()
        page = Page(text)
        assert text.startswith("<!DOCTYPE html>")
        assert page.all("html") == [{"lang": "en"}]
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
        assert '<title id="head-title">HEALTHY frank · SSO conformance</title>' in text
        assert "pytest-html" in text
        assert text.count("<script>") == 1  # ours; the stock page's would only draw its own table
        assert "sso-report" in page.ids
        assert "test_issuer" not in text

    def test_a_ci_s_variables_stay_out(self, run, tmp_path):
        run(SAMPLE="healthy", CI_REPOSITORY_URL="https://bot:canary@git.example/x.git")
        assert "canary" not in (tmp_path / "reports/latest/report.html").read_text()

    def test_junit_carries_id_and_runbook_and_no_secret(self, run, tmp_path):
        run("-o", "junit_logging=all", SAMPLE="healthy")
        text = (tmp_path / "reports/latest/junit.xml").read_text()
        suite = ET.fromstring(text).find("testsuite")
        assert suite is not None
        assert suite.get("name") == "sso-conformance"
        found = {entry.get("name"): entry.get("value") for entry in suite.iter("property")}
        assert found == {"id": "OIDC-SAMPLE-01", "runbook": "D11 H2", "claim": "c"}
        assert "abcdef0123456789" not in text

    def test_an_own_path_for_a_file_wins(self, run, tmp_path):
        run("--junitxml", "mine.xml", SAMPLE="healthy")
        assert (tmp_path / "mine.xml").exists()
        assert not (tmp_path / "reports/latest/junit.xml").exists()

    @pytest.mark.parametrize(
        "option", ["--collect-only", "--help", "--markers", "--version", "--fixtures", "--catalogue"]
    )
    def test_what_runs_nothing_writes_nothing(self, run, tmp_path, option):
        run(option)
        assert not (tmp_path / "reports").exists()

    def test_an_unusable_folder_is_exit_4_with_the_way_out(self, run, tmp_path):
        (tmp_path / "taken").write_text("")
        ran = run("--reports", "taken")
        assert ran.code == 4
        assert "name a folder that can be written with --reports DIR" in ran.stderr
        assert "Traceback" not in ran.stderr

    def test_a_full_disk_takes_neither_the_verdict_nor_success_for_granted(self, run, tmp_path):
        (tmp_path / "full.py").write_text(FULL_DISK)
        (tmp_path / "test_sample.py").write_text(TEST.replace("==", "!="))
        ran = run("-p", "full", SAMPLE="healthy")
        assert "report.json: No space left on device" in ran.stdout
        assert ran.stdout.rstrip().splitlines()[-1].startswith("HEALTHY frank")
        assert ran.code == 3
        assert (tmp_path / "reports/latest/junit.xml").exists()

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    @pytest.mark.parametrize("name", ["report.json", "report.html"])
    def test_a_signal_while_reports_are_written_ends_them_and_nothing_claims_a_page(self, run, tmp_path, name, number):
        (tmp_path / "stopped.py").write_text(STOPPED)
        (tmp_path / "test_sample.py").write_text(TEST.replace("==", "!="))
        given = ("-p", "stopped", "--termination-message", "message")
        ran = run(*given, SAMPLE="healthy", WHILE=name, SIGNAL=number.name)
        last = ran.stdout.rstrip().splitlines()[-1]
        told = (tmp_path / "message").read_text()
        assert ran.code == 128 + number
        assert [line.partition(" ")[0] for line in (last, told)] == ["INTERRUPTED", "INTERRUPTED"]
        assert last.endswith("no report")
        assert f"{name}: stopped by {number.name}" in told
        left = {path.name for path in (tmp_path / "reports/latest").iterdir()}
        assert left == (set() if name == "report.json" else {"report.json", "metrics.prom", "summary.json"})
        assert not list((tmp_path / "reports").glob("**/*report.html*"))

    def test_a_page_of_an_earlier_run_is_not_this_one_s(self, run, tmp_path):
        (tmp_path / "stopped.py").write_text(STOPPED)
        (tmp_path / "mine.html").write_text("of another day")
        given = ("-p", "stopped", "--termination-message", "message", "--html", "mine.html")
        ran = run(*given, SAMPLE="healthy", WHILE="mine.html", SIGNAL="SIGTERM")
        assert ran.stdout.rstrip().splitlines()[-1].startswith("INTERRUPTED")
        assert (tmp_path / "message").read_text().startswith("INTERRUPTED")
        assert (tmp_path / "mine.html").read_text() == "of another day"

    def test_a_signal_after_the_page_was_written_leaves_its_verdict(self, run, tmp_path):
        (tmp_path / "stopped.py").write_text(STOPPED)
        (tmp_path / "test_sample.py").write_text(TEST.replace("==", "!="))
        given = ("-p", "stopped", "--termination-message", "message")
        ran = run(*given, SAMPLE="healthy", WHILE="junit.xml", SIGNAL="SIGTERM")
        assert ran.code == 143
        assert ran.stdout.rstrip().splitlines()[-1].endswith("reports/latest/report.html")
        assert (tmp_path / "message").read_text().startswith("HEALTHY")
        assert "junit.xml: stopped by SIGTERM" in ran.stdout
        assert not (tmp_path / "reports/latest/junit.xml").exists()

    def test_the_reports_come_under_their_names_in_one_step(self, run, tmp_path):
        ran = run(SAMPLE="healthy")
        assert not list((tmp_path / "reports/latest").glob(".*"))
        assert ".part" not in ran.stdout + ran.stderr
