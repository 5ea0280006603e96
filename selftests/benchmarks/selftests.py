"""What the self-tests cost, by room and by file: `python -m selftests.benchmarks.selftests [ARGUMENTS]`.

Runs them as `make test` does (or what of them the arguments select), with this module as a plugin, which measures the
processor time of each phase of each test: of the worker and of all processes it started, forked ones included.
Needs /proc, as Linux has it.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SLOWEST: Final = 15
TICKS: Final = os.sysconf("SC_CLK_TCK")
# utime, stime, and of the children waited for cutime, cstime: fields 14 to 17 of proc(5), from the field after `comm`.
TIMES: Final = slice(11, 15)


def spent(process: str = "self") -> float:
    """The processor time in seconds of a process and of all that it ever started; 0 of one that is gone."""
    folder = Path("/proc", process)
    try:
        ticks = sum(int(each) for each in (folder / "stat").read_text().rpartition(")")[2].split()[TIMES])
        threads = [*(folder / "task").iterdir()]
    except OSError:
        return 0.0
    return ticks / TICKS + sum(spent(child) for thread in threads for child in _children(thread))


def _children(thread: Path) -> list[str]:
    try:
        return (thread / "children").read_text().split()
    except OSError:  # a thread may end between being listed and being read: its process goes on
        return []


class Meter:
    """Told by each worker: what a phase of a test cost, and what came before the first test."""

    def __init__(self) -> None:
        self._read = 0.0

    def lap(self) -> float:
        """The processor time since the last lap; a forgotten process's share is never below 0."""
        now = spent()
        used, self._read = max(now - self._read, 0.0), now
        return used

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """What this phase of the test took, among what is known of the test."""
        item.user_properties.append((f"cpu {call.when}", self.lap()))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Starting and collecting, for the one who sums up."""
        before = {"start": self.lap()}
        result = yield
        getattr(session.config, "workeroutput", {})["costs"] = before | {"collecting": self.lap()}
        return result


class Table:
    """Sums up, where the reports come together."""

    def __init__(self) -> None:
        self.tests: Counter[str] = Counter()
        self.cpu: Counter[tuple[str, str]] = Counter()
        self.wall: Counter[str] = Counter()
        self.each: Counter[str] = Counter()
        self.workers: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        file = report.nodeid.partition("::")[0]
        cost = dict(report.user_properties).get(f"cpu {report.when}", 0.0)
        assert isinstance(cost, float)
        self.tests[file] += report.when == "call"
        self.cpu[file, report.when or ""] += cost
        self.wall[file] += report.duration
        self.each[report.nodeid] += cost

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """What a worker took before its first test."""
        self.workers.update(node.workeroutput.get("costs", {}))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The tables: rooms, files, the slowest tests."""
        say = terminalreporter.write_line
        terminalreporter.section("processor time, in seconds")
        say(f"workers, before their first test: {', '.join(f'{n} {s:.1f}' for n, s in self.workers.items())}")
        files = {file: sum(self.cpu[file, when] for when in ("setup", "call", "teardown")) for file in self.wall}
        for depth, shown in ((2, 99), (3, 40)):
            say(f"{'setup':>8} {'call':>8} {'teardown':>8} {'all':>8} {'wall':>8} {'tests':>6}")
            rows: dict[str, Counter[str]] = {}
            for file, value in files.items():
                row = rows.setdefault("/".join(file.split("/")[:depth]), Counter())
                row.update({when: self.cpu[file, when] for when in ("setup", "call", "teardown")})
                row.update({"all": value, "wall": self.wall[file], "tests": self.tests[file]})
            for name, row in sorted(rows.items(), key=lambda each: -each[1]["all"])[:shown]:
                times = " ".join(f"{row[key]:8.1f}" for key in ("setup", "call", "teardown", "all", "wall"))
                say(f"{times} {row['tests']:6}  {name}")
        total = sum(files.values()) + sum(self.workers.values())
        say(f"all: {total:.1f} s of {sum(self.tests.values())} tests; the {SLOWEST} slowest:")
        for name, cost in self.each.most_common(SLOWEST):
            say(f"{cost:8.2f}  {name}")


def pytest_configure(config: pytest.Config) -> None:
    """Measure in whatever runs tests, sum up in whatever prints."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Meter())
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())


def main() -> None:
    """Run them, measured; what is not given is as in `make test`."""
    given = sys.argv[1:] or ["-n", "logical", "--dist", "worksteal", "selftests"]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    line = ["-c", "selftests/pytest.ini", "-p", "selftests.benchmarks.selftests", *given]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *line])


if __name__ == "__main__":
    main()
