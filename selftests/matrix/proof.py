"""docs/PROOF.md: what green is worth. Written from what faults, variants and shapes declare, which self-tests prove.

`python -m selftests.matrix.proof` writes it and prints the matrix; with `--check` it says whether the file is current.
Nothing in it depends on the machine: no time, no duration.
"""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from fixtures.catalogue.explaining import load_catalogue, ordered
from fixtures.model.command_line import BAD_INPUT
from lab import faults, shapes, variants
from lab.faults import Fault
from lab.incidents import INCIDENTS
from lab.registry import Change
from lab.variants import Variant
from selftests.matrix.pairs import PAIRED, PAIRS

PATH: Final = Path(__file__).parents[2] / "docs" / "PROOF.md"
_HEAD: Final = """# What green is worth

Written by `make docs` from what the lab's faults declare; do not edit. `make prove` runs all of it: the suite once for
each fault and pair, and for all harmless variants, each run in a process of its own. The self-tests fail for anything
that is not as it stands here; `make test` puts a fault before those checks alone that it declares, and their families.

A run under a fault must turn red what the fault declares, and nothing else. It must name the declared cause first, with
words and a way out, and the other declared ones; it may block what is declared, and nothing else. A harmless variant
of it must leave everything green. A check that is never the only cause fails the self-tests.

{counts}

See one: `pytest --lab --lab-fault NAME`, for variants too. Where a fault is known from `recordings/` or `facts/`, a
real Authentik, Traefik or ArgoCD was seen to do so; those notes are not in this repository. A runbook section is one
of [CHECKS.md](CHECKS.md). A cause that warns makes the verdict DEGRADED.
"""


def render() -> str:
    """The page as Markdown."""
    load_catalogue()
    known, harmless, healthy = _settled(faults.load()), _settled(variants.load()), _settled(shapes.load())
    parts = [
        _HEAD.format(counts=_counts(known, harmless, len(healthy))),
        _table("The checks", ("Check", "Only cause of", "Red besides, or among others, under"), _of_checks(known)),
        *_of_faults(known, harmless),
        _table("Harmless variants", ("Variant", "What it is", "Of"), map(_variant, harmless.values())),
        _pairs(),
        _table("Healthy in another shape", ("Shape", "What it is"), ([e.name, e.summary] for e in healthy.values())),
        _table("Not yet", ("Change of the lab", "What it is", "What the suite makes of it today"), _pending()),
        _table("What has really gone wrong", ("Incident", "When", "Seen", "Why", "Faults"), map(list, _incidents())),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


Kind = TypeVar("Kind", bound=Change)


def _settled(changes: Mapping[str, Kind]) -> dict[str, Kind]:
    """Those of which the suite makes what they declare; the self-tests hold the others to be otherwise."""
    return {name: change for name, change in changes.items() if not change.pending}


def _pending() -> Iterable[list[str]]:
    for kind in (faults.load(), variants.load(), shapes.load()):
        yield from ([each.name, each.summary, each.pending] for each in kind.values() if each.pending)


def _counts(known: Mapping[str, Fault], harmless: Mapping[str, Variant], healthy: int) -> str:
    families = len({fault.apply.__module__ for fault in known.values()})
    return _table("", ("Checks", "Faults", "of families", "Variants", "Pairs", "Shapes", "Incidents"), [
        [str(n) for n in (len(ordered()), len(known), families, len(harmless), len(PAIRS), healthy, len(INCIDENTS))]
    ]).strip()  # fmt: skip


def _of_checks(known: Mapping[str, Fault]) -> Iterable[list[str]]:
    for check in ordered():
        alone, others = seen_by(check.id, known.values())
        yield [check.id, _names(alone), _names(others)]


def seen_by(check_id: str, known: Iterable[Fault]) -> tuple[list[str], list[str]]:
    """The faults whose only cause a check is, and the other ones that turn it red, by name."""
    red = [fault for fault in known if any(each.partition("[")[0] == check_id for each in fault.turns_red)]
    alone = [fault.name for fault in red if fault.root == check_id and not fault.other_roots]
    return alone, [fault.name for fault in red if fault.name not in alone]


def _of_faults(known: Mapping[str, Fault], harmless: Mapping[str, Variant]) -> Iterable[str]:
    for module in sorted({fault.apply.__module__ for fault in known.values()}):
        title = f"Faults: {module.rpartition('.')[2].replace('_', ' ')}"
        columns = ("Fault", "What it is", "Known from", "Red", "Named first", "Also named", "Blocked", "Variants")
        of_module = (fault for fault in known.values() if fault.apply.__module__ == module)
        yield _table(title, columns, (_fault(fault, harmless) for fault in of_module))


def _fault(fault: Fault, harmless: Mapping[str, Variant]) -> list[str]:
    alike = [variant.name for variant in harmless.values() if fault.name in variant.of]
    first = f"{fault.root} (warns)" if fault.warns else fault.root
    asked = f" (with {' '.join(fault.options)})" if fault.options else ""
    return [
        fault.name, fault.summary + asked, fault.known_from, _names(fault.turns_red), first, _names(fault.other_roots),
        _names(fault.blocks), _names(alike),
    ]  # fmt: skip


def _variant(variant: Variant) -> list[str]:
    return [variant.name, variant.summary, _names(variant.of)]


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
    known = _settled(faults.load())
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
        return BAD_INPUT
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
