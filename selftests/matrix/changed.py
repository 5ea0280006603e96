"""What `make check` judges beside the quick self-tests: what has changed since the last commit, and its faults.

python -m selftests.matrix.changed      prints tests, as pytest takes them on its command line
"""

import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Final

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import Check, catalogue
from fixtures.engine.registry import closure
from lab.faults import Fault, load

ROOT: Final = Path(__file__).parents[2]
# So many runs fit into the time that a developer waits; the rest is `make test`'s.
MOST: Final = 10
# Where no check has changed: a few of different topics.
SAMPLE: Final = (
    "access-token-for-a-month",
    "authentik-host-stale",
    "external-secret-error",
    "grafana-denied-by-policy",
    "issuer-mode-global",
    "middleware-missing-on-route",
)


def changed_files() -> set[Path]:
    """What differs from the last commit, or is new; in full."""
    commands = ("git diff --name-only --relative HEAD", "git ls-files --others --exclude-standard")
    told = (subprocess.run(c.split(), cwd=ROOT, capture_output=True, text=True, check=True).stdout for c in commands)
    return {path for text in told for line in text.splitlines() if (path := ROOT / line).exists()}


def checks_of(files: Collection[Path]) -> set[str]:
    """The checks that are defined in one of these files, or ask what is."""
    load_catalogue()
    topics = {path.parent for path in files if "topics" in path.parts}
    return {entry.id for entry in catalogue.values() if Path(entry.module) in files or topics & _topics_of(entry)}


def _topics_of(entry: Check) -> set[Path]:
    asked = closure(entry.parameters).values()
    return {Path(observation.function.__code__.co_filename).parent for observation in asked}


def faults_of(checks: Collection[str]) -> list[str]:
    """The faults that name one of these checks first, at most MOST, spread over the checks; a fixed sample of none."""
    faults = [fault for fault in load().values() if fault.root in checks and not fault.pending]
    return [fault.name for fault in sorted(faults, key=_order_in(faults))[:MOST]] or list(SAMPLE)


def _order_in(faults: list[Fault]):
    seen = [fault.root for fault in faults]
    place = {fault.name: seen[:at].count(fault.root) for at, fault in enumerate(faults)}
    return lambda fault: place[fault.name]


def main() -> None:
    """Print the changed self-tests, and the faults of the changed checks."""
    files = changed_files()
    own = [path for path in files if path.is_relative_to(ROOT / "selftests") and path.name.startswith("test_")]
    for path in sorted(path for path in own if path.parent.name != "matrix"):
        print(path.relative_to(ROOT))
    for name in faults_of(checks_of(files)):
        print(f"selftests/matrix/test_faults.py::test_a_fault_is_seen_and_blamed[{name}]")


if __name__ == "__main__":
    main()
