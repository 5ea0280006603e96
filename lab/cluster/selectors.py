"""Label and field selectors, and the paging of lists."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final

from lab.cluster.answers import Refusal, bad_request
from lab.cluster.state import Object

Test = Callable[[Object], bool]
_SET: Final = re.compile(r"^(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)$")
_COMMA: Final = re.compile(r",(?![^(]*\))")


def label_tests(selector: str) -> list[Test]:
    """The tests of a label selector, equality- and set-based. Raises Refusal (400) when it cannot be read."""
    return [_label_test(term.strip()) for term in _COMMA.split(selector) if term.strip()]


def _label_test(term: str) -> Test:
    if found := _SET.match(term):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["operator"] == "in":
            return lambda obj: _labels(obj).get(key) in values
        return lambda obj: _labels(obj).get(key) not in values
    for operator in ("!=", "==", "="):
        if operator in term:
            key, _, value = (part.strip() for part in term.partition(operator))
            return _equality(key, value, operator != "!=", lambda obj, key: _labels(obj).get(key))
    if not re.fullmatch(r"!?[A-Za-z0-9][\w./-]*", term):
        raise bad_request(f"unable to parse requirement: found '{term}', expected: in, notin, =, ==, !=, gt, lt")
    key = term.removeprefix("!")
    return lambda obj: (key in _labels(obj)) is not term.startswith("!")


def _equality(key: str, value: str, wanted: bool, read: Callable[[Object, str], Any]) -> Test:
    return lambda obj: (read(obj, key) == value) is wanted


def _labels(obj: Object) -> dict[str, str]:
    return obj["metadata"].get("labels") or {}


def field_tests(selector: str) -> list[Test]:
    """The tests of a field selector. Raises Refusal (400) when it cannot be read."""
    tests = []
    for term in filter(None, selector.split(",")):
        operator = "!=" if "!=" in term else "="
        if operator not in term:
            raise bad_request(f"invalid selector: '{term}'; can't understand '{term}'")
        key, _, value = term.partition(operator)
        tests.append(_equality(key, value.lstrip("="), operator == "=", _field))
    return tests


def _field(obj: Object, path: str) -> str:
    found: Any = obj
    for part in path.split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return str(found)


def page(items: list[Object], limit: str, token: str, version: str) -> tuple[list[Object], Object]:
    """The items of one page, and the metadata of the list they are in. Raises Refusal for a wrong token (410)."""
    start = _start(token)
    size = int(limit) if limit.isdigit() and int(limit) else len(items)
    end, metadata = start + size, {"resourceVersion": version}
    if end >= len(items):
        return items[start:], metadata
    following = base64.urlsafe_b64encode(json.dumps({"start": end}).encode()).decode()
    return items[start:end], metadata | {"continue": following, "remainingItemCount": len(items) - end}


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["start"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal(410, "Expired", "The provided continue parameter is too old") from error
