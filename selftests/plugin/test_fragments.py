"""What is found of kept texts is exactly what a naive search finds; and keeping them costs little."""

import base64
import random
import string
import threading
import tracemalloc

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fixtures.model.encodings import Form, as_it_is
from fixtures.model.fragments import PIECE, Fragments
from fixtures.model.public_words import PublicWords
from fixtures.model.redaction import MASK, Redactor
from fixtures.model.short_forms import ShortForms
from selftests.support.encoded_values import NEIGHBOURS, WAYS, encoded, related


def places(spans):
    return {at for start, end in spans for at in range(start, end)}


def found(kept, text, words=()):
    fragments = Fragments()
    for value in kept:
        fragments.add(Form(value.encode(), as_it_is))
    return places(fragments.spans(text.encode(), PublicWords(words).private))


def naive(kept, text, words=()):
    """Every piece of every text, looked for at every position."""
    pieces = {value[at : at + PIECE] for value in kept for at in range(len(value) - PIECE + 1)}
    pieces = {piece for piece in pieces if not any(piece in word for word in words)}
    starts = (at for at in range(len(text) - PIECE + 1) if text[at : at + PIECE] in pieces)
    return {at + step for at in starts for step in range(PIECE)}


@st.composite
def cuttings(draw, letters):
    """Texts to keep, and one that is made of pieces of them and of others."""
    kept = draw(st.lists(st.text(letters, min_size=PIECE, max_size=60), min_size=1, max_size=12))
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        value = draw(st.sampled_from(kept))
        start = draw(st.integers(0, len(value)))
        parts += [draw(st.text(letters, max_size=9)), value[start : draw(st.integers(start, len(value)))]]
    return kept, "".join(parts)


# Two letters: everything is like everything else, and slots are crowded.
@settings(deadline=None)
@given(cuttings("ab"), st.lists(st.text("ab", min_size=1, max_size=30), max_size=3))
@example((["a" * 18 + "bbbabaabbaa", "aaaaaaababaabbaaaaaaa"], "abbbabaabbaaaaaaa"), [])  # begins before a longer one
def test_what_is_found_is_what_a_naive_search_finds(cutting, words):
    kept, text = cutting
    assert found(kept, text, words) == naive(kept, text, words)


@settings(deadline=None)
@given(cuttings(string.ascii_letters + "-_%"))
def test_so_it_is_with_many_letters(cutting):
    assert found(*cutting) == naive(*cutting)


def searched_while_kept(kept, text):
    """What is found in a text that was searched before as well, each time that one more is kept."""
    fragments = Fragments()
    for number, value in enumerate(kept, 1):
        fragments.add(Form(value.encode(), as_it_is))
        yield kept[:number], places(fragments.spans(text.encode(), PublicWords().private))


@settings(deadline=None)
@given(cuttings("ab") | cuttings("abcdefghijkl"))
def test_so_it_is_where_the_text_was_searched_before(cutting):
    for kept, seen in searched_while_kept(*cutting):
        assert seen == naive(kept, cutting[1])


@pytest.mark.parametrize("before", range(8))
@pytest.mark.parametrize("cut", range(8))
def test_a_run_that_held_nothing_is_searched_again_for_a_single_piece(before, cut):
    text = string.digits[:before] + string.ascii_lowercase[cut : cut + PIECE] + string.digits
    kept = (string.digits + string.ascii_lowercase)[::-1], string.ascii_lowercase
    (_, nothing), (_, seen) = searched_while_kept(kept, text)
    assert not nothing
    assert seen == set(range(before, before + PIECE))


def test_what_is_kept_while_others_search_is_found_from_then_on():
    fragments, texts = Fragments(), [value.encode() for value in values(300, 40)]
    over = threading.Event()

    def search():
        while not over.is_set():
            for text in texts:
                fragments.spans(text, PublicWords().private)

    searching = [threading.Thread(target=search) for _ in range(4)]
    for each in searching:
        each.start()
    try:
        for text in texts:
            fragments.add(Form(text, as_it_is))
            assert fragments.spans(text, PublicWords().private) == [(0, len(text))]
    finally:
        over.set()
        for each in searching:
            each.join()


@pytest.mark.parametrize("start", range(19))
def test_what_hundreds_of_texts_share_is_found_as_well(start):
    """More texts around one word than a slot holds; of each that comes later there is no more than a piece."""
    some = random.Random(1)
    kept = ["".join(some.choices("xyz", k=9)) + "https://auth" + "".join(some.choices("xyz", k=9)) for _ in range(200)]
    text = "!".join(value[start : start + PIECE] for value in kept[100:])
    assert found(kept, text) == naive(kept, text) != set()


@settings(deadline=None)
@given(st.text(string.ascii_letters, min_size=40, max_size=60), st.integers(0, 39))
def test_what_is_equal_again_after_a_difference_is_found_too(value, changed):
    text = f"{value[:changed]}-{value[changed + 1 :]}"
    assert found([value], text) == naive([value], text)


def test_one_letter_without_end_is_found_whole_and_soon():
    """Every place is like every other: they are not all compared with each other."""
    kept, compared = Fragments(), []
    kept.add(Form(b"a" * 5000, as_it_is))

    def private(common):
        compared.append(common)
        return PublicWords().private(common)

    assert places(kept.spans(b"b" + b"a" * 100_000, private)) == set(range(1, 100_001))
    assert len(compared) < 1000  # it was one for each letter, and each took 5,000 steps


@settings(deadline=None)
@given(st.lists(st.text("abcd", min_size=4, max_size=PIECE - 1), max_size=120), st.text("abcd", max_size=60))
def test_short_forms_are_found_whole_however_many_there_are(forms, text):
    short = ShortForms()
    for form in forms:
        short.add(form.encode())
    ends = ((at, at + len(form)) for form in forms for at in range(len(text)) if text.startswith(form, at))
    assert places(short.spans(text.encode())) == places(ends)


@settings(deadline=None)
@given(related(), NEIGHBOURS, NEIGHBOURS, WAYS)
@example(("sso-conformance-client-secret", "sso-conformance-client"), "", "", 8)
def test_a_public_word_stays_readable_in_every_form(pair, before, after, way):
    secret, word = pair
    redactor = Redactor()
    redactor.learn(secret)
    redactor.allow([word])
    text = f"<{encoded(word, before, after, way)}>"
    assume("Basic" not in text and "Bearer" not in text and "=" not in word)
    assert redactor.clean(text) == text


@settings(deadline=None)
@given(related(), NEIGHBOURS, NEIGHBOURS)
def test_what_a_secret_has_and_the_word_does_not_is_masked_in_base64(pair, before, after):
    secret, word = pair
    redactor = Redactor()
    redactor.allow([word])
    redactor.learn(secret)
    cleaned = redactor.clean(base64.b64encode(f"{before}{secret}{after}".encode()).decode())
    assert MASK in cleaned
    assert all(len(part) < 4 * len(word) // 3 + 16 for part in cleaned.split(MASK))


def values(count, length):
    some = random.Random(1)
    return ["".join(some.choices(string.ascii_letters + string.digits, k=length)) for _ in range(count)]


def test_a_value_costs_a_few_bytes_for_each_character():
    redactor, kept = Redactor(), values(60, 4096)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for value in kept:
        redactor.learn(value)
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert taken < 20 * sum(map(len, kept))


@pytest.mark.parametrize("length", [6, 40, 3000])
def test_what_passes_by_is_forgotten_when_there_is_too_much_of_it(length):
    redactor = Redactor(most_bytes=400_000)
    redactor.learn("an-estates-own-credential", stays=True)
    flood = values(400, length) if length > 40 else values(4000, length)
    for value in flood:
        redactor.learn(value)
    assert redactor.forgotten > len(flood) // 2
    assert redactor.clean("an-estates-own-credential") == MASK
    assert redactor.clean(flood[-1]) == MASK
    assert redactor.clean(flood[0]) == flood[0]


def test_of_a_larger_estate_more_is_remembered():
    flood = values(100, 3000)
    redactor = Redactor(most_bytes=400_000)
    redactor.allow(f"app-{number}.example.org" for number in range(2000))
    for value in flood:
        redactor.learn(value)
    assert not redactor.forgotten
    assert redactor.clean(flood[0]) == MASK


def test_all_that_the_applications_of_an_estate_give_is_remembered():
    # As the lab's do, with a gate each: so many words of the estate file, cookies and codes.
    applications = 30
    redactor = Redactor(most_bytes=0)
    redactor.allow(f"word-{number}.example.org" for number in range(8 * applications))
    for value in values(41 * applications, 95):
        redactor.learn(value)
    assert not redactor.forgotten
