"""`-p selftests.support.reaching`: of a run under faults, what they can reach; the rest is as in the healthy lab.

A fault reaches what it declares red or blocked, and is looked for in whatever belongs to the same family of checks.
That it reaches nothing else is what `make prove` shows, where each fault meets the whole suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.plugin.collecting import name_of
from lab.faults import Fault, load
from selftests.matrix.matrix import covers, is_red

if TYPE_CHECKING:
    from collections.abc import Collection

REACHING = ("-p", "selftests.support.reaching")


def family_of(case: str) -> str:
    """What the ids of related checks have in common, e.g. `OIDC-DISC`."""
    return case.partition("[")[0].rpartition("-")[0]


def reaches(fault: Fault, case: str) -> bool:
    """Whether the case of that name may differ from the healthy lab's, or is one of those that are nearest to it."""
    red = (*fault.turns_red, fault.root, *fault.other_roots)
    families: Collection[str] = {family_of(name) for name in red}
    return (
        family_of(case) in families
        or any(is_red(name, case) for name in red)
        or any(covers(pattern, case) for pattern in fault.blocks)
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what none of the faults in force reaches."""
    known = load()
    faults = [known[name] for name in config.option.lab_fault]
    reached = [any(reaches(fault, name_of(item)) for fault in faults) for item in items]
    others = [item for item, is_reached in zip(items, reached, strict=True) if not is_reached]
    items[:] = [item for item, is_reached in zip(items, reached, strict=True) if is_reached]
    config.hook.pytest_deselected(items=others)
