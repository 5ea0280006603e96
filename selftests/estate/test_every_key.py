"""Each key of the lab's estate file with something in its place that cannot stand there: a complaint that names it."""

import copy
import re
import tomllib
from functools import cache

import pytest

from fixtures.estate import parse_estate
from fixtures.estate.suite import Bounds
from fixtures.model.errors import EstateError
from lab.files import ESTATE_TEXT

CANARY = "canary-5f0b7c2e"
DOCUMENT = (ESTATE_TEXT.parents[1] / "docs" / "ESTATE.md").read_text(encoding="utf-8")


@cache
def tables():
    return tomllib.loads(ESTATE_TEXT.read_text())


def leaves(held, place=()):
    """The place of each value that is no table and no list of tables."""
    entries = held.items() if isinstance(held, dict) else enumerate(held)
    for step, value in entries:
        deeper = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict | list))
        yield from leaves(value, (*place, step)) if deeper and value else [(*place, step)]


def at(place):
    held = tables()
    for step in place:
        held = held[step]
    return held


def with_value(place, value):
    changed = copy.deepcopy(tables())
    held = changed
    for step in place[:-1]:
        held = held[step]
    held[place[-1]] = value
    return changed


def told(read):
    with pytest.raises(EstateError) as caught:
        parse_estate(read, "x.toml")
    assert CANARY not in str(caught.value)
    return [complaint.place for complaint in caught.value.complaints]


def named(place):
    """The key as complaints call it; an entry of a list is its list's."""
    return next(step for step in reversed(place) if isinstance(step, str))


# One of each shape of place: of alike entries the first.
PLACES = list(
    {tuple("*" if isinstance(step, int) else step for step in place): place for place in leaves(tables())}.values()
)
URLS = [place for place in PLACES if isinstance(at(place), str) and at(place).startswith("http")]
TEXTS = [place for place in PLACES if isinstance(at(place), str)]
FLAGS = [place for place in PLACES if isinstance(at(place), bool)]


def test_there_is_something_to_look_at():
    assert len(PLACES) > 60
    assert len(URLS) > 5
    assert len(FLAGS) > 3


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_a_table_is_no_value(place):
    # What credentials and connect_to hold is a table by itself.
    found = told(with_value(place, {CANARY: {CANARY: CANARY}}))
    assert all(named(place) in each or named(place[:-1] or place) in each for each in found), found


@pytest.mark.parametrize("place", TEXTS, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize("value", ["", 7, True, float("nan"), f"{CANARY}\n", f" {CANARY} "], ids=repr)
def test_what_is_no_text(place, value):
    found = told(with_value(place, value))
    assert all(named(place) in each or named(place[:-1] or place) in each for each in found), found


@pytest.mark.parametrize("place", FLAGS, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize("value", ["yes", "true", 1, 0, "", []], ids=repr)
def test_what_is_no_flag(place, value):
    assert told(with_value(place, value))


@pytest.mark.parametrize("place", URLS, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize(
    "value",
    [
        f"https://{CANARY}:{CANARY}@x.example",
        f"https://x.example/#{CANARY}",
        "x.example",
        "https://",
        "https://x.example:99999",
        "https://x .example",
        "https://ü.example",
    ],
    ids=repr,
)
def test_what_is_no_address(place, value):
    found = told(with_value(place, value))
    assert all(named(place) in each for each in found), found


@pytest.mark.parametrize(
    "key", [key for key, field in Bounds.model_fields.items() if isinstance(field.default, int | float)]
)
@pytest.mark.parametrize(
    "value", ["5", True, float("nan"), float("inf"), -1, [], 10**400], ids=lambda value: repr(value)[:9]
)
def test_what_is_no_bound(key, value):
    assert told(tables() | {"bounds": {key: value}}) == [f"x.toml: bounds.{key}"]


def said_of(place):
    """What docs/ESTATE.md has in the column "Default" of a key."""
    *table, key = [step for step in place if isinstance(step, str)]
    heading = rf"## `\[+{re.escape('.'.join(table))}\]+`" if table else "## Top level"
    section = re.search(rf"^{heading}\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    row = section and re.search(rf"^\| `{re.escape(key)}` \| [^|]* \| ([^|]*) \|", section[1], re.MULTILINE)
    return row[1] if row else None


# Keys of a table that docs/ESTATE.md has a section for.
DESCRIBED = [place for place in PLACES if said_of(place) is not None]


def test_most_are_described():
    assert len(DESCRIBED) > 50


@pytest.mark.parametrize("place", DESCRIBED, ids=lambda place: ".".join(map(str, place)))
def test_what_is_said_to_be_required_is(place):
    changed = with_value(place, None)
    held = changed
    for step in place[:-1]:
        held = held[step]
    del held[place[-1]]
    try:
        parse_estate(changed, "x.toml")
    except EstateError as error:
        missing = [str(each) for each in error.complaints]
    else:
        missing = []
    said = said_of(place)
    if said.strip() == "**required**":
        assert any(f"add {place[-1]} = " in each for each in missing), missing
    elif "**required**" not in said:
        # Another key may need it: a kind that is left out is generic, which needs login_start.
        assert not any("this key is required" in each for each in missing), missing
