"""`python -m selftests.benchmarks.drifting [NAME …]`: which faults and variants of the lab a drift names.

Each is looked at beside the lab's own estate file, as that shape and release have it. Where nothing is named, the draft
of the healthy lab is compared with that of the changed one: what a draft reads has changed there, and the file does not
declare it; or nothing that a draft reads has. Of faults whose lab cannot be looked at as a whole, what was not seen is
named in its place.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from fixtures.draft.findings import Draft
from fixtures.model.errors import SuiteError
from lab.faults import load as load_faults
from lab.registry import Change
from lab.variants import load as load_variants
from selftests.support.drafts import arrangement_of, drafting

NAMED, NOT_SEEN, UNDECLARED, UNCHANGED = "named", "not seen, and told", "changed, not declared", "nothing a draft reads"


class Told(NamedTuple):
    """What becomes of a change: one of the words above, and the sentences that show it."""

    word: str
    why: tuple[str, ...] = ()


def main(arguments: list[str]) -> None:
    """Look at each; all faults and variants where none is named."""
    changes: dict[str, Change] = {**load_faults(), **load_variants()}
    told = {name: told_of(changes[name]) for name in arguments or changes}
    for word, count in Counter(each.word for each in told.values()).most_common():
        print(f"{count:4} of {len(told)} {word}")
    for name, each in told.items():
        if each.word != UNCHANGED:
            print(f"  {each.word}: {name}: {'; '.join(each.why)[:300]}")
    for module, names in sorted(_by_module(changes[name] for name, each in told.items() if each.word == UNCHANGED)):
        print(f"  {UNCHANGED}: {module}: {', '.join(names)}")


def _by_module(changes: Iterable[Change]) -> Iterator[tuple[str, list[str]]]:
    """The changes of each module of the lab, by what that says of itself: answers, pages, times, states, logs."""
    ordered = sorted(changes, key=lambda change: change.apply.__module__)
    for name, found in groupby(ordered, key=lambda change: change.apply.__module__):
        says = (sys.modules[name].__doc__ or name).strip().partition("\n")[0].rstrip(".")
        yield f"{name.removeprefix('lab.')} ({says})", [change.name for change in found]


def told_of(change: Change) -> Told:
    """What a drift and a draft say of one change of the lab."""
    of_lab, _ = arrangement_of(getattr(change, "options", ()))
    with tempfile.TemporaryDirectory() as folder:
        with drafting(Path(folder), change.name, **of_lab) as lab:
            try:
                drift, changed = lab.drift(), lab.draft()
            except SuiteError as error:
                return Told(NOT_SEEN, (str(error),))
        if drift.differences:
            return Told(NAMED, tuple(each.sentence for each in drift.differences))
        if drift.not_compared:
            return Told(NOT_SEEN, drift.not_compared)
        with drafting(Path(folder), **of_lab) as lab:
            seen = sorted(_said(changed) ^ _said(lab.draft()))
    return Told(UNDECLARED, tuple(seen)) if seen else Told(UNCHANGED)


def _said(draft: Draft) -> set[str]:
    """Every line and question of a draft, with its place."""
    lines = {
        f"{table.name} {table.get('name') or ''}: {line.key} = {said.value!r} ({said.source})"
        for table in (draft.top, *draft.tables)
        for line in (*table.lines, *table.usual)
        for said in line.said
    }
    return {*lines, *draft.decisions, *draft.remarks}


if __name__ == "__main__":
    main(sys.argv[1:])
