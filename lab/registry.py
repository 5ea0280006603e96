"""Changes of the lab's world that have a name: how faults, harmless variants and shapes are declared and found.

Each of the three is a package with one kind of `Change`, whose modules decorate functions with it: the function changes
the World's data (or replaces one of its behaviours), and its docstring is the sentence shown to people. Handlers never
ask which changes are in force.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from lab.world import World

Table = dict[str, Any]
"""The parsed TOML of an estate file, or a table of it: what `describe` changes in place."""

Apply = Callable[[World], None]
Describe = Callable[[Table], None]


def described(estate: Table, name: str) -> Table:
    """What an estate file says of the application of that name, gated or not."""
    found: Table = next(app for app in (*estate["oidc"], *estate["forward_auth"]) if app["name"] == name)
    return found


def unchanged(_: World) -> None:
    """Leave the world as it is."""


@dataclass(eq=False)
class Change:
    """A named change: `apply` makes it in the world, `describe` in what the estate file says, where it is told there.

    Where a suite does not make of it what is declared, `pending` says what it makes of it: self-tests expect that, and
    fail when it is no longer so.

    Used as a decorator it takes both the function and its sentence, and enters the change into its package's registry.
    """

    registry: ClassVar[Registry[Any]]

    name: str
    describe: Describe | None = None
    apply: Apply = unchanged
    summary: str = ""
    pending: str = ""

    @property
    def made_for(self) -> dict[str, str]:
        """The `shape` and the release (`authentik`) without which it means nothing; empty where any lab will do."""
        return {}

    def __call__(self, apply: Apply) -> Apply:
        """Register this change as what `apply` does. Raises ValueError without a docstring, or for a taken name."""
        if not apply.__doc__:
            raise ValueError(f"{self.name} has no sentence that says what it is")
        self.apply, self.summary = apply, " ".join(apply.__doc__.split())
        self.registry.add(self)
        return apply


Kind = TypeVar("Kind", bound=Change)


class Registry(Generic[Kind]):
    """The changes of one kind, declared by the modules of one package."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._known: dict[str, Kind] = {}

    def add(self, change: Kind) -> None:
        """Enter a change. Raises ValueError when its name is taken."""
        if change.name in self._known:
            raise ValueError(f"two changes of {self._package} are named {change.name}")
        self._known[change.name] = change

    def load(self) -> dict[str, Kind]:
        """Import every module of the package; every change by its name."""
        for module in pkgutil.iter_modules(importlib.import_module(self._package).__path__):
            importlib.import_module(f"{self._package}.{module.name}")
        return dict(sorted(self._known.items()))
