"""Whole numbers in texts from outside: what is one, and what `int` would take or break on."""

import pytest

from fixtures.model.numbers import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("42", 42), ("-1", -1), ("9" * 18, 10**18 - 1)])
def test_a_whole_number_is_read(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "-", "1.5", " 1", "1_000", "+1", "²", "٣", "Fri, 31 Dec 1999 23:59:59 GMT", "9" * 19, "9" * 5000],
    ids=["empty", "sign", "fraction", "blank", "underscore", "plus", "superscript", "arabic", "date", "19", "5000"],
)
def test_nothing_else_is(text):
    assert whole_number(text) is None
