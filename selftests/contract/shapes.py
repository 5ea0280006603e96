"""JSON by keys and types: what every object of a place has, and what a value there may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from selftests.contract.differing import Difference

# Objects whose keys are data.
FREE = {"attributes", "context", "http_headers", "labels", "matchLabels", "annotations", "metadata", "data"}
# Texts by which a reader tells what it has before it; the lab's are among the recorded ones.
SPEAKING = {"apiVersion", "component", "kind", "meta_model_name", "verbose_name"}
TYPES = {bool: "boolean", int: "number", float: "number", str: "text", list: "list", dict: "object", type(None): "null"}


def differences(recorded: Any, lab: Any, where: str = "json") -> list[Difference]:
    """Where the lab's value lacks a key, has one too many, or another type."""
    return list(_between([recorded], [lab], where))


def _between(recorded: list[Any], lab: list[Any], where: str) -> Iterator[Difference]:
    if not recorded or not lab:
        return
    before, now = {TYPES[type(value)] for value in recorded}, {TYPES[type(value)] for value in lab}
    if before != {"null"} and now - before:
        yield Difference(where, f"recorded {' or '.join(sorted(before))}, the lab {' or '.join(sorted(now))}")
    yield from _speaking(_only(recorded, str), _only(lab, str), where)
    yield from _objects(_only(recorded, dict), _only(lab, dict), where)
    inner = [element for value in _only(recorded, list) for element in value]
    found = [element for value in _only(lab, list) for element in value]
    if inner and _only(lab, list) and not found:
        yield Difference(where, f"recorded {len(inner)} elements, the lab none")
    yield from _between(inner, found, f"{where}[]")


def _speaking(recorded: list[str], lab: list[str], where: str) -> Iterator[Difference]:
    strange = set(lab) - set(recorded)
    # Only the object itself: what a list holds is the database's business.
    if re.fullmatch(rf"json\.({'|'.join(SPEAKING)})", where) and strange:
        yield Difference(where, f"recorded {sorted(set(recorded))}, the lab {sorted(strange)}")


def _objects(recorded: list[dict[str, Any]], lab: list[dict[str, Any]], where: str) -> Iterator[Difference]:
    if not recorded or not lab or where.rpartition(".")[2].removesuffix("[]") in FREE:
        return
    always, ever = set.intersection(*map(set, recorded)), set.union(*map(set, recorded))
    lacking, strange = always - set.intersection(*map(set, lab)), set.union(*map(set, lab)) - ever
    if lacking or strange:
        yield Difference(f"keys of {where}", f"the lab lacks {sorted(lacking)}, and has besides {sorted(strange)}")
    for key in sorted(ever - strange):
        of = [value[key] for value in recorded if key in value], [value[key] for value in lab if key in value]
        yield from _between(*of, f"{where}.{key}")


def _only(values: list[Any], kind: type) -> list[Any]:
    return [value for value in values if type(value) is kind]
