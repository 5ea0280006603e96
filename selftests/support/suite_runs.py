"""Runs the suite as people do, in a process of its own, and reads what it wrote."""

import gc
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from multiprocessing.context import ForkServerContext
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest

import fixtures
import lab

ROOT = Path(__file__).parents[2]
SECONDS = 120
RED = ("failed", "warned")
UNASKED = ("writes", "browser")
PRINTED = ("stdout", "stderr")
# What every run imports anyway: imported once, and forked from there. made_before collects the checks.
PRELOADED = [
    "selftests.support.suite_runs",
    "selftests.support.made_before",
    "selftests.support.reaching",
    "kubernetes",
    "_strptime",
    "_pytest.helpconfig",
    "_pytest.unittest",
    "_pytest.warnings",
    "anyio._backends._asyncio",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "xdist.plugin",
    "_pytest.faulthandler",
    "_pytest.junitxml",
    "pytest_metadata.plugin",
    *(
        module.name
        for package in (fixtures, lab)
        for module in walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith("__main__")
    ),
]


@dataclass(frozen=True)
class SuiteRun:
    """What one run left: its exit code, what it printed, and report.json (empty when it wrote none)."""

    exit_code: int
    stdout: str
    stderr: str
    report: dict[str, Any]
    files: dict[str, bytes]

    @property
    def verdict_line(self) -> str:
        """The last line of stdout; empty when nothing was printed."""
        return next(reversed(self.stdout.rstrip().splitlines()), "")

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each case by its name, e.g. `OIDC-DISC-02[grafana]`."""
        assert self.report, f"the run wrote no report: {self.stdout[-2000:]}{self.stderr[-2000:]}"
        return {case["name"]: case["outcome"] for case in self.report["cases"]}

    @property
    def red(self) -> set[str]:
        """The names of the cases that failed or warned by their own assertion."""
        return {name for name, outcome in self.outcomes.items() if outcome in RED}

    @property
    def unverified(self) -> set[str]:
        """The names of the cases that lacked something; what takes an option that was not given lacks nothing."""
        return {
            case["name"]
            for case in self.report["cases"]
            if case["outcome"] == "not verified" and case["need"] not in UNASKED
        }

    def named(self, outcome: str) -> set[str]:
        """The names of the cases with that outcome."""
        return {name for name, found in self.outcomes.items() if found == outcome}


RunOf = Callable[..., SuiteRun]


def run_suite(*arguments: str, environment: dict[str, str] | None = None) -> SuiteRun:
    """What `pytest ARGUMENTS` in the checkout comes to, with a reports folder of its own.

    Forked from where the imports are done, but for what an interpreter reads at its own start (PYTHON…).
    """
    if any(name.startswith("PYTHON") for name in environment or {}):
        return _interpreted(*arguments, environment=environment or {})
    return forked(run_here, *arguments, environment=environment)


def _interpreted(*arguments: str, environment: dict[str, str]) -> SuiteRun:
    with tempfile.TemporaryDirectory() as folder:
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", *_always(folder), *arguments],
            cwd=ROOT,
            env=_inherited() | environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return _read(folder, finished.returncode, finished.stdout, finished.stderr)


def forked(function: Callable[..., SuiteRun], *arguments: Any, **named: Any) -> SuiteRun:
    """What the function comes to in a fresh process of its own, with the imports done; two at once by `pytest -n 2`."""
    return _one_at_a_time().submit(function, *arguments, **named).result()


@cache
def _one_at_a_time() -> Executor:
    return fresh_processes(1)


def fresh_processes(at_once: int) -> Executor:
    """Gives each task a process of its own, forked from one that has the imports done."""
    return ProcessPoolExecutor(at_once, mp_context=forking(), max_tasks_per_child=1)


def forking() -> ForkServerContext:
    """Makes processes that are forked from one that has the imports done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def run_here(*arguments: str, environment: dict[str, str] | None = None) -> SuiteRun:
    """As `run_suite`, in this very process, whose output it takes over: for a process of `forked` only."""
    with tempfile.TemporaryDirectory() as folder:
        code = main_here(Path(folder), ROOT, [*_always(folder), *arguments], environment or {})
        return _read(folder, code, *((Path(folder) / name).read_text() for name in PRINTED))


def main_here(folder: Path, cwd: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """pytest's exit code in `cwd`; what it prints goes into files of `folder`, called as PRINTED says."""
    os.chdir(cwd)
    for name in set(os.environ) - set(_inherited()):
        del os.environ[name]
    os.environ.update(environment)
    for descriptor, name in enumerate(PRINTED, start=1):
        with (folder / name).open("wb") as stream:
            os.dup2(stream.fileno(), descriptor)
    # What was imported stays: looking through it for garbage is a tenth of a run.
    gc.freeze()
    code = pytest.main(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    return int(code)


def _always(folder: str) -> list[str]:
    # The folder exists: without its settings named pytest would look for them there, and have to start again.
    return ["--config-file", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "--reports", folder]


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SSO_"))}


def _read(folder: str, code: int, stdout: str, stderr: str) -> SuiteRun:
    latest = Path(folder) / "latest"
    files = {path.name: path.read_bytes() for path in latest.glob("*")} if latest.exists() else {}
    report = json.loads(files["report.json"]) if "report.json" in files else {}
    return SuiteRun(code, stdout, stderr, report, files)
