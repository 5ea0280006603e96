"""A lab in a process of its own: what asks and what answers each have a core, and an interpreter lock.

The process reads one line of JSON, says in another where its state is, and then waits for the end of its standard
input. So it ends with whoever started it, however that ends.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
STOP_SECONDS: Final = 5.0


class NotStarted(Exception):
    """The lab cannot do what it was asked; the message says why."""


class Apart:
    """A lab that starts at once, while who asked for it does something else, and serves until `stop`.

    `folder` takes its state; `how` is what Lab takes, as JSON has it.
    """

    def __init__(self, folder: Path, how: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.apart"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            # Ctrl-C is the suite's: what it has begun there it also ends there.
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin is not None
        print(json.dumps({"folder": str(folder), "how": how}), file=self._process.stdin, flush=True)

    def served(self) -> tuple[Path, dict[str, str]]:
        """Its estate file and environment, once it serves: within its own deadline, or it ends.

        Raises NotStarted as Lab does LabError, and ModuleNotFoundError where a package is not installed.
        """
        assert self._process.stdout is not None
        told: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "its process ended"}')
        if "lacks" in told:
            raise ModuleNotFoundError(f"no module named {told['lacks']}", name=told["lacks"])
        if "error" in told:
            raise NotStarted(told["error"])
        return Path(told["estate"]), told["environment"]

    def stop(self) -> None:
        """Serve no more."""
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    """Serve as the first line of standard input says, until there is no more of it."""
    given = json.loads(sys.stdin.readline())
    try:
        from lab.lab import Lab, LabError  # noqa: PLC0415  # what it lacks is told to who asked
    except ModuleNotFoundError as error:
        _tell({"lacks": error.name})
        return
    try:
        lab = Lab(**given["how"])
    except LabError as error:
        _tell({"error": str(error)})
        return
    lab.start()
    # The estate stays; what each request leaves goes by itself.
    gc.freeze()
    _tell({"estate": str(lab.write_state(Path(given["folder"]))), "environment": dict(lab.environment)})
    sys.stdin.read()
    # Nobody is there any more who would wait for an answer.
    os._exit(0)


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
