"""Harmless changes of the lab's world that look like a fault: each must leave a suite as green as it was.

A twin stands beside the faults that it is the likeness of (`of`). Where what it changes is declared, it changes the
estate file too (`describe`). `load()` imports every module of this package, which registers them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.world import World

Table = dict[str, Any]
Apply = Callable[["World"], None]


@dataclass(frozen=True)
class Twin:
    """One harmless change: `apply` makes it in the world, `describe` in the estate file (given as parsed TOML)."""

    name: str
    summary: str
    of: tuple[str, ...]
    apply: Apply
    describe: Callable[[Table], None] | None = None


_registry: dict[str, Twin] = {}


def twin(
    name: str, *, of: str | tuple[str, ...], describe: Callable[[Table], None] | None = None
) -> Callable[[Apply], Apply]:
    """Register the decorated function as twin `name` of the fault(s) `of`; its docstring says why it is harmless.

    Raises ValueError when the name is taken or there is no docstring.
    """

    def register(apply: Apply) -> Apply:
        if name in _registry:
            raise ValueError(f"two twins are named {name}")
        if not apply.__doc__:
            raise ValueError(f"twin {name} has no sentence that says what it is")
        faults = (of,) if isinstance(of, str) else of
        _registry[name] = Twin(name, " ".join(apply.__doc__.split()), faults, apply, describe)
        return apply

    return register


def load() -> dict[str, Twin]:
    """Every twin by its name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registry.items()))
