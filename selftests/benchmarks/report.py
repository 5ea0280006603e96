"""`python -m selftests.benchmarks.report`: 5,000 cases in the report and in pytest-html's own, as figures and ratios.

Three runs of the same 5,000 tests that do nothing: without any report, with pytest-html as it comes, and with the
suite's reports (all of them, not only the page). What a report costs is the time beyond the first run. Each page is
then opened in headless Chromium, and compared with an empty one. Nothing here passes or fails.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from selftests.support.browser import opened, started

ROOT: Final = Path(__file__).parents[2]
ESTATE: Final = ROOT / "estates" / "lab.toml"
CASES: Final = 5000
LOOKS: Final = 5
RUNS: Final = 2
SECONDS: Final = 300
TESTS: Final = f"""
import pytest
from fixtures.engine.checks import check

@check("OIDC-SAMPLE-01", trouble="t", claim="c", runbook="D11 H2", blind="b")
@pytest.mark.parametrize("number", range({CASES}))
def test_case(number):
    "why"
    assert RED == "" or number % int(RED)
"""
STOCK: Final = "import builtins, os\nbuiltins.RED = os.environ['RED']\n"
OURS: Final = (
    STOCK
    + """
pytest_plugins = ["fixtures.plugin.options", "fixtures.plugin.collecting", "fixtures.plugin.ending"]
from fixtures.plugin import ending
from selftests.support.sample_results import many

def pytest_collection_finish(session):
    # As where the suite judges all cases itself.
    session.config.pluginmanager.get_plugin("sso-xml").stand_apart()

def sample(session, interruption):
    result = many(5000, red=os.environ["RED"] == "1")
    session.config.stash[ending.CASES] = {case.nodeid: case for case in result.cases}
    return result

ending.result_of = sample
"""
)
EMPTY: Final = '<!DOCTYPE html><html lang="en"><head><title>empty</title></head><body></body></html>'


def best(folder: Path, conftest: str, red: str, *options: str) -> float:
    """The processor's seconds of the shortest of a few runs in `folder`: the others were disturbed."""
    return min(run(folder, conftest, red, *options) for _ in range(RUNS))


def run(folder: Path, conftest: str, red: str, *options: str) -> float:
    """One run of pytest in `folder`; the processor's seconds. Every test whose number `red` divides fails."""
    folder.mkdir(exist_ok=True)
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    (folder / "test_cases.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", *options]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    environment = {**known, "PYTHONPATH": str(ROOT), "SSO_ESTATE": str(ESTATE), "RED": red}
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Nothing waits in such a run, and what else this machine does would be in the wall time.
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def opening(browser: Browser, page: Path) -> float:
    """Seconds until the page has been laid out and painted once: the best of a few looks."""
    looks = []
    for _ in range(LOOKS):
        began = time.monotonic()
        with opened(browser, page.as_uri()) as shown:
            shown.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            looks.append(time.monotonic() - began)
    return min(looks)


def compare(title: str, red: str, folder: Path, browser: Browser) -> None:
    """Print the figures of one kind of run."""
    plain = best(folder / "plain", STOCK, red, "-p", "no:html")
    stock = best(folder / "stock", STOCK, red, "--html=report.html", "--self-contained-html") - plain
    ours = best(folder / "ours", OURS, red) - plain
    pages = {"stock": folder / "stock/report.html", "ours": folder / "ours/reports/latest/report.html"}
    (folder / "empty.html").write_text(EMPTY, encoding="utf-8")
    empty = opening(browser, folder / "empty.html")
    opens = {name: opening(browser, page) - empty for name, page in pages.items()}
    sizes = {name: page.stat().st_size / 1e6 for name, page in pages.items()}
    print(f"{title}: {CASES:,} cases, a run without reports takes {plain:.2f} s, an empty page opens in {empty:.2f} s")
    print(f"  written   {ours:6.2f} s beyond the run, stock {stock:6.2f} s: {ours / stock:.2f} × (bound: 2 s)")
    print(f"  opened    {opens['ours']:6.2f} s beyond empty,   stock {opens['stock']:6.2f} s: "
          f"{opens['ours'] / opens['stock']:.2f} × (bound: 1 s)")  # fmt: skip
    print(f"  size      {sizes['ours']:6.2f} MB,               stock {sizes['stock']:6.2f} MB: "
          f"{sizes['ours'] / sizes['stock']:.2f} × (bound: 5 MB)")  # fmt: skip


def main() -> None:
    """A run with a few red cases, and one in which everything is red."""
    with tempfile.TemporaryDirectory() as folder, started() as browser:
        for title, red in (("a few red", "97"), ("all red", "1")):
            place = Path(folder) / title.replace(" ", "-")
            place.mkdir()
            compare(title, red, place, browser)


if __name__ == "__main__":
    main()
