"""Whole values are found in every form; words of the estate file are nobody's secret, whatever they share with one."""

import string

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fixtures.doors.whole_values import WholeValues
from fixtures.model.encodings import fold, forms
from selftests.support.encoded_values import ESCAPES, LETTERS, NEIGHBOURS, VALUES, WAYS, encoded, related


@settings(deadline=None)
@given(VALUES, NEIGHBOURS, NEIGHBOURS, WAYS.filter(lambda way: way != len(ESCAPES) - 1))
def test_a_whole_value_is_found_in_every_form(value, before, after, way):
    values = WholeValues([])
    values.add(value)
    assert values.are_in(f"a={encoded(value, before, after, way)}; b")


@settings(deadline=None)
@given(related(), NEIGHBOURS, NEIGHBOURS, WAYS)
@example(("sso-conformance-secret", "sso-conformance-client"), "", "", len(ESCAPES))
def test_a_public_word_is_harmless_in_every_form(pair, before, after, way):
    secret, word = pair
    values = WholeValues([word])
    values.add(secret)
    assert not values.are_in(f"a={encoded(word, before, after, way)}; b")


@settings(deadline=None)
@given(VALUES, st.text(LETTERS, max_size=6), st.text(LETTERS, max_size=6), NEIGHBOURS, NEIGHBOURS, WAYS)
def test_a_word_that_holds_a_secret_is_harmless_and_the_secret_alone_is_not(secret, more, less, before, after, way):
    word = f"{more}x{secret}y{less}"
    values = WholeValues([word])
    values.add(secret)
    assert not values.are_in(encoded(word, before, after, way))
    assert values.are_in(f"[{secret}]")


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits, min_size=8, max_size=30), st.data())
def test_pieces_are_no_values(secret, data):
    cut = secret[: data.draw(st.integers(0, len(secret) - 1))]
    assume(not any(form.text in fold(cut) for form in forms(secret)))
    values = WholeValues([])
    values.add(secret)
    assert not values.are_in(f"[{cut}]")
