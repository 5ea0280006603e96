"""docs/PROOF.md: what green is worth. Written from what faults, twins and shapes declare, which self-tests hold true.

`python -m selftests.matrix.proof` writes it and prints the matrix; with `--check` it says whether the file is current.
Nothing in it depends on the machine: no time, no duration.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from fixtures.catalogue.explaining import load_catalogue, ordered
from lab import faults, shapes, twins
from lab.faults import Fault
from lab.incidents import INCIDENTS
from lab.twins import Twin
from selftests.matrix.pairs import PAIRED, PAIRS

PATH: Final = Path(__file__).parents[2] / "docs" / "PROOF.md"
_HEAD: Final = """# What green is worth

Written by `make docs` from what the lab's faults declare; do not edit. `make prove` runs all of it: the suite once for
each fault and pair, and for all twins, each run in a process of its own. The self-tests fail for anything that is not
as it stands here.

A run under a fault must turn red what the fault declares, and nothing else. It must name the declared cause first, with
words and a way out, and the declared ones beside it; it may block what is declared, and nothing else. A harmless
likeness (twin) must leave everything green. A check that is never the only cause fails the self-tests.

{counts}

See one: `pytest --lab --lab-fault NAME`, for twins too. Where a fault is known from `recordings/` or `facts/`, a real
Authentik, Traefik or ArgoCD was seen to do so; those notes are not in this repository. A runbook section is one of
[CHECKS.md](CHECKS.md). A cause that warns makes the verdict DEGRADED.
"""


def render() -> str:
    """The page as Markdown."""
    load_catalogue()
    known, likenesses, healthy = faults.load(), twins.load(), shapes.load()
    parts = [
        _HEAD.format(counts=_counts(known, likenesses, len(healthy))),
        _table("The checks", ("Check", "Only cause of", "Red besides, or among others, under"), _of_checks(known)),
        *_of_faults(known, likenesses),
        _table("Harmless likenesses", ("Twin", "What it is", "Of"), map(_twin, likenesses.values())),
        _pairs(),
        _table("Healthy in another shape", ("Shape", "What it is"), ([e.name, e.summary] for e in healthy.values())),
        _table("What has really gone wrong", ("Incident", "When", "Seen", "Why", "Faults"), map(list, _incidents())),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _counts(known: Mapping[str, Fault], likenesses: Mapping[str, Twin], healthy: int) -> str:
    families = len({fault.apply.__module__ for fault in known.values()})
    return _table("", ("Checks", "Faults", "of families", "Twins", "Pairs", "Shapes", "Incidents"), [
        [str(n) for n in (len(ordered()), len(known), families, len(likenesses), len(PAIRS), healthy, len(INCIDENTS))]
    ]).strip()  # fmt: skip


def _of_checks(known: Mapping[str, Fault]) -> Iterable[list[str]]:
    for check in ordered():
        alone, others = seen_by(check.id, known.values())
        yield [check.id, _names(alone), _names(others)]


def seen_by(check_id: str, known: Iterable[Fault]) -> tuple[list[str], list[str]]:
    """The faults whose only cause a check is, and the other ones that turn it red, by name."""
    red = [fault for fault in known if any(each.partition("[")[0] == check_id for each in fault.red)]
    alone = [fault.name for fault in red if fault.root == check_id and not fault.beside]
    return alone, [fault.name for fault in red if fault.name not in alone]


def _of_faults(known: Mapping[str, Fault], likenesses: Mapping[str, Twin]) -> Iterable[str]:
    for module in sorted({fault.apply.__module__ for fault in known.values()}):
        title = f"Faults: {module.rpartition('.')[2].replace('_', ' ')}"
        columns = ("Fault", "What it is", "Known from", "Red", "Named first", "Beside it", "Blocked", "Likeness")
        of_module = (fault for fault in known.values() if fault.apply.__module__ == module)
        yield _table(title, columns, (_fault(fault, likenesses) for fault in of_module))


def _fault(fault: Fault, likenesses: Mapping[str, Twin]) -> list[str]:
    alike = [twin.name for twin in likenesses.values() if fault.name in twin.of]
    first = f"{fault.root} (warns)" if fault.warns else fault.root
    asked = f" (with {' '.join(fault.asks)})" if fault.asks else ""
    return [
        fault.name, fault.summary + asked, fault.known_from, _names(fault.red), first, _names(fault.beside),
        _names(fault.blocks), _names(alike),
    ]  # fmt: skip


def _twin(twin: Twin) -> list[str]:
    return [twin.name, twin.summary, _names(twin.of)]


def _pairs() -> str:
    listed = "\n".join(f"- {name}" for name in PAIRED)
    said = f"Any two of these, {len(PAIRS)} pairs, are named as two causes, and neither hides the other:"
    return f"## Pairs\n\n{said}\n\n{listed}"


def _incidents() -> Iterable[tuple[str, ...]]:
    return ((each.id, each.when, each.seen, each.why, _names(each.faults)) for each in INCIDENTS)


def _names(names: Iterable[str]) -> str:
    return ", ".join(names)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = [f"## {title}", ""] if title else []
    lines = (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    return "\n".join([*head, f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *lines])


def matrix() -> str:
    """For a terminal: each check, by how many faults it is seen red, and of how many it is the only cause."""
    load_catalogue()
    known = faults.load()
    lines = []
    for check in ordered():
        alone, others = seen_by(check.id, known.values())
        seen = f"red under {len(alone) + len(others):>3}, alone under {len(alone):>2}"
        lines.append(f"{check.id:<18} {seen}: {', '.join(alone[:1])}")
    return "\n".join(lines)


def main(arguments: Sequence[str], said: Callable[[str], object] = sys.stdout.write) -> int:
    """Write the page and print the matrix, or with `--check` name a stale page. Goes out: the exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python -m selftests.matrix.proof [--check]\n")
        return 2
    text = render()
    if not arguments:
        PATH.write_text(text, encoding="utf-8")
        said(matrix() + "\n")
        return 0
    if PATH.is_file() and PATH.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/PROOF.md is not current: run make docs\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
