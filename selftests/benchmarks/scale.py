"""`python -m selftests.benchmarks.scale [--old] [SIZES]`: what a run costs as the estate grows.

With --old the same at an older commit, which takes several times as long.

Each row is a run against the lab with so many more applications of each kind, and what of it was the lab's: it has a
process of its own. Where it had none (the older commit) the next row is the same estate with the lab apart. Then the
growth between two sizes as an exponent (1.0 is in proportion), the same cases that judge nothing in stock pytest with
pytest-html, and the runbook's own lines one after the other. CPU is user and system time of a process, memory its peak
(VmHWM). Nothing here passes or fails; a run that does not end in time is a row as well.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, NamedTuple

from selftests.benchmarks.trees import OLD, ROOT, checkout
from selftests.support.lab_process import in_shell
from selftests.support.runbook_lines import LINES

SIZES: Final = (50, 200, 500)
# What the older commit does not reach in time: two hours, and more memory than most machines have.
LARGEST_OLD: Final = 200
SECONDS: Final = 1800
# What writes, or needs a shell in a pod: the others only look.
WRITING: Final = ("S3", "R1", "R4", "R5", "R7")
# A benchmark runs what users run: with what is compiled already.
ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
STOCK: Final = """
import pytest

@pytest.mark.parametrize("number", range({cases}))
def test_case(number):
    assert True
"""


class Used(NamedTuple):
    """Of one process: seconds of the processor, and its peak in MB."""

    cpu: float = 0.0
    memory: float = 0.0

    def __str__(self) -> str:
        """`18.6 s of CPU, 281 MB`."""
        return f"{self.cpu:6.1f} s of CPU, {self.memory:6.0f} MB"


class Cost(NamedTuple):
    """One command: seconds by the clock, what its process used and what the one below it did (the lab's), and the
    report of its run, if any."""

    wall: float
    own: Used
    below: Used
    report: Mapping[str, object]

    def __str__(self) -> str:
        """`21.3 s, 18.6 s of CPU, 281 MB; the lab 4.9 s of CPU, 99 MB`."""
        return f"{self.wall:6.1f} s, {self.own}" + (f"; the lab {self.below}" if self.below.cpu else "")


def cost(tree: Path, *arguments: str, environment: Mapping[str, str] = ENVIRONMENT) -> Cost:
    """A run of pytest in `tree`, in a process of its own. Raises TimeoutError after half an hour."""
    with tempfile.TemporaryDirectory() as folder:
        # In pytest's own cache are the names of all cases of earlier runs, which it reads: 20 MB for 500 applications.
        # And pytest looks for settings in a folder that is named and there, and has to start again (see invocation).
        reports = Path(folder, "reports")
        apart = ("--reports", str(reports), "-o", f"cache_dir={folder}/cache")
        command = [sys.executable, "-m", "pytest", *arguments, *apart]
        found = measured(command, tree, environment)
        written = reports / "latest" / "report.json"
        return found._replace(report=json.loads(written.read_text()) if written.exists() else {})


def measured(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] = ENVIRONMENT,
    out: int | IO[str] = subprocess.DEVNULL,
    said: int | IO[str] = subprocess.DEVNULL,
) -> Cost:
    """A command in that folder, its streams to `out` and `said`. Raises TimeoutError after half an hour."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=said)
    own, below = Used(), Used()
    while time.monotonic() - began < SECONDS:
        own, below = used(process.pid) or own, max((below, *map(_used, _labs(process.pid))))
        done, _, whole = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = 0
            # The process's end is in no sample; the lab's figures are in that sum where it was waited for.
            total = whole.ru_utime + whole.ru_stime - (below.cpu)
            return Cost(time.monotonic() - began, own._replace(cpu=max(own.cpu, total)), below, {})
        time.sleep(0.05)
    process.kill()
    os.wait4(process.pid, 0)
    process.returncode = -signal.SIGKILL
    raise TimeoutError(f"not done within {SECONDS} s")


def used(process: int) -> Used | None:
    """What a process that runs has used so far; None where it is gone. Linux only.

    ru_maxrss would not do: it begins with the size of whoever started the process.
    """
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        peak = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if "VmHWM" in line)
    except (OSError, StopIteration):
        return None
    return Used((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) / 1024)


def _used(process: int) -> Used:
    return used(process) or Used()


def _labs(process: int) -> list[int]:
    """The labs among the processes that it started."""
    try:
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [int(each) for each in below if b"lab.apart" in Path(f"/proc/{each}/cmdline").read_bytes()]
    except OSError:
        return []


@contextmanager
def lab_apart(tree: Path, size: int) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """`python -m lab` of `tree` in a process of its own, with its state in a folder."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state")
        command = [sys.executable, "-m", "lab", "--state", str(state), "--applications", str(size)]
        with subprocess.Popen(command, cwd=tree, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if "python -m lab heal" in line)
            try:
                yield state, process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def apart(tree: Path, size: int) -> Cost:
    """A run of the suite with the lab in a process of its own."""
    with lab_apart(tree, size) as (state, process):
        before = _used(process.pid).cpu
        script = f"set -a; . '{state}/env.sh'; env -0"
        given = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env=ENVIRONMENT).stdout
        environment = dict(entry.split("=", 1) for entry in given.decode().split("\0") if "=" in entry)
        found = cost(tree, "--estate", str(state / "estate.toml"), environment=environment)
        after = _used(process.pid)
        return found._replace(below=after._replace(cpu=after.cpu - before))


def grown(tree: Path, name: str, sizes: tuple[int, ...]) -> dict[int, Cost]:
    """Print the rows of a tree, and between two sizes the exponents. Goes out: what the suite took, without the lab."""
    found: dict[int, Cost] = {}
    for size in sizes:
        try:
            whole = cost(tree, "--lab", "--lab-applications", str(size))
            print(f"{name:>9} {size:>4}: {whole}; {_said(whole.report)}", flush=True)
            found[size] = whole if whole.below.cpu else apart(tree, size)
        except TimeoutError as late:
            print(f"{name:>9} {size:>4}: {late}", flush=True)
            continue
        if found[size] is not whole:
            print(f"{'apart':>14}: {found[size]}", flush=True)
    for small, large in pairwise(found):
        print(f"{name:>9} {small} → {large}: {_growth(found[small], found[large], large / small)}", flush=True)
    return found


def _said(report: Mapping[str, object]) -> str:
    effort = report.get("effort")
    twice = effort["repeated_questions"] if isinstance(effort, dict) else "?"
    verdict, cases = report.get("verdict"), report.get("selected")
    return f"{verdict}, {cases} cases, {_requests(report)} requests, asked twice {twice}"


def _requests(report: Mapping[str, object]) -> object:
    counted = report.get("ledger")
    return counted["total"] if isinstance(counted, dict) else "?"


def _growth(small: Cost, large: Cost, times: float) -> str:
    def told(before: float, after: float) -> str:
        return f"× {after / before:.1f} (exponent {math.log(after / before) / math.log(times):.2f})"

    cpu, memory = told(small.own.cpu, large.own.cpu), told(small.own.memory, large.own.memory)
    return f"time {told(small.wall, large.wall)}, the suite's CPU {cpu}, its memory {memory}"


def stock(cases: int) -> Cost:
    """As many cases that judge nothing, in pytest with pytest-html."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_stock.py").write_text(STOCK.format(cases=cases))
        page = ("--html", "report.html", "--self-contained-html")
        options = ("-p", "no:sso-conformance", "-p", "no:cacheprovider", *page)
        return measured([sys.executable, "-m", "pytest", *options], Path(folder))


def runbook() -> tuple[int, float]:
    """How many lines of the runbook only look, and the seconds that they take one after the other."""
    lines = dict.fromkeys(line for section, line, _ in LINES if section not in WRITING)
    with lab_apart(ROOT, 0) as (state, _):
        began = time.monotonic()
        for line in lines:
            in_shell(state, line)
        return len(lines), time.monotonic() - began


def main() -> None:
    """Print all rows."""
    parser = ArgumentParser()
    parser.add_argument("--old", action="store_true", help=f"beside commit {OLD}, up to {LARGEST_OLD} applications")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    given = parser.parse_args()
    before: dict[int, Cost] = {}
    if given.old:
        with checkout() as old:
            before = grown(old, OLD, tuple(size for size in given.sizes if size <= LARGEST_OLD))
    now = grown(ROOT, "now", tuple(given.sizes))
    for size in (size for size in before if size in now):
        one, other = now[size].own, before[size].own
        print(
            f"now / {OLD} at {size}, the suite: {one.cpu / other.cpu:.2f} × the CPU, "
            f"{one.memory / other.memory:.2f} × the memory",
            flush=True,
        )
    for found in now.values():
        cases = int(str(found.report.get("selected", 0)))
        print(f"stock pytest and pytest-html, {cases} cases that judge nothing: {stock(cases)}", flush=True)
    print("the runbook's {} lines that look, one after the other: {:.1f} s".format(*runbook()))
    print(f"a whole run of the suite on that estate: {cost(ROOT, '--lab')}")


if __name__ == "__main__":
    main()
