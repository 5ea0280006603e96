"""`-p selftests.support.reaching`: of a run under faults, what they can reach; the rest is as in the healthy lab.

A fault reaches what it declares red or blocked, and is looked for in whatever belongs to the same family of checks.
That it reaches nothing else is what `make prove` shows, where each fault meets the whole suite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import Check, catalogue
from fixtures.plugin.collecting import name_of
from lab.faults import Fault, load
from selftests.matrix.matrix import covers

REACHING = ("-p", "selftests.support.reaching")


def family_of(case: str) -> str:
    """What the ids of related checks have in common, e.g. `OIDC-DISC`."""
    return case.partition("[")[0].rpartition("-")[0]


def reaches(fault: Fault, case: str) -> bool:
    """Whether the case of that name may differ from the healthy lab's, or is one of those that are nearest to it."""
    red = (*fault.turns_red, fault.root, *fault.other_roots)
    return family_of(case) in map(family_of, red) or any(covers(pattern, case) for pattern in fault.blocks)


def checks_reached(faults: Iterable[Fault]) -> list[Check]:
    """The checks of which one of the faults may reach some case."""
    load_catalogue()
    anywhere = [replace(each, blocks=[pattern.partition("[")[0] for pattern in each.blocks]) for each in faults]
    return [check for check in catalogue.values() if any(reaches(fault, check.id) for fault in anywhere)]


class Reaching:
    """Leaves out what none of the faults reaches: files, then checks, then single cases."""

    def __init__(self, faults: list[Fault]) -> None:
        checks = checks_reached(faults)
        self._faults, self._ids = faults, {check.id for check in checks}
        self._files = {Path(check.module) for check in checks}

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Whether a file has none of their checks."""
        return None if collection_path.is_dir() or collection_path in self._files else True

    def pytest_pycollect_makeitem(self, obj: object) -> list[pytest.Item] | None:
        """No cases of another check."""
        check = getattr(obj, "__check__", None)
        return None if check is None or check.id in self._ids else []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """No other cases of theirs."""
        reached = [any(reaches(fault, name_of(item)) for fault in self._faults) for item in items]
        others = [item for item, is_reached in zip(items, reached, strict=True) if not is_reached]
        items[:] = [item for item, is_reached in zip(items, reached, strict=True) if is_reached]
        if others:
            config.hook.pytest_deselected(items=others)


def pytest_configure(config: pytest.Config) -> None:
    """Of the faults in force."""
    known = load()
    config.pluginmanager.register(Reaching([known[name] for name in config.option.lab_fault]))
