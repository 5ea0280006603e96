"""Many runs of the suite from one collection: each is forked when everything is collected and nothing asked yet.

The lab is a process of its own, so that the one that is forked has a single thread.
"""

from __future__ import annotations

import gc
import os
import re
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.junitxml import xml_key

from fixtures.doors import client
from fixtures.plugin import ending
from fixtures.plugin.collecting import ESTATE
from fixtures.reports import page
from fixtures.reports.whole_files import part_of
from selftests.support.hostile.answered import Given, Healthy, Standing, listen
from selftests.support.lab_process import running_lab
from selftests.support.suite_runs import PRELOADED, ROOT, SuiteRun, _inherited, _read

# Killed after so many seconds: none of these answers makes anybody wait.
SECONDS: Final = 60
# What a run may take, in MB.
MOST_MEMORY: Final = 400
# How a run says that it did not expect an answer, whatever else it says of it.
DEFECT: Final = re.compile(
    r"\bdefect of\b|itself broke|Traceback|INTERNALERROR|\bpydantic\b|validation error|NoneType|object has no attribute"
    r"|\b(?:Attribute|Assertion|Index|Key|Lookup|Memory|Name|Overflow|Recursion|Type|Unicode\w*|Value|Runtime)Error\b"
)
# What is done in a child before its items run.
Prepare = Callable[[], None]
# Given what a healthy run was answered, where that was recorded.
Rounds = Callable[[Healthy], "Iterable[Iterable[Job]]"]
Takes = Callable[[pytest.Item], bool]


@dataclass(frozen=True)
class Job:
    """One run: what is changed before, and which items it takes."""

    name: Any
    prepare: Prepare
    takes: Takes


@dataclass(frozen=True)
class Done:
    """What became of a job; `run` is None where it was killed."""

    name: Any
    run: SuiteRun | None
    seconds: float
    cpu: float
    memory: int


@dataclass(eq=False)
class Forking:
    """A plugin that runs rounds of jobs in children, in place of the session's items, and tells `done` of each.

    A round begins when all of the one before are done.
    """

    rounds: Rounds
    done: Callable[[Done], None]
    folder: Path
    at_once: int
    records: bool
    child: Path | None = None
    standing: Standing = field(default_factory=Standing)
    _outcomes: dict[str, str] = field(default_factory=dict)
    _under_way: dict[int, tuple[Job, Path, float]] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Iterator[None]:
        """Fork; the parent itself runs nothing."""
        trusted = client.trust(session.config.stash[ESTATE].network)
        client.trust = lambda _: trusted
        gc.freeze()
        healthy = Healthy((), {}, {})
        if self.records:
            saved = self.folder / "healthy"
            if self._fork(session, _recording(session, saved, self.standing)):
                return (yield)
            self._reap(0)
            healthy = Healthy.load(saved, self._outcomes)
        for jobs in self.rounds(healthy):
            for job in jobs:
                self._reap(self.at_once - 1)
                if self._fork(session, job):
                    return (yield)
            self._reap(0)
        session.items = []
        return (yield)

    def _fork(self, session: pytest.Session, job: Job) -> bool:
        """Whether this is the child."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._under_way[pid] = (job, folder, time.monotonic())
            return False
        self.child = folder
        for descriptor, name in enumerate(("stdout", "stderr"), start=1):
            with (folder / name).open("wb") as stream:
                os.dup2(stream.fileno(), descriptor)
        files = session.config.stash[ending._FILES]
        session.config.stash[ending._FILES] = files._replace(folder=_made(folder / "run"))
        files.xml.path = folder / "run" / "junit.xml"
        session.config.stash[xml_key].logfile = str(part_of(files.xml.path))
        session.items = [item for item in session.items if job.takes(item)]
        job.prepare()
        return True

    def _reap(self, left: int) -> None:
        while len(self._under_way) > left:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if pid:
                self._tell(pid, status, used)
                continue
            for late in (pid for pid, (_, _, began) in self._under_way.items() if time.monotonic() - began > SECONDS):
                os.kill(late, signal.SIGKILL)
            time.sleep(0.005)

    def _tell(self, pid: int, status: int, used: Any) -> None:
        job, folder, began = self._under_way.pop(pid)
        run = _run_of(folder) if status == 0 else None
        if job.name is not None:
            self.done(
                Done(job.name, run, time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
            )
        elif run is None:
            raise RuntimeError(f"the healthy run did not end: see {folder}")
        else:
            self._outcomes |= run.outcomes


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _run_of(folder: Path) -> SuiteRun:
    code = int((folder / "code").read_text())
    run = _read(str(folder), code, *((folder / name).read_text(errors="replace") for name in ("stdout", "stderr")))
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    folder.rmdir()
    return run


def _recording(session: pytest.Session, saved: Path, standing: Standing) -> Job:
    def prepare() -> None:
        standing.on, given = True, []

        def hear(question: str, number: int, asked: str, body: bytes) -> bytes:
            given.append(Given(question, number, asked, body))
            return body

        listen(hear)
        session.config.add_cleanup(lambda: Healthy(tuple(given), standing.of, {}).save(saved))

    return Job(None, prepare, lambda _: True)


def run_all(
    rounds: Rounds,
    done: Callable[[Done], None],
    *lab: str,
    at_once: int = 1,
    records: bool = False,
    module: str = "lab",
) -> None:
    """Run rounds of jobs against one lab (`python -m MODULE`, with the options `lab`); `done` hears of each as it ends.

    Where it `records`, rounds are found by what a healthy run was answered.
    """
    _warm_up()
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder) / "lab", *lab, module=module):
        os.chdir(ROOT)
        for name in set(os.environ) - set(_inherited()):
            del os.environ[name]
        os.environ |= _variables(Path(folder) / "lab" / "env.sh")
        forking = Forking(rounds, done, _made(Path(folder) / "runs"), at_once, records=records)
        code: object = "none"
        try:
            code = int(pytest.main(_arguments(Path(folder)), plugins=[forking, forking.standing]))
        finally:
            if forking.child is not None:
                _end(forking.child, code)


def _warm_up() -> None:
    """What each child would do anew."""
    for name in PRELOADED:
        __import__(name)
    environment = page.template("report.html.jinja").environment
    for name in environment.list_templates(["jinja"]):
        environment.get_template(name)


def _end(child: Path, code: object) -> None:
    (child / "code").write_text(str(code))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if code != "none" else 1)


def _arguments(folder: Path) -> list[str]:
    always = ["--config-file", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-p", "no:html", "--capture=no"]
    return [*always, "--estate", str(folder / "lab" / "estate.toml"), "--reports", str(folder / "reports")]


def _variables(path: Path) -> dict[str, str]:
    words = shlex.split(path.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)
