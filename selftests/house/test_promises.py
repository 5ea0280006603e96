"""What a check leaves behind and needs, as its observations declare it, is what people were promised."""

import tomllib
from pathlib import Path

import pytest

from fixtures.catalogue.explaining import load_catalogue, needs_of, side_effect_of
from fixtures.engine.checks import catalogue
from fixtures.exchange.side_effects import SIDE_EFFECTS

PROMISES = tomllib.loads(Path(__file__).with_name("promises.toml").read_text())
load_catalogue()


def entries_of(check_id):
    """What goes beyond the promise of a check."""
    return [entry for entry in PROMISES["beyond"] if check_id in entry["checks"]]


def promised(check_id):
    """Leaves and needs of a check by the table, with what goes beyond it for a reason."""
    row, beyond = PROMISES["checks"][check_id], entries_of(check_id)
    side_effect = [entry["leaves"] for entry in beyond if "leaves" in entry]
    return (side_effect or [row["leaves"]])[0], {
        *row["needs"],
        *(need for entry in beyond for need in entry.get("needs", ())),
    }


def test_every_check_has_its_row():
    assert set(PROMISES["checks"]) == set(catalogue)


@pytest.mark.parametrize("check_id", sorted(catalogue))
def test_a_check_keeps_its_promise(check_id):
    entry = catalogue[check_id]
    assert (side_effect_of(entry), set(needs_of(entry))) == promised(check_id)


@pytest.mark.parametrize("entry", PROMISES["beyond"], ids=lambda entry: " ".join(entry["checks"]))
def test_what_goes_beyond_says_why_and_is_no_more_than_it_says(entry):
    assert entry["reason"].strip()
    for check_id in entry["checks"]:
        row = PROMISES["checks"][check_id]
        assert not set(row["needs"]) & set(entry.get("needs", ()))
        assert "leaves" not in entry or SIDE_EFFECTS.index(entry["leaves"]) > SIDE_EFFECTS.index(row["leaves"])
        assert len(entries_of(check_id)) == 1
