"""Long texts made after an expression's own parts: what a search that is not linear would never come to the end of."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, Final

import fixtures
from fixtures.topics.logs.catalogue import CATALOGUE

# In characters; a search that takes the length squared takes minutes with it.
LONG: Final = 100_000
# What reads a page that pytest-html wrote, in which everything quoted is escaped.
_OWN_TEXT: Final = {"fixtures.reports.pytest_html: <script>.*?</script>"}
# As many neighbouring parts of an expression are repeated together.
_TOGETHER: Final = 2
# A search begins anew at each character; these do not.
_ANCHORED: Final = {"match", "fullmatch"}
_SEARCHED: Final = {"search", "split", "findall", "finditer", "sub"}
_CALLS: Final = re.compile(rf"\bre\.(?:{'|'.join(sorted(_ANCHORED | _SEARCHED))})\(")
_ANY: Final = "x"


@dataclass(frozen=True)
class Expression:
    """An expression, and whether it is only ever compared with a text's beginning."""

    pattern: re.Pattern[str]
    anchored: bool = False

    def look_through(self, length: int) -> None:
        """Do what the suite does with it, with each of its long texts."""
        for text in pumped(self.pattern, length):
            self.pattern.fullmatch(text)
            if not self.anchored:
                for _ in self.pattern.finditer(text):
                    pass


def expressions() -> dict[str, Expression]:
    """Every expression of the suite by its name: those that modules hold, and those that stand where they are used."""
    found: dict[str, Expression] = {}
    for module in _modules():
        source = Path(module.__file__ or "").read_text()
        for name, held in vars(module).items():
            value = held() if _is_compiled_when_used(held) else held
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found[f"{module.__name__}.{name}"] = Expression(value, _is_anchored(name, source))
        for call, text, flags in _written(source):
            found[f"{module.__name__}: {text}"] = Expression(re.compile(text, flags), call in _ANCHORED)
    return {name: expression for name, expression in found.items() if name not in _OWN_TEXT}


def logged() -> dict[str, Expression]:
    """Every expression of the log catalogue by its text: what it looks through is bounded when it is read."""
    texts = {text for entry in CATALOGUE for text in (entry.event, *entry.where.values())}
    return {text: Expression(re.compile(text, re.IGNORECASE | re.DOTALL), True) for text in sorted(texts)}


def pumped(expression: re.Pattern[str], length: int) -> Iterator[str]:
    """Texts of `length`: each run of the expression's parts again and again, behind what comes before it."""
    parts = list(_samples(re._parser.parse(expression.pattern, expression.flags)))  # type: ignore[attr-defined]
    for first in range(len(parts)):
        for last in range(first + 1, min(first + _TOGETHER, len(parts)) + 1):
            piece = "".join(parts[first:last])
            yield "".join(parts[:first]) + piece * (length // len(piece)) + "\0"
        yield "".join(parts[: first + 1]) * (length // len("".join(parts[: first + 1])))
    yield from (character * length for character in 'xa0 \n\t"/.-_=<')


def _modules() -> Iterator[ModuleType]:
    for found in walk_packages(fixtures.__path__, "fixtures."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _is_compiled_when_used(held: Any) -> bool:
    """Whether it is a function that compiles one expression and keeps it."""
    return hasattr(held, "cache_info") and held.__annotations__ == {"return": "re.Pattern[str]"}


def _is_anchored(name: str, source: str) -> bool:
    used = set(re.findall(rf"\b{name}(?:\(\))?\.(\w+)\(", source))
    return bool(used) and used <= _ANCHORED


def _written(source: str) -> Iterator[tuple[str, str, int]]:
    """Calls of `re` with an expression that is written there: the function, the expression, its flags."""
    # Few modules have any, and parsing the others was most of the work.
    for node in ast.walk(ast.parse(source)) if _CALLS.search(source) else ():
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=call), args=[ast.Constant(value=str(text)), *_]
            ) if call in _ANCHORED | _SEARCHED:
                flags = [flag for flag in ("IGNORECASE", "DOTALL", "MULTILINE") if flag in ast.unparse(node)]
                yield call, text, sum(getattr(re, flag) for flag in flags)


def _samples(parsed: Any) -> Iterator[str]:  # the parser of `re` has no types
    """What each part of an expression takes, in a few characters: neighbouring characters are one part."""
    letters = ""
    for name, value in parsed:
        if str(name) == "LITERAL":
            letters += chr(value)
            continue
        if letters:
            yield letters
        letters = ""
        yield from _sample(str(name), value)
    if letters:
        yield letters


def _sample(name: str, value: Any) -> Iterator[str]:  # as above
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        yield from _samples(value[2])
    elif name == "SUBPATTERN":
        yield from _samples(value[3])
    elif name == "ATOMIC_GROUP":
        yield from _samples(value)
    elif name == "BRANCH":
        for branch in value[1]:
            yield from _samples(branch)
    elif name == "IN":
        yield _member(value)
    elif name in ("ANY", "NOT_LITERAL"):
        yield _ANY


def _member(members: Any) -> str:  # as above
    """A character that a class takes."""
    for character in 'x0 .-/"\n=_<[':
        held = any(_holds(str(name), value, character) for name, value in members if str(name) != "NEGATE")
        if held != (str(members[0][0]) == "NEGATE"):
            return character
    first = next(value for name, value in members if str(name) in ("LITERAL", "RANGE"))
    return chr(first[0] if isinstance(first, tuple) else first)


def _holds(name: str, value: Any, character: str) -> bool:  # as above
    if name == "LITERAL":
        return ord(character) == value
    if name == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    kinds = {"SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W", "DIGIT": r"\d", "NOT_DIGIT": r"\D"}
    return re.fullmatch(kinds[str(value).removeprefix("CATEGORY_")], character) is not None
