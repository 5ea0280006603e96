"""How far a draft is from the file that a person keeps, and what is left of that once its offers are taken up."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fixtures.estate.estate import Estate
from fixtures.estate.loading import parse_estate
from fixtures.estate.urls import host

# A line, a table's head or an entry of a list that stands there as a comment, ready to be taken up.
_OFFER: Final = re.compile(r"^ *# (\[[a-z_.]+\]|[a-z_]+ = .*|\{.*\},)$", re.MULTILINE)
# The one leave that a draft never gives by itself.
_LEAVE: Final = "read_value = "
# What only a person fills in.
_BLANK: Final = "…"
# Where the lab itself is, which a person's file of it says in another way.
_OF_THE_LAB: Final = ("cluster.", "network.", "name")


def taken_up(text: str) -> str:
    """The draft with all that it offers and asks leave for, but for the words of pages, which nothing tells."""
    taken = _OFFER.sub(lambda found: found[0] if f'contains = "{_BLANK}"' in found[1] else found[1], text)
    return taken.replace(f"\n{_LEAVE}false\n", f"\n{_LEAVE}true\n")


def apart(text: str, file: Estate) -> list[str]:
    """The lines in which a draft and a file differ: what is said of a key by one of them, or not the same by both."""
    said, wanted = (dict(_lines(each)) for each in (parse_estate(tomllib.loads(text), "draft"), file))
    return [
        f"{key}: {said.get(key)} in the draft, {wanted.get(key)} in the file"
        for key in sorted(said.keys() | wanted.keys())
        if said.get(key) != wanted.get(key) and not key.startswith(_OF_THE_LAB)
    ]


def _lines(estate: Estate) -> Iterator[tuple[str, str]]:
    """What an estate says besides its defaults, a line for each key, lists in order."""
    yield from _flat("", estate.model_dump(mode="json", exclude_defaults=True))


def _flat(place: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _flat(f"{place}{key}.", value)
        elif isinstance(value, list) and key in ("oidc", "forward_auth", "open_hosts", "retired_hosts"):
            for entry in value:
                yield from _flat(f"{place}{key} {entry.get('name') or host(entry['url'])}: ", entry)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ((f"{place}{key} {_known_by(entry)}", _sorted(entry)) for entry in value)
        else:
            yield f"{place}{key}", _sorted(value)


def _known_by(entry: Mapping[str, Any]) -> str:
    return str(next((entry[key] for key in ("username", "identifier", "name", "ref", "url") if key in entry), entry))


def _sorted(value: Any) -> str:  # what TOML can hold
    if isinstance(value, dict):
        return str({key: _sorted(each) for key, each in sorted(value.items())})
    return str(sorted(map(_sorted, value))) if isinstance(value, list) else str(value)
