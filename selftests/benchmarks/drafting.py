"""`python -m selftests.benchmarks.drafting [APPLICATIONS …]`: what a draft of a large estate costs.

The lab runs in a process of its own; printed are the draft's seconds, its CPU, its largest memory and its requests.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Final

from lab import names
from selftests.benchmarks.scale import measured
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
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        cost = measured(["bash", "-c", command], ROOT, out=out, said=said)
        out.seek(0)
        said.seek(0)
        text, line = out.read(), said.read()
    found = re.search(r"^(\d+) request", line, re.MULTILINE)
    if found is None or not text:
        return f"failed: {line.strip()[-200:]}"
    return f"{cost.wall:8.1f} {cost.own.cpu:6.1f} {cost.own.memory:5.0f} {found[1]:>8} {len(text.splitlines()):>6}"


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]])
