"""Fields of answers that are absent, null, of a wrong type, huge, deep: a sample of what `mutate` tries."""

from __future__ import annotations

import json

import pytest

from selftests.hostile import mutate
from selftests.support.hostile.positions import KINDS, at, fits, mutated, places
from selftests.support.suite_runs import forked

SAMPLE = 160
PARTS = 2
DOCUMENT = {"items": [{"name": "a", "size": 5, "of": {"b": None}}, {}], "next": None}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutation_falls_short(part):
    table = forked(mutate.tried, f"--sample={SAMPLE // PARTS}", f"--part={part}/{PARTS}")
    assert table.short == {}
    assert table.verdicts.total() > SAMPLE // PARTS * 0.75
    # Most fields are nobody's business; that none mattered would mean that nothing was mutated.
    assert table.verdicts["UNHEALTHY"] > SAMPLE // PARTS * 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutation_is_of_the_one_place_alone(kind):
    body = json.dumps(DOCUMENT).encode()
    for path in places(DOCUMENT):
        if fits(kind, at(DOCUMENT, path), path) and kind not in ("bottomless", "a number of 5,000 digits"):
            changed = mutated(body, path, kind)
            assert changed != body
            if path and path[0] == "items" and len(path) > 1:
                assert json.loads(changed)["next"] is None
