"""Bad answers of every kind, at every door: bounded in time and memory, told in one sentence, and never green."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pytest

from selftests.support.hostile.corpus import corpus
from selftests.support.hostile.running import Runs, bench

CASES = corpus()


def test_the_corpus_is_large():
    assert len(CASES) >= 150


@pytest.fixture(scope="module")
def run() -> Iterator[Runs]:
    """What runs a case."""
    with bench() as runs:
        yield runs


@pytest.mark.parametrize("name", CASES)
def test_a_bad_answer_is_bounded_and_told(name, run, record_property):
    result = run(name)
    record_property("hostile", asdict(result))
    assert not result.short, f"{result.verdict}: {result.causes[:2]}"
