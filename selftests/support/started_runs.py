"""Runs of pytest that a test may send signals to: processes of their own, forked from where the imports are done."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from selftests.support.suite_runs import ROOT, forking, main_here

SECONDS = 60


@dataclass(frozen=True)
class StartedRun:
    """A run that is under way, or has ended, and what it has printed into its folder so far."""

    process: BaseProcess
    folder: Path

    @property
    def stdout(self) -> str:
        """What it has printed."""
        return _printed(self.folder / "stdout")

    @property
    def stderr(self) -> str:
        """What it has complained of."""
        return _printed(self.folder / "stderr")

    @property
    def code(self) -> int | None:
        """Its exit code, negative where a signal ended it; None until then."""
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.code is None and self.process.pid:
            os.kill(self.process.pid, number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        self.process.join(SECONDS)
        assert self.code is not None, f"it does not end: {self.stdout[-2000:]}{self.stderr[-2000:]}"
        return self.code


def _printed(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@contextmanager
def started(
    folder: Path, *arguments: str, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> Iterator[StartedRun]:
    """`pytest ARGUMENTS` in `cwd`, started; killed when the block ends. `folder` takes what it prints."""
    process = forking().Process(target=_run, args=(folder, cwd, arguments, environment or {}))
    process.start()
    try:
        yield StartedRun(process, folder)
    finally:
        process.kill()
        process.join()


def _run(folder: Path, cwd: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.exit(main_here(folder, cwd, ["-p", "no:cacheprovider", *arguments], environment))
