"""Every place in a JSON document, and what stands there instead: absent, null, of every wrong type, too much of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Steps = tuple[str | int, ...]

# What stands in place of a value, written as JSON is: some of it has no value in Python, and some no equal in JSON.
_LONG: Final = "x" * 90_000
# As deep as Python's own parser goes, and far beyond.
_DEEP: Final = {"deep": 900, "bottomless": 100_000}
RAW: Final[Mapping[str, str]] = {
    "null": "null",
    "true": "true",
    "a number": "7",
    "a fraction": "1.5",
    "a negative number": "-1",
    "a huge number": "1" + "0" * 30,
    "a number of 5,000 digits": "9" * 5000,
    "an infinite number": "1e999",
    "NaN": "NaN",
    "an empty text": '""',
    "a text": '"seven"',
    "a text of spaces": '"   "',
    "a long text": f'"{_LONG}"',
    "control characters": '"\\u0000\\u001b[31m\\n\\r"',
    "a lone surrogate": '"\\ud800"',
    "a broken address": '"http://[::1"',
    "an address of no port": '"https://x:99999/"',
    "an empty list": "[]",
    "a list of null": "[null]",
    "a list of a number": "[7]",
    "a list of lists": "[[[]]]",
    "an empty object": "{}",
    "an object": '{"a": "b", "c": null}',
    **{name: "[" * depth + "]" * depth for name, depth in _DEEP.items()},
}
# What is made of the value that stands there: null in a list, the value wrapped up, a member named twice.
ABSENT: Final = "absent"
MADE: Final = ("wrapped in a list", "wrapped in an object", "named twice", "with null in it", "twice", "as a text")
KINDS: Final = (ABSENT, *RAW, *MADE)
# Stands in a document for what is put there when it is written.
_MARK: Final = "\uf8ff"
_OPAQUE: Final = re.compile(rf'"{_MARK}"')


# A line of a pod's log: the node's time, and what was written.
_STAMP: Final = re.compile(rb"\d{4}-\d\d-\d\dT\S+ ")


def read(body: bytes) -> Any:
    """A body as JSON: a document, or the list of what the lines of a log are (None: no JSON); None for all else."""
    try:
        return json.loads(body)
    except ValueError:
        lines = body.splitlines()
        return [_of_line(line) for line in lines] if lines and all(map(_STAMP.match, lines)) else None


def _of_line(line: bytes) -> Any:
    try:
        return json.loads(_STAMP.sub(b"", line, count=1))
    except ValueError:
        return None


def places(document: object, path: Steps = ()) -> Iterator[Steps]:
    """The path of everything in a JSON value, itself first."""
    yield path
    if isinstance(document, dict):
        for name, value in document.items():
            yield from places(value, (*path, name))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from places(value, (*path, index))


def at(document: Any, path: Steps) -> Any:
    """What stands at a path. Raises LookupError or TypeError where the document has no such place."""
    for step in path:
        document = document[step]
    return document


def fits(kind: str, value: object, path: Steps) -> bool:
    """Whether a kind makes another document of one with that value at that path."""
    if kind == ABSENT:
        return bool(path)
    if kind == "named twice":
        return bool(path) and isinstance(path[-1], str)
    if kind == "with null in it":
        return isinstance(value, list | dict)
    if kind == "twice":
        return isinstance(value, list) and bool(value)
    if kind == "as a text":
        return not isinstance(value, str)
    return kind in MADE or RAW[kind] != json.dumps(value)


def mutated(body: bytes, path: Steps, kind: str) -> bytes:
    """The JSON text, or the log, with another value at a path.

    Raises LookupError, TypeError or ValueError where it has no such place.
    """
    if path and _STAMP.match(body):
        lines = body.splitlines()
        index = path[0]
        assert isinstance(index, int)
        stamp, _, line = lines[index].partition(b" ")
        changed = [] if path == (index,) and kind == ABSENT else [stamp + b" " + mutated(line, path[1:], kind)]
        return b"\n".join([*lines[:index], *changed, *lines[index + 1 :], b""])
    document = json.loads(body)
    value = at(document, path)
    if kind == ABSENT:
        del at(document, path[:-1])[path[-1]]
        return json.dumps(document).encode()
    if not path:
        return _written(kind, value, "").encode()
    at(document, path[:-1])[path[-1]] = _MARK
    text = json.dumps(document, ensure_ascii=False)
    return _OPAQUE.sub(lambda _: _written(kind, value, str(path[-1])), text, count=1).encode("utf-8", "surrogatepass")


def _written(kind: str, value: Any, name: str) -> str:
    if kind in RAW:
        return RAW[kind]
    own = json.dumps(value)
    if kind == "wrapped in a list":
        return f"[{own}]"
    if kind == "wrapped in an object":
        return f'{{"a": {own}}}'
    if kind == "named twice":
        return f"{own}, {json.dumps(name)}: [null, {own}]"
    if kind == "with null in it":
        return json.dumps([None, *value, None] if isinstance(value, list) else {**value, "null": None})
    if kind == "twice":
        return json.dumps([*value, *value])
    return json.dumps(own)
