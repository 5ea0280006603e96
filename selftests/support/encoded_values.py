"""Values of secrets in the forms that a text may have them in."""

import base64
import html
import json
import string
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

LETTERS = string.ascii_letters + string.digits + '-_.:/ +%&"'
ESCAPES = [
    str,
    lambda text: quote(text, safe=""),
    quote_plus,
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: json.dumps(text)[1:-1],
    lambda text: repr(text)[1:-1],
    html.escape,
    lambda text: text.encode().hex(),
]


def encoded(text, before, after, way):
    """`text` in one of its forms: ways from ESCAPES, else in Base64 with neighbours, plain and URL-safe."""
    if way < len(ESCAPES):
        return ESCAPES[way](text)
    encode = (base64.b64encode, base64.urlsafe_b64encode)[way - len(ESCAPES)]
    return encode(f"{before}{text}{after}".encode()).decode()


WAYS = st.integers(0, len(ESCAPES) + 1)
NEIGHBOURS = st.text(".|", max_size=3)
# Long enough to be sought in Base64 with what is lost at either end.
VALUES = st.text(LETTERS, min_size=12, max_size=30)


@st.composite
def related(draw):
    """A secret and a public word that share their beginnings, ends or middles, but neither is part of the other."""
    shared = draw(VALUES)
    kinds = st.sampled_from(["{0}{1}", "{1}{0}", "{1}{0}{1}"])
    secret = draw(kinds).format(shared, draw(st.text(string.ascii_lowercase, min_size=4, max_size=8)))
    word = draw(kinds).format(shared, draw(st.text(string.digits, min_size=4, max_size=8)))
    return secret, word
