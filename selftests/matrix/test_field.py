"""docs/FIELD.md: what was seen on real estates has something that stands for it in the lab, and a verdict."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from lab import faults, shapes, variants

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "FIELD.md").read_text(encoding="utf-8")
KNOWN: Final = {"F": faults.load(), "V": variants.load(), "S": shapes.load()}
# "F `one` `two`, S `three`": a letter, and the names that follow it; a self-test stands by itself.
NAMES: Final = re.compile(r"(?:\b(?P<letter>[FVS]) )?`(?P<name>[^`]+)`")


class Row(NamedTuple):
    """A case, and what stands for it: the letter of its kind, empty for a self-test, and its name."""

    case: str
    stands: tuple[tuple[str, str], ...]
    before: str
    now: str


def rows(page: str) -> Iterator[Row]:
    """The rows of its tables; the last three columns are the same in all."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("| ") or cells[-1] == "Now":
            continue
        *case, stands, before, now = cells
        yield Row(" ".join(case), tuple(_names(stands)), before, now)


def _names(cell: str) -> Iterator[tuple[str, str]]:
    letter = ""
    for part in cell.split(","):
        for found in NAMES.finditer(part):
            letter = found["letter"] or ("" if "/" in found["name"] else letter)
            yield letter, found["name"]


ROWS: Final = tuple(rows(PAGE))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.case[:50])
def test_what_stands_for_a_case_exists(row: Row):
    assert row.stands, "nothing stands for it"
    assert row.before
    assert row.now
    for letter, name in row.stands:
        if "/" in name:
            path, _, test = name.partition("::")
            assert (ROOT / path).is_file(), name
            assert f"def {test}" in (ROOT / path).read_text(encoding="utf-8"), name
        else:
            assert name in KNOWN[letter], name
            # What is not judged rightly yet is said to be so.
            assert bool(KNOWN[letter][name].pending) <= ("not yet" in row.now), name


def test_the_page_has_rows():
    assert len(ROWS) > 30
    assert len({row.case for row in ROWS}) == len(ROWS)
