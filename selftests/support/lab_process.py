"""`python -m lab` in a process of its own, and real tools that are led to it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 30


@contextmanager
def running_lab(
    state: Path, *options: str, said: list[str] | None = None, module: str = "lab"
) -> Iterator[subprocess.Popen[str]]:
    """A lab with its state in that folder; serves until the block ends. What it says is added to `said`; `module` is
    what stands in for `python -m lab`."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", module, "--state", str(state), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if said is not None:
                    said.append(line)
                if "python -m lab heal" in line:
                    break
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def tool(name: str) -> str:
    """The path of a real tool; where it is absent the test is skipped, in CI failed."""
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not installed")
    return found


def in_shell(state: Path, line: str) -> subprocess.CompletedProcess[str]:
    """What a person sees who types `line` after `. DIR/env.sh`."""
    script = f". {state}/env.sh\n{line}"
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=SECONDS, check=False, stdin=subprocess.DEVNULL
    )
