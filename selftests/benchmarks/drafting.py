"""`python -m selftests.benchmarks.drafting [APPLICATIONS …]`: what a draft of a large estate costs.

The lab runs in a process of its own; printed are the draft's seconds, its CPU, its largest memory and its requests.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Final

from lab import names
from selftests.support.lab_process import ROOT, running_lab

# Extra applications of each kind: 500 clients and 500 gates have a route each, besides the lab's own.
_SIZES: Final = (0, 50, 500)
_DRAFT: Final = (
    ". {state}/env.sh; unset SSO_ESTATE; "
    "exec {python} -m pytest --draft-estate --context lab-suite --kubeconfig {state}/kubeconfig --authentik-url {url}"
)


def main(sizes: list[int]) -> None:
    """Print a row for each size."""
    print(f"{'applications':>12} {'seconds':>8} {'CPU s':>6} {'MB':>5} {'requests':>8} {'lines':>6}")
    for size in sizes or list(_SIZES):
        with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder), "--applications", str(size)):
            print(f"{size:>12} {_row(Path(folder))}", flush=True)


def _row(state: Path) -> str:
    # The lab's addresses exist in its estate file alone, which a draft does not have: it gets the one on loopback.
    connect_to = tomllib.loads((state / "estate.toml").read_text())["network"]["connect_to"]
    url = f"http://{connect_to[names.DIRECT_ADDRESS]}"
    command = _DRAFT.format(state=state, python=sys.executable, url=url)
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(["bash", "-c", command], cwd=ROOT, stdout=out, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        out.seek(0)
        said.seek(0)
        text, line = out.read(), said.read()
    found = re.search(r"^(\d+) request", line, re.MULTILINE)
    if status or found is None:
        return f"failed: {line.strip()[-200:]}"
    cpu = used.ru_utime + used.ru_stime
    return f"{seconds:8.1f} {cpu:6.1f} {used.ru_maxrss // 1024:5} {found[1]:>8} {len(text.splitlines()):>6}"


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]])
