"""The kinds of badness that any answer may have, by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from selftests.support.hostile import documents, wire
from selftests.support.hostile.wire import Speaks


@dataclass(frozen=True)
class Kind:
    """`speaks` says it; `harmless` is what may be green, `cut` what has to be ended by a bound."""

    speaks: Speaks
    harmless: bool = False
    cut: bool = False


_LONG: Final = "x" * 90_000

# In place of the answer: no HTTP, half of it, or too much.
TRANSPORT: Final = {
    "nothing": Kind(wire.raw()),
    "silence": Kind(wire.raw(8.0), cut=True),
    "noise": Kind(wire.raw(wire.noise(4096))),
    "another protocol": Kind(wire.raw(b"SSH-2.0-OpenSSH_9.6\r\n")),
    "HTTP of 1991": Kind(wire.raw(b"<html>hello</html>")),
    "HTTP 9.9": Kind(wire.raw(b"HTTP/9.9 200 OK\r\n\r\n")),
    "a status that is none": Kind(wire.raw(b"HTTP/1.1 9999 What\r\n\r\n")),
    "101 unasked": Kind(wire.raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 4.0)),
    "204": Kind(wire.raw(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")),
    "304": Kind(wire.raw(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")),
    "a flood of 103": Kind(wire.repeated(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000, 40_000), cut=True),
    "dripping 103": Kind(wire.raw(*[b"HTTP/1.1 103 Hints\r\n\r\n", 0.1] * 200), cut=True),
    "half a head": Kind(wire.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")),
    "half a body": Kind(wire.half()),
    "half a body, then silence": Kind(wire.half(8.0), cut=True),
    "a chunk of no length": Kind(wire.raw(wire.head("Transfer-Encoding: chunked"), b"zz\r\nhello\r\n")),
    "a chunk of 10^30": Kind(wire.raw(wire.head("Transfer-Encoding: chunked"), b"f" * 25 + b"\r\nhello")),
    "a negative length": Kind(wire.raw(wire.head("Content-Length: -5"), b"hello")),
    "two lengths": Kind(wire.raw(wire.head("Content-Length: 5", "Content-Length: 7"), b"hello")),
    "endless, to the close": Kind(wire.endless(), cut=True),
    "endless, in chunks": Kind(wire.endless("Transfer-Encoding: chunked", each=wire.chunk), cut=True),
    "dripping, to the close": Kind(wire.dripping(), cut=True),
    "dripping, in chunks": Kind(wire.dripping("Transfer-Encoding: chunked", each=wire.chunk), cut=True),
    "dripping, of a length": Kind(wire.dripping("Content-Length: 5000"), cut=True),
    "a dripping head": Kind(wire.dripping_head, cut=True),
    "10,000 headers": Kind(wire.with_headers(*(f"X-{number}: {number}" for number in range(10_000))), harmless=True),
    "a header of 90 KB": Kind(wire.with_headers(f"X-Long: {_LONG}"), harmless=True),
    "a head without end": Kind(wire.repeated(b"HTTP/1.1 200 OK\r\n", b"X-Long: " + b"x" * 8000 + b"\r\n", 20_000)),
    "gzip that unfolds": Kind(wire.unfolding(1), cut=True),
    "gzip that unfolds twice": Kind(wire.unfolding(2), cut=True),
    "deflate that unfolds twice": Kind(wire.unfolding(2, "deflate"), cut=True),
    "gzip nine times": Kind(wire.unfolding(9), cut=True),
    "gzip that is none": Kind(wire.with_headers("Content-Encoding: gzip")),
    "an encoding nobody knows": Kind(wire.with_headers("Content-Encoding: rot13"), harmless=True),
    "packed twice": Kind(wire.packed_twice, harmless=True),
}  # fmt: skip

# JSON that is none, or not what was asked for.
BODIES: Final = {
    "no body": Kind(wire.instead(b"")),
    "a page": Kind(wire.instead(b"<!doctype html><title>Welcome</title>")),
    "null": Kind(wire.instead(b"null")),
    "a list": Kind(wire.instead(b"[]")),
    "a list of nulls": Kind(wire.instead(b"[null, null]")),
    "a text": Kind(wire.instead(b'"text"')),
    "a number": Kind(wire.instead(b"5")),
    "an infinite number": Kind(wire.instead(b"-Infinity")),
    "true": Kind(wire.instead(b"true")),
    "an empty object": Kind(wire.instead(b"{}")),
    "UTF-16": Kind(lambda body: wire.whole(body.decode().encode("utf-16")), harmless=True),
    "a byte order mark": Kind(lambda body: wire.whole(b"\xef\xbb\xbf" + body), harmless=True),
    "no UTF-8": Kind(wire.instead(b'{"a": "\xff\xfe"}')),
    "100,000 brackets": Kind(wire.instead(b"[" * 100_000)),
    "a deep member": Kind(documents.deep),
    "a number of 5,000 digits": Kind(wire.instead(b'{"count": ' + b"9" * 5000 + b"}")),
    "20 MB of spaces": Kind(lambda body: wire.whole(body + b" " * 20_000_000), cut=True),
    "numbers are NaN": Kind(documents.written("NaN"), harmless=True),
    "numbers are Infinity": Kind(documents.written("Infinity"), harmless=True),
    "numbers are 1e400": Kind(documents.written("1e400"), harmless=True),
    "numbers are -1": Kind(documents.written("-1"), harmless=True),
    "numbers are texts": Kind(documents.written('"seven"'), harmless=True),
    "all values are null": Kind(documents.leaf(None)),
    "all values are empty objects": Kind(documents.leaf({})),
    "all values are lists": Kind(documents.leaf([])),
    "all values are true": Kind(documents.leaf(True)),
    "all values are the same text": Kind(documents.leaf("http://[")),
    "all values are a lone surrogate": Kind(documents.leaf("\ud800")),
    "all values are control characters": Kind(documents.leaf("\x00\x1b[31m\n")),
    "lists are null": Kind(documents.every(list, None), harmless=True),
    "lists are objects": Kind(documents.every(list, {"a": 1}), harmless=True),
    "lists are texts": Kind(documents.every(list, "text"), harmless=True),
    "lists hold null": Kind(documents.lists_hold(None), harmless=True),
    "lists hold numbers": Kind(documents.lists_hold(7), harmless=True),
    "lists hold empty objects": Kind(documents.lists_hold({}), harmless=True),
    "objects are lists": Kind(documents.every(dict, [1]), harmless=True),
    "texts of 90 KB": Kind(documents.lengthened(90_000), harmless=True),
}  # fmt: skip

_LOCATIONS: Final = (
    "", "?", "//", "http://[::1", "https://[v1.x]/", "http://a b/", "javascript:alert(1)", "http://x:99999/",
    "http://x:y/",
    "https://user:password@auth.frank.derio.net/", "http://" + "a." * 2000, "\xff\xfe", "http://\xff\xfe/", "/" * 3000,
    "/" + _LONG, "https:" + _LONG, "http://xn--a/", "data:text/html,hello",
)  # fmt: skip
LOCATIONS: Final = {
    f"leads to {where[:30]!r}{'' if len(where) < 31 else f'… ({len(where)})'}": Kind(
        wire.with_headers(f"Location: {where}", status="302 Found")
    )
    for where in _LOCATIONS
}

_DATES: Final = (
    "", "-", "0", "yesterday", "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359",
    "Mon, 00 Jan 0000 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", "Fri, 27 Nov 2026 10:00:00 +9999", "9" * 4000,
    "Fri, 27 Nov 2026 99:99:99 GMT",
)  # fmt: skip
DATES: Final = {f"dated {date[:34]!r}": Kind(wire.with_headers(f"Date: {date}"), harmless=True) for date in _DATES}

_COOKIES: Final = [f"Set-Cookie: c{number}=value-{number}-abcdefg" for number in range(2000)]
_NO_COOKIES: Final = ("", "=", ";;;", "a=b; Max-Age=x; Expires=y; Domain=..", ";" * 5000)
_MINDS: Final = (
    "Path=/", "Path=/login", "Max-Age=0", "Max-Age=600", "Secure; SameSite=None", "SameSite=Strict; HttpOnly",
    "Domain=frank.derio.net", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
)  # fmt: skip
COOKIES: Final = {
    "2,000 cookies": Kind(wire.with_headers(*_COOKIES)),
    "a cookie of 20 KB": Kind(wire.with_headers(f"Set-Cookie: long={_LONG[:20_000]}")),
    "a cookie of 90 KB": Kind(wire.with_headers(f"Set-Cookie: long={_LONG}")),
    "one cookie of eight minds": Kind(
        wire.with_headers(*(f"Set-Cookie: mind=value-{of}; {of}" for of in _MINDS)), harmless=True
    ),
    "cookies that are none": Kind(wire.with_headers(*(f"Set-Cookie: {line}" for line in _NO_COOKIES)), harmless=True),
}  # fmt: skip

_TITLED: Final = {
    "a title of 1.9 MB": b"<title>" + b"x" * 1_900_000,
    "nothing but <title": b"<title" * 300_000,
    "nothing but <title>": b"<title>" * 270_000,
    "titles that end": b"<title></title >" * 110_000,
    "spaces in a title": b"<title" + b" " * 900_000 + b">" + b" " * 900_000,
}
TITLES: Final = {
    name: Kind(lambda _, page=page: wire.whole(page, status="403 Forbidden", media_type="text/html"))  # type: ignore[misc]
    for name, page in _TITLED.items()
}
