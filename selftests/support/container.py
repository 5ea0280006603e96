"""Runs `python -m MODULE ARGUMENT…` as a container of the image would: read-only but for the given folders, no other
program to start, no network but loopback. What is refused is noted, so that nobody can swallow it unseen.

    python -S selftests/support/container.py SETTINGS.json MODULE ARGUMENT…
"""

import errno
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod"}
STARTS = {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty"}
LOOPBACK = {"127.0.0.1", "::1", "localhost", None, ""}


class Walls:
    """The audit hook: raises where a container would refuse, and writes a line of what it was."""

    def __init__(self, writable: list[str], noted: str) -> None:
        self._writable = [Path(folder).resolve() for folder in writable]
        self._noted = os.open(noted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
            self._check_path(event, arguments[0])
        elif event in ("os.remove", "os.rmdir") and arguments[1] >= 0:
            # Below an open folder, as shutil.rmtree deletes.
            self._check_path(event, Path(f"/proc/self/fd/{arguments[1]}").readlink() / os.fsdecode(arguments[0]))
        elif event in CHANGES:
            self._check_path(event, arguments[1] if event in ("os.symlink", "os.link") else arguments[0])
        elif event in STARTS:
            self._refuse(event, arguments[0], errno.ENOENT)
        elif event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[0] not in LOOPBACK:
                self._refuse(event, address, errno.ENETUNREACH)
        elif event == "socket.getaddrinfo" and arguments[0] not in LOOPBACK:
            self._refuse(event, arguments[0], errno.ENETUNREACH)

    def _check_path(self, event: str, path: Any) -> None:
        if isinstance(path, int) or str(path) == os.devnull:
            return
        place = Path(os.fsdecode(path)).absolute()
        place = place.parent.resolve() / place.name
        if not any(place == root or root in place.parents for root in self._writable):
            self._refuse(event, path, errno.EROFS)

    def _refuse(self, event: str, what: Any, number: int) -> None:
        os.write(self._noted, f"{event} {what}\n".encode())
        raise OSError(number, os.strerror(number), str(what))


def main() -> None:
    """Put up the walls, and run the module."""
    settings = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if settings["account"]:
        # The one place of a pod that cannot be named otherwise: where the client looks for its ServiceAccount.
        from kubernetes.config import incluster_config

        incluster_config.SERVICE_TOKEN_FILENAME = str(Path(settings["account"]) / "token")
        incluster_config.SERVICE_CERT_FILENAME = str(Path(settings["account"]) / "ca.crt")
    sys.path[0] = ""
    sys.argv = sys.argv[2:]
    sys.addaudithook(Walls(settings["writable"], settings["noted"]))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
