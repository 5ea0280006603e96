"""The redactor: no secret, in no encoding, whole or in pieces."""

import base64
import html
import json
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.model.redaction import MASK, PIECE, Redactor

SECRET = 's3cr3t/With+odd=chars&"quotes"-and-more-of-it'


def redactor_knowing(*values: str) -> Redactor:
    redactor = Redactor()
    for value in values:
        redactor.learn(value)
    return redactor


ENCODINGS = [
    str,
    lambda value: quote(value, safe=""),
    quote_plus,
    lambda value: json.dumps({"a": value}),
    repr,
    html.escape,
    lambda value: base64.b64encode(value.encode()).decode(),
    lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    lambda value: base64.b64encode(f"client:{value}".encode()).decode(),
    lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    lambda value: quote(quote(value, safe=""), safe=""),
]
# The same without what is put around the value, of which fragments are cut.
BARE = [
    *(encode for encode in ENCODINGS if encode("x") in ("x", "eA==")),
    lambda value: json.dumps(value)[1:-1],
    lambda value: repr(value)[1:-1],
    lambda value: base64.b64encode(b"." + value.encode()).decode()[4:],
    lambda value: base64.b64encode(b".." + value.encode()).decode()[4:],
]
# At either end of a Base64 text up to four characters hold bits of their neighbours as well, and tell three bytes.
NEIGHBOURS = 4


@pytest.mark.parametrize("encode", ENCODINGS)
def test_every_encoding_is_masked(encode):
    cleaned = redactor_knowing(SECRET).clean(f"before {encode(SECRET)} after")
    assert MASK in cleaned
    assert "With" not in cleaned
    assert encode(SECRET)[8:20] not in cleaned
    assert cleaned.startswith("before ")


def test_what_saferepr_leaves_of_a_long_value_is_masked():
    long_secret = "".join(string.ascii_letters[i * 7 % 52] for i in range(300))
    cut = f"{long_secret[:60]}...{long_secret[-60:]}"
    cleaned = redactor_knowing(long_secret).clean(f"'{cut}'")
    assert cleaned == f"'{MASK}...{MASK}'"


@settings(deadline=None)
@given(st.text(string.ascii_letters + string.digits + "-_/+=", min_size=PIECE, max_size=60), st.data())
def test_no_piece_of_twelve_survives(secret, data):
    start = data.draw(st.integers(0, len(secret) - PIECE))
    piece = secret[start : start + PIECE]
    assert piece not in redactor_knowing(secret).clean(f"<<{piece}>>")


@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=PIECE, max_size=60),
    st.sampled_from(BARE),
    st.data(),
)
def test_no_fragment_survives_any_encoding_and_any_cut(secret, encode, data):
    """Two fragments with what saferepr puts between them, in a sentence: nothing of use is left of either."""
    encoded = encode(secret)
    first = encoded[: data.draw(st.integers(PIECE, len(encoded)), "cut after")]
    last = encoded[data.draw(st.integers(0, len(encoded) - PIECE), "cut before") :]
    cleaned = redactor_knowing(secret).clean(f"<{first}...{last}>")
    length = PIECE + NEIGHBOURS
    runs = {secret[i : i + PIECE] for i in range(len(secret) - PIECE + 1)}
    runs |= {encoded[i : i + length] for i in range(len(encoded) - length + 1)}
    assert not [run for run in runs if run in cleaned]


@settings(deadline=None)
@given(st.text(max_size=200))
def test_text_without_secrets_and_names_is_left_alone(text):
    plain = "".join(character for character in text if character not in "=:%" and character.isascii())
    if "bearer" in plain.lower() or "basic" in plain.lower() or "eyj" in plain.lower():
        return
    assert redactor_knowing("completely-unrelated-secret-value").clean(plain) == plain


@pytest.mark.parametrize(
    "text",
    [
        "https://auth/callback?code=abc123def&state=qwerty",
        "Authorization: Bearer abcdefghijkl",
        "Set-Cookie: authentik_session=abcdef; Path=/",
        "client_secret=hunter2hunter2",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "redirect%3Fstate%3Dqwerty",
    ],
)
def test_what_must_be_a_secret_by_its_name_is_masked(text):
    cleaned = Redactor().clean(text)
    assert MASK in cleaned
    for value in ("abc123def", "qwerty", "abcdefghijkl", "authentik_session=abcdef", "hunter2", "c2lnbmF0dXJl"):
        assert value not in cleaned


def test_names_of_the_estate_stay_readable():
    redactor = Redactor()
    redactor.allow(["sso-conformance-client"])
    redactor.learn("sso-conformance-client-secret-0123456789")
    cleaned = redactor.clean("client sso-conformance-client has sso-conformance-client-secret-0123456789")
    assert cleaned.startswith("client sso-conformance-client has ")
    assert "secret-0123456789" not in cleaned


def test_short_secrets_are_masked_whole_and_tiny_ones_not_at_all():
    redactor = redactor_knowing("hunter2", "abc")
    assert redactor.clean("pw hunter2, abc") == f"pw {MASK}, abc"


CUTS = ("cookie:", "authorization: Bearer ", "state=", SECRET, SECRET[:20], "multi\nline-secret", "\n\0\n")


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from((*CUTS, "", "\r", "\n", "x")), max_size=3).map("".join), max_size=6))
def test_texts_looked_at_together_come_out_as_one_by_one(texts):
    redactor = redactor_knowing(SECRET, "multi\nline-secret")
    assert redactor.clean_all(texts) == [redactor.clean(text) for text in texts]
