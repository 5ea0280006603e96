"""A plugin of pytest (`-p`): the Kubernetes API writes null for every field that an object could have and has not.

The fields are those that the suite's views name, so that a new one is among them; what maps texts is left as it is.
"""

from collections.abc import Iterator, Mapping
from typing import get_origin

import pytest

from fixtures.doors.cluster import ClusterDoor
from fixtures.exchange.kubernetes import View


def views(base: type[View] = View) -> Iterator[type[View]]:
    """Every view of an object, or of a part of one."""
    for view in base.__subclasses__():
        yield view
        yield from views(view)


def with_nulls(content: object, fields: Mapping[str, bool]) -> object:
    """The same JSON with null where one of the fields is absent; whether it maps texts is said for each of them."""
    if isinstance(content, list):
        return [with_nulls(entry, fields) for entry in content]
    if not isinstance(content, dict):
        return content
    told = {name: value if fields.get(name) else with_nulls(value, fields) for name, value in content.items()}
    return dict.fromkeys(fields) | told


def pytest_configure(config: pytest.Config) -> None:
    """Put the nulls into whatever the door gives for one object, or for a list of them."""
    for name in ("get", "list"):
        _nullify(name)


def _nullify(name: str) -> None:
    asked = getattr(ClusterDoor, name)

    def answered(*arguments: object, **options: object) -> object:
        known = (item for view in views() for item in view.model_fields.items())
        fields = {field.alias or name: get_origin(field.annotation) is Mapping for name, field in known}
        return with_nulls(asked(*arguments, **options), fields)

    setattr(ClusterDoor, name, answered)
