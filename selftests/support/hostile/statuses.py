"""Answers with every other status than the one that was asked for, and what servers and proxies say with it."""

from __future__ import annotations

import itertools
from typing import Final

from selftests.support.hostile import wire
from selftests.support.hostile.kinds import Kind
from selftests.support.hostile.wire import Said, Speaks

_PAGE: Final = b"<!doctype html><html><head><title>Sorry</title></head><body><h1>Try again later</h1></body></html>"
_NO_STATUS: Final = (
    "205 Reset Content",
    "226 IM Used",
    "300 Multiple Choices",
    "301 Moved Permanently",
    "305 Use Proxy",
)
_STATUSES: Final = (
    "400 Bad Request", "401 Unauthorized", "402 Payment Required", "403 Forbidden", "404 Not Found", "407 Proxy",
    "408 Timeout", "413 Too Large", "417 Expectation Failed", "418 Teapot", "421 Misdirected", "425 Too Early",
    "431 Headers", "451 Legal", "500 Broken", "501 Not Made", "502 Bad Gateway", "503 Unavailable", "504 Timeout",
    "505 Version", "511 Network Authentication Required", "520 Unknown", "599 Timeout", "999 Request denied",
)  # fmt: skip
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_RETRY_AFTER: Final = ("86400", "0", "-5", "1e9", "9" * 400, "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "", "1, 2")


def _page(status: str, *headers: str) -> Speaks:
    return lambda _: wire.whole(_PAGE, *headers, status=status, media_type="text/html; charset=utf-8")


def _part(body: bytes) -> Said:
    """The first half, and said so."""
    half = len(body) // 2
    return wire.whole(body[:half], f"Content-Range: bytes 0-{half - 1}/{len(body)}", status="206 Partial Content")


def _in_turn() -> Speaks:
    """A page that is elsewhere each time it is asked for."""
    turns = itertools.count()
    return lambda _: wire.whole(b"", f"Location: /elsewhere/{next(turns)}", status="307 Temporary Redirect")


STATUSES: Final = {
    **{f"{status[:3]} with a page": Kind(_page(status)) for status in (*_STATUSES, *_NO_STATUS)},
    **{
        f"{status[:3]}, to ask again after {after[:24]!r}": Kind(_page(status, f"Retry-After: {after}"))
        for status in ("429 Too Many", "503 Busy")
        for after in _RETRY_AFTER
    },
    "206 and a half": Kind(_part),
    "200 and a page": Kind(_page("200 OK")),
    "200 of no type and no length": Kind(wire.raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")),
    "elsewhere, and elsewhere again": Kind(_in_turn()),
    "a 401 of much": Kind(_page("401 No", "WWW-Authenticate: Negotiate", f"WWW-Authenticate: {'x, ' * 3000}")),
    "HTTP/1.0": Kind(wire.of_http_1_0, harmless=True),
    "HTTP/1.0 without an end": Kind(
        wire.repeated(b"HTTP/1.0 200 OK\r\n\r\n", b" " * wire.PIECE, wire.MOST // wire.PIECE), cut=True
    ),
    "100 before the answer": Kind(lambda body: itertools.chain([_CONTINUE], wire.whole(body)), harmless=True),
    # More than the quickest machine takes before the deadline; whoever has enough closes the connection.
    "a flood of 100": Kind(wire.repeated(b"", _CONTINUE * 1000, 40_000), cut=True),
    "a WebSocket": Kind(wire.raw(
        b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", b"\x81\x05hello", 4.0)),
    "426, and a WebSocket is wanted": Kind(_page("426 Upgrade Required", "Upgrade: websocket", "Connection: Upgrade")),
}  # fmt: skip

# How a body may be wrapped up.
WRAPPINGS: Final = {
    "an extension of 8 KB": Kind(wire.chunked(b";x=" + b"y" * 8000), harmless=True),
    "an extension of 1 MB": Kind(wire.chunked(b";x=" + b"y" * 1_000_000), harmless=True),
    "trailers": Kind(wire.chunked(b"", b"X-After: 1", b"Set-Cookie: late=1"), harmless=True),
    "1 MB of trailers": Kind(wire.chunked(b"", *[b"X-After: " + b"x" * 1000] * 1000), harmless=True),
    # Who has the whole body by then may leave them unread.
    "trailers without end": Kind(wire.chunked(b"", *[b"X-After: " + b"x" * 8000] * 20_000), harmless=True),
    "a chunk's size that drips": Kind(wire.dripping_chunk_size),
    "gzip in 80,000 members": Kind(wire.in_members(80_000), harmless=True),
    "gzip in 600,000 members": Kind(wire.in_members(600_000), harmless=True),
    "gzip in 250 members that unfold": Kind(wire.each_member_unfolding(250), cut=True),
    "a length told twice": Kind(wire.told_twice(), harmless=True),
    "a length, and chunks": Kind(wire.told_twice(other=True), harmless=True),
    "gzip in deflate that unfolds": Kind(wire.unfolding_by("gzip", "deflate"), cut=True),
    "deflate in gzip in gzip that unfolds": Kind(wire.unfolding_by("deflate", "gzip", "gzip"), cut=True),
    "br that is none": Kind(lambda _: wire.whole(wire.noise(2000), "Content-Encoding: br")),
    "zstd that is none": Kind(lambda _: wire.whole(wire.noise(2000), "Content-Encoding: zstd")),
    "br and gzip": Kind(lambda body: wire.whole(body, "Content-Encoding: br, gzip")),
    "identity": Kind(wire.with_headers("Content-Encoding: identity"), harmless=True),
    "100 encodings": Kind(wire.with_headers(f"Content-Encoding: {'gzip, ' * 100}")),
    "60 KB of encodings": Kind(wire.with_headers(f"Content-Encoding: {'x,' * 30_000}"), harmless=True),
    "UTF-32": Kind(lambda body: wire.whole(body.decode().encode("utf-32")), harmless=True),
    "Latin-1 by its type": Kind(lambda body: wire.whole(body, media_type="text/json; charset=latin-1"), harmless=True),
    "a type of 60 KB": Kind(lambda body: wire.whole(body, media_type="text/json; x=" + "y" * 60_000), harmless=True),
    "lines of JSON": Kind(lambda body: wire.whole(b'{"type": "ADDED", "object": {}}\n' * 50)),
    "two documents": Kind(lambda body: wire.whole(body + body)),
    "a document behind a guard": Kind(lambda body: wire.whole(b")]}',\n" + body)),
    "150,000 members": Kind(lambda body: wire.whole(b"{" + b'"a":1,' * 150_000 + body.lstrip()[1:]), harmless=True),
    "470 numbers of 4,000 digits": Kind(lambda _: wire.whole(b"[" + b",".join([b"9" * 4000] * 470) + b"]")),
    "deep objects": Kind(lambda _: wire.whole(b'{"a":' * 200_000 + b"1" + b"}" * 200_000)),
}  # fmt: skip
