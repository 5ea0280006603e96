"""Healthy estates of another shape than the runbook's: named, documented changes of the lab's world.

A shape is two things that belong together: a function that changes the freshly seeded World (as a fault does, but
into something that works), and one that changes what the estate file says, given as the parsed TOML of
`estates/lab.toml`. `load()` imports every module of this package, which registers them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lab.world import World

Table = dict[str, Any]
Build = Callable[["World"], None]
Describe = Callable[[Table], None]


@dataclass(frozen=True)
class Shape:
    """One healthy estate: `build` makes the world so, `describe` makes its estate file say so.

    `extra_applications` is how many more applications of each kind it has. Without `describe` the file is the
    repository's own.
    """

    name: str
    summary: str
    build: Build
    describe: Describe | None = None
    extra_applications: int = 0


def unchanged(_: World) -> None:
    """Leave the world as it was seeded: the shape is in what the estate file says."""


RUNBOOK: Final = Shape("runbook", "The runbook's estate.", unchanged)
"""The shape that everything else differs from."""

_registry: dict[str, Shape] = {}


def shape(name: str, *, describe: Describe | None = None, extra_applications: int = 0) -> Callable[[Build], Build]:
    """Register the decorated function as shape `name`; its docstring is the sentence shown to people.

    Raises ValueError when the name is taken or there is no docstring.
    """

    def register(build: Build) -> Build:
        if name in _registry:
            raise ValueError(f"two shapes are named {name}")
        if not build.__doc__:
            raise ValueError(f"shape {name} has no sentence that says what it is")
        _registry[name] = Shape(name, " ".join(build.__doc__.split()), build, describe, extra_applications)
        return build

    return register


def load() -> dict[str, Shape]:
    """Every shape by its name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registry.items()))
