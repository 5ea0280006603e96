"""Bodies are bounded at every layer of compression, and are what they say that they are."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.doors.bounded import Unusable, whole_body

LARGE = b"x" * 100_000
PACKERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}


@given(st.binary(max_size=300), st.lists(st.sampled_from(sorted(PACKERS)), max_size=5), st.integers(1, 50))
def test_what_is_packed_is_unpacked(body, layers, size):
    packed = body
    for name in layers:
        packed = PACKERS[name](packed)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert whole_body(pieces, ", ".join(layers), 2000) == body


def test_deflate_without_a_frame_is_unpacked():
    packer = zlib.compressobj(wbits=-15)
    assert whole_body([packer.compress(b"hello") + packer.flush()], "deflate", 100) == b"hello"


def test_several_members_of_gzip_are_one_body():
    assert whole_body([gzip.compress(b"a") + gzip.compress(b"b")], "gzip", 100) == b"ab"


@pytest.mark.parametrize(
    ("body", "encodings"),
    [
        (LARGE, ""),
        (gzip.compress(LARGE), "gzip"),
        (gzip.compress(gzip.compress(LARGE)), "gzip, gzip"),
        (zlib.compress(zlib.compress(LARGE)), "deflate,deflate"),
        (gzip.compress(LARGE[:900]) * 2, "gzip"),
    ],
    # Without names their bytes would be one, in which gzip writes the time: another one in each process.
    ids=["plain", "gzip", "gzip-twice", "deflate-twice", "members"],
)
def test_what_is_too_large_is_refused(body, encodings):
    with pytest.raises(Unusable, match="larger than 1,000 bytes"):
        whole_body([body], encodings, 1000)


def test_layers_are_counted():
    with pytest.raises(Unusable, match="compressed 9 times"):
        whole_body([b"x"], ", ".join(["gzip"] * 9), 1000)


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_what_is_none_of_it_is_refused(name):
    with pytest.raises(Unusable, match=f"says that it is {name}, and is not"):
        whole_body([b"hello"], name, 1000)


def test_half_of_it_is_refused():
    with pytest.raises(Unusable, match="ends before its end"):
        whole_body([gzip.compress(LARGE)[:-20]], "gzip", 200_000)


@pytest.mark.parametrize("encodings", ["", "identity", "rot13"])
def test_what_nobody_asked_for_is_left_as_it_is(encodings):
    assert whole_body([b"he", b"llo"], encodings, 1000) == b"hello"
