"""What a generator makes of a healthy JSON document: every value of one kind becomes something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from selftests.support.hostile.wire import Said, Speaks, whole

Change = Callable[[Any], Any]
# Written in place of a value, to be replaced in the text: JSON has no word for these.
_MARK: Final = "\uf8ff"
_DEEP: Final = 100_000


def amended(change: Change) -> Speaks:
    """The healthy document after `change`."""

    def speak(body: bytes) -> Said:
        return whole(json.dumps(change(json.loads(body))).encode())

    return speak


def written(word: str) -> Speaks:
    """Every number of the healthy document is written as `word`."""

    def speak(body: bytes) -> Said:
        marked = json.dumps(_mapped(json.loads(body), _is_number, lambda _: _MARK), ensure_ascii=False)
        return whole(marked.replace(f'"{_MARK}"', word).encode())

    return speak


def every(kind: type | tuple[type, ...], becomes: object) -> Speaks:
    """Every value of a kind below the document's top is another one."""
    return amended(lambda document: _below(document, lambda found: isinstance(found, kind), lambda _: becomes))


def leaf(becomes: object) -> Speaks:
    """Every value that holds no others is another one."""
    return amended(lambda found: _mapped(found, lambda value: not isinstance(value, dict | list), lambda _: becomes))


def lists_hold(entry: object) -> Speaks:
    """Every list holds nothing but this."""
    return amended(lambda found: _mapped(found, lambda value: isinstance(value, list), lambda _: [entry, entry]))


def lengthened(length: int) -> Speaks:
    """The first texts of the document are that long."""
    left = [6]

    def longer(text: str) -> str:
        left[0] -= 1
        return text + "x" * length if left[0] >= 0 else text

    return amended(lambda found: _mapped(found, lambda value: isinstance(value, str), longer))


def deep(body: bytes) -> Said:
    """The document with something deep beside the rest."""
    text = body.decode().rstrip()
    nested = "[" * _DEEP + "]" * _DEEP
    return whole((f'{{"deep": {nested}, ' + text.removeprefix("{")).encode())


def member(name: str, value: object) -> Change:
    """The document with one member of its top changed."""
    return lambda document: {**document, name: value}


def within(*path: str | int, becomes: object) -> Speaks:
    """One value somewhere in the document is another one."""

    def change(found: Any) -> Any:  # JSON is what it is
        place = found
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = becomes
        return found

    return amended(change)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _below(document: Any, picks: Callable[[Any], bool], change: Change) -> Any:  # as above
    if isinstance(document, dict):
        return {name: _mapped(value, picks, change) for name, value in document.items()}
    return _mapped(document, picks, change)


def _mapped(value: Any, picks: Callable[[Any], bool], change: Change) -> Any:  # as above
    if picks(value):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(entry, picks, change) for name, entry in value.items()}
    if isinstance(value, list):
        return [_mapped(entry, picks, change) for entry in value]
    return value
