"""Whatever stands in an estate file, it is an estate, or a problem with its place: never a traceback, never a value."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.estate import load_estate
from fixtures.estate.estate import Estate
from fixtures.model.errors import EstateError
from lab.files import ESTATE_TEXT

TEXT = ESTATE_TEXT.read_text()
LINES = TEXT.splitlines()
ASSIGNED = [number for number, line in enumerate(LINES) if " = " in line and not line.startswith((" ", "#"))]
CANARY = "canary-5f0b7c2e"
# Values as TOML writes them, of every kind that an editor may leave in a place meant for another.
VALUES = st.one_of(
    st.sampled_from(["true", "0", "-1", "nan", "inf", "1e999", "[]", "{}", "[[]]", "2026-13-40", "1979-05-27", '""']),
    st.sampled_from(["https://[", "http://x:0", "a/b/c/d", "..", "*", "^(", "\u0000", "ſ", "A" * 3000]).map(json.dumps),
    st.text(max_size=20).map(json.dumps),
    st.just(f'"{CANARY} {CANARY}"'),
    st.just(f'{{ env = "{CANARY} {CANARY}", other = 1 }}'),
    st.text(max_size=20),
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(content: str | bytes) -> Estate | EstateError:
    """What comes of a file with that content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "estate.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        try:
            return load_estate(path)
        except EstateError as error:
            return error


def refuse_nothing_else(found):
    """An estate, or complaints that each name the file; none repeats what stood there as a value."""
    if isinstance(found, Estate):
        return
    lines = str(found).splitlines()
    assert lines
    assert all("estate.toml" in line for line in lines if not line.startswith(" ")), lines
    assert CANARY not in str(found)
    assert found.__cause__ is None


@given(st.sampled_from(ASSIGNED), VALUES)
@FEW
def test_another_value_in_any_place(number, value):
    key = LINES[number].partition(" = ")[0]
    changed = [*LINES[:number], f"{key} = {value}", *LINES[number + 1 :]]
    refuse_nothing_else(read("\n".join(changed)))


@given(st.integers(0, len(TEXT)), st.integers(0, 200))
@FEW
def test_a_piece_cut_out(start, length):
    refuse_nothing_else(read(TEXT[:start] + TEXT[start + length :]))


@given(st.lists(st.sampled_from(LINES), max_size=30))
@FEW
def test_lines_in_any_order_and_number(lines):
    refuse_nothing_else(read("\n".join(lines)))


@given(st.binary(max_size=300))
@FEW
def test_bytes_of_any_kind(content):
    assert isinstance(read(content), EstateError)
