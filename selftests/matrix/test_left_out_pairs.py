"""Two optional things left out at once: a sample that is the same each time (all: `left_out_pairs`, by hand)."""

import pytest

from selftests.matrix.left_out_pairs import WHOLE, Pair, complaints, pairs, refused, sample
from selftests.support.left_out import run_described, without
from selftests.support.suite_runs import RunOf, SuiteRun

TRIED = sample(12)


@pytest.fixture(scope="module")
def healthy(made_once: RunOf) -> SuiteRun:
    return made_once(run_described, WHOLE)


@pytest.mark.parametrize("pair", TRIED, ids=" and ".join)
def test_a_pair_that_is_left_out_is_neither_red_nor_healthy(pair: Pair, healthy: SuiteRun):
    assert not complaints(pair, healthy)


def test_the_sample_is_of_many_and_most_of_it_is_read():
    assert len(pairs()) > 1000
    assert len(set(TRIED)) == len(TRIED)
    assert sum(not refused(without(without(WHOLE, a), b)) for a, b in TRIED) > len(TRIED) // 4
