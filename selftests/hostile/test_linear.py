"""Every expression that the suite looks through outside texts with takes time in proportion to their length."""

from __future__ import annotations

import multiprocessing
import re
import resource

import pytest

from fixtures.model.limits import LONGEST_LOG_TEXT
from selftests.support.hostile.pumping import LONG, Expression, expressions, logged

# Of processor time, not by the clock: far beyond what a linear search takes, far below what another one does.
SECONDS = 5
EXPRESSIONS = expressions()
LOGGED = logged()
QUADRATIC = Expression(re.compile(r"[\w.]+@"))


def comes_to_an_end(expression: Expression, length: int = LONG, seconds: int = SECONDS) -> bool:
    """Whether all its long texts are looked through before the process that does it has used up its time."""
    process = multiprocessing.get_context("fork").Process(target=_look, args=(expression, length, seconds))
    process.start()
    process.join()
    return process.exitcode == 0


def _look(expression: Expression, length: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    expression.look_through(length)


def test_expressions_are_found():
    assert len(EXPRESSIONS) > 50
    assert len(LOGGED) > 30


def test_one_that_is_not_linear_is_noticed():
    assert not comes_to_an_end(QUADRATIC, seconds=2)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_is_linear(name):
    assert comes_to_an_end(EXPRESSIONS[name])


@pytest.mark.parametrize("name", LOGGED)
def test_an_expression_of_the_log_catalogue_is_linear_or_its_text_is_bounded(name):
    assert comes_to_an_end(LOGGED[name], LONGEST_LOG_TEXT)
