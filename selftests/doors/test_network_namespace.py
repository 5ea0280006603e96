"""The whole suite in a network namespace that has nothing but loopback: the kernel refuses what the suite does not."""

import json
import shutil
import subprocess
import sys

import pytest

from selftests.support.suite_runs import ROOT

# A new namespace's loopback is down. SIOCSIFFLAGS (0x8914) with IFF_UP and IFF_RUNNING; then what is to be run.
INSIDE = """
import fcntl, os, socket, struct, sys
request = struct.pack("16sh14x", b"lo", 0x1 | 0x40)
fcntl.ioctl(socket.socket(), 0x8914, request)
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as error:
    print("elsewhere:", error, flush=True)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def namespaced() -> list[str]:
    """The command that gives a process a network of its own; skips where this machine does not allow that."""
    program = shutil.which("unshare")
    command = [program or "", "--net", "--map-root-user"]
    if program is None or subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False).returncode:
        pytest.skip("network namespaces are not allowed here")
    return command


def test_no_network_but_the_estates_is_needed(tmp_path):
    suite = ["-m", "pytest", "--lab", "-p", "no:cacheprovider", f"--reports={tmp_path}"]
    command = [*namespaced(), sys.executable, "-c", INSIDE, *suite]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    assert "elsewhere: [Errno 101]" in run.stdout
    report = json.loads((tmp_path / "latest" / "report.json").read_text(encoding="utf-8"))
    assert report["verdict"] == "HEALTHY"
    assert report["counts"]["passed"] > 300
