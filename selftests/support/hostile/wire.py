"""Bytes of HTTP/1.1 as no well-meaning server sends them. A number among them is a pause in seconds."""

from __future__ import annotations

import functools
import gzip
import itertools
import random
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

# What is said on a connection, to its end, given the body that a healthy estate answers with.
Said = Iterator[bytes | float]
Speaks = Callable[[bytes], Said]

PIECE: Final = 65536
# As much as an answer without an end, or one that unfolds, comes to: no more is ever made by these tests.
MOST: Final = 256 * 1024 * 1024
_BLOCK: Final = 1024 * 1024
_DRIPS: Final = 200
_random: Final = random.Random(15)


def head(*headers: str, status: str = "200 OK", media_type: str = "application/json") -> bytes:
    """The beginning of an answer after which the connection is closed."""
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {media_type}", "Connection: close", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(body: bytes, *headers: str, status: str = "200 OK", media_type: str = "application/json") -> Said:
    """An answer whose length is told."""
    yield head(f"Content-Length: {len(body)}", *headers, status=status, media_type=media_type)
    for at in range(0, len(body), PIECE):
        yield body[at : at + PIECE]


def instead(body: bytes) -> Speaks:
    """This body in place of the healthy one."""
    return lambda _: whole(body)


def with_status(body: bytes, status: str) -> Speaks:
    """This body behind another status."""
    return lambda _: whole(body, status=status)


def with_headers(*headers: str, status: str = "200 OK") -> Speaks:
    """The healthy body behind other headers, or another status."""
    return lambda body: whole(body, *headers, status=status)


def raw(*pieces: bytes | float) -> Speaks:
    """Just these bytes."""
    return lambda _: iter(pieces)


def chunk(piece: bytes) -> bytes:
    """A piece of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def endless(*headers: str, each: Callable[[bytes], bytes] = bytes, piece: bytes = b" " * PIECE) -> Speaks:
    """A body that does not end."""

    def speak(_: bytes) -> Said:
        yield head(*headers)
        for _sent in range(MOST // len(piece)):
            yield each(piece)

    return speak


def dripping(*headers: str, each: Callable[[bytes], bytes] = bytes) -> Speaks:
    """A body of which a byte comes now and then."""

    def speak(_: bytes) -> Said:
        yield head(*headers)
        for _sent in range(_DRIPS):
            yield each(b" ")
            yield 0.1

    return speak


def endless_lines(pause: float) -> Speaks:
    """A log that goes on, as with `follow`."""
    stamped = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000000000Z ".encode() + b'{"event": "hello", "level": "info"}\n'
    if not pause:
        return endless("Transfer-Encoding: chunked", each=chunk, piece=stamped * 500)
    return lambda _: itertools.chain([head(media_type="text/plain")], *itertools.repeat((stamped, pause), 200))


def half(*then: float) -> Speaks:
    """The beginning of the healthy body; more was announced."""
    return lambda body: iter([head("Content-Length: 99999"), body[:20], *then])


def dripping_head(_: bytes) -> Said:
    """Headers of which a byte comes now and then."""
    yield b"HTTP/1.1 200 OK\r\nX-Slow: "
    for _sent in range(_DRIPS):
        yield b"x"
        yield 0.1


def repeated(first: bytes, piece: bytes, times: int) -> Speaks:
    """The same bytes again and again."""

    def speak(_: bytes) -> Said:
        yield first
        for _sent in range(times):
            yield piece

    return speak


@functools.cache
def bomb(layers: int, form: str) -> bytes:
    """`MOST` spaces, compressed so often."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if form == "gzip" else 15)
    first = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush each block is packed alike: they are made once. What would come at the very end is left out.
    block = packer.compress(b" " * _BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = first + block * (MOST // _BLOCK)
    for _ in range(layers - 1):
        packed = gzip.compress(packed) if form == "gzip" else zlib.compress(packed, 9)
    return packed


def unfolding(layers: int, form: str = "gzip") -> Speaks:
    """A small body that becomes a large one."""
    named = ", ".join([form] * layers)
    return lambda _: whole(bomb(layers, form), f"Content-Encoding: {named}")


def unfolding_by(*forms: str) -> Speaks:
    """As `unfolding`, each layer of another form."""

    def speak(_: bytes) -> Said:
        packed = bomb(1, forms[0])
        for form in forms[1:]:
            packed = gzip.compress(packed) if form == "gzip" else zlib.compress(packed, 9)
        return whole(packed, f"Content-Encoding: {', '.join(forms)}")

    return speak


def in_members(number: int) -> Speaks:
    """The healthy body behind so many compressed nothings, each with a beginning and an end of its own."""
    return lambda body: whole(gzip.compress(b"") * number + gzip.compress(body), "Content-Encoding: gzip")


def each_member_unfolding(number: int) -> Speaks:
    """So many compressed parts, none of which is large."""
    return lambda _: whole(gzip.compress(b" " * _BLOCK) * number, "Content-Encoding: gzip")


def told_twice(other: bool = False) -> Speaks:
    """The healthy body, whose length is told twice, or beside another frame."""

    def speak(body: bytes) -> Said:
        length = f"Content-Length: {len(body)}"
        yield head(length, "Transfer-Encoding: chunked" if other else length)
        yield chunk(body) + chunk(b"") if other else body

    return speak


def chunked(extension: bytes = b"", *trailers: bytes) -> Speaks:
    """The healthy body in one chunk: with words behind its length, and headers behind its end."""

    def speak(body: bytes) -> Said:
        yield head("Transfer-Encoding: chunked")
        yield b"%x%b\r\n%b\r\n0\r\n" % (len(body), extension, body)
        for trailer in trailers:
            yield trailer + b"\r\n"
        yield b"\r\n"

    return speak


def dripping_chunk_size(_: bytes) -> Said:
    """A chunk's length of which a digit comes now and then."""
    yield head("Transfer-Encoding: chunked")
    for _sent in range(_DRIPS):
        yield b"0"
        yield 0.1


def of_http_1_0(body: bytes) -> Said:
    """The healthy body as it was sent before there were lengths."""
    yield b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
    yield body


def packed_twice(body: bytes) -> Said:
    """The healthy body, compressed twice, and said so."""
    return whole(gzip.compress(gzip.compress(body)), "Content-Encoding: gzip, gzip")


def noise(length: int) -> bytes:
    """Bytes that mean nothing, the same in each run."""
    return _random.randbytes(length)
