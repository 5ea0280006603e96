"""What starting costs: processor time of what is typed most, beside an older commit, and of imports by module."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from selftests.benchmarks.trees import OLD, ROOT, checkout

TYPED: Final = (
    ("--explain", "OIDC-DISC-01"),
    ("--help",),
    ("--catalogue",),
    ("--lab", "-k", "OIDC-DISC-02"),
    ("--lab", "-k", "OIDC-DISC"),
)
TIMES: Final = 5
SHOWN: Final = 12
_IMPORTED: Final = re.compile(r"import time:\s+(?P<own>\d+) \|\s+(?P<all>\d+) \|(?P<depth> +)(?P<name>\S+)")


def seconds(tree: Path, arguments: tuple[str, ...]) -> float:
    """The processor time of `pytest ARGUMENTS` in that checkout."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(tree, arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(tree: Path, arguments: tuple[str, ...], *interpreter: str) -> str:
    """What `python INTERPRETER… -m pytest ARGUMENTS` says on stderr."""
    # Compiled files are kept, as they are wherever people work.
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # In the checkout, as where nobody names a folder: with one elsewhere pytest begins twice (see invocation).
    with tempfile.TemporaryDirectory(dir=tree / "reports") as reports:
        # pytest's own cache names the cases of all earlier runs: reading those of a large estate is a tenth of a start.
        apart = ("--reports", reports, "-o", f"cache_dir={reports}/cache")
        line = [sys.executable, *interpreter, "-m", "pytest", *apart, *arguments]
        return subprocess.run(line, cwd=tree, env=known, capture_output=True, text=True, check=True).stderr


def imports(arguments: tuple[str, ...]) -> dict[str, int]:
    """Milliseconds of import by package, the suite's own by module; what it imports itself counts for itself."""
    found: dict[str, int] = {}
    for line in run(ROOT, arguments, "-X", "importtime").splitlines():
        if match := _IMPORTED.match(line):
            name = match["name"]
            owner = name if name.startswith(("fixtures.", "lab.", "tests_")) else name.partition(".")[0]
            found[owner] = found.get(owner, 0) + int(match["own"])
    return {name: spent // 1000 for name, spent in sorted(found.items(), key=lambda each: -each[1]) if spent >= 1000}


def main() -> None:
    """Print the table, and where the time of importing goes."""
    with checkout() as old:
        for arguments in TYPED:
            spent = {ROOT: [], old: []}
            for _ in range(TIMES):
                for tree, times in spent.items():
                    times.append(seconds(tree, arguments))
            new, before = min(spent[ROOT]), min(spent[old])
            print(f"pytest {' '.join(arguments):32} {new:5.2f} s   {OLD} {before:5.2f} s   {new / before:.2f} ×")
    for arguments in TYPED[:1] + TYPED[3:4]:
        told = imports(arguments)
        print(f"\nimports of pytest {' '.join(arguments)}: {sum(told.values())} ms")
        for name, spent_on in list(told.items())[:SHOWN]:
            print(f"  {spent_on:4} ms  {name}")


if __name__ == "__main__":
    main()
