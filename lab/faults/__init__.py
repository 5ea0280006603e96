"""Named, documented ways to break the lab's world.

A fault is a function that changes the World's data (or replaces one of its behaviour functions); handlers
never ask whether a fault is in force. `load()` imports every module of this package, which registers them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.world import World

Describe = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Fault:
    """One way to break the world, and what a suite has to say about it.

    `red` are the check ids (or "ID[case]") that must fail or warn by their own assertion, and nothing else may. `root`
    is the one that the verdict has to name first; those `beside` it are named as causes of their own, too. `blocks` is
    what cannot be judged meanwhile: ids or their beginnings ("OIDC-CODE"), cases ("[grafana]"), or both
    ("OIDC-PROV[grafana]"). `asks` are the options that a suite must be given to see it. `describe` changes what the
    estate file says (given as parsed TOML), where it is a part of the trouble.
    """

    name: str
    summary: str
    known_from: str
    red: tuple[str, ...]
    root: str
    apply: Callable[[World], None]
    warns: bool = False
    asks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    describe: Describe | None = None


_registry: dict[str, Fault] = {}


def fault(
    name: str,
    *,
    known_from: str,
    red: tuple[str, ...],
    root: str | None = None,
    warns: bool = False,
    asks: tuple[str, ...] = (),
    beside: tuple[str, ...] = (),
    blocks: tuple[str, ...] = (),
    describe: Describe | None = None,
) -> Callable[[Callable[[World], None]], Callable[[World], None]]:
    """Register the decorated function as fault `name`; its docstring is the sentence shown to people.

    `warns` is set when every red check only warns, so that the verdict is DEGRADED and the exit code 0.
    Raises ValueError when the name is taken or there is no docstring.
    """

    def register(apply: Callable[[World], None]) -> Callable[[World], None]:
        if name in _registry:
            raise ValueError(f"two faults are named {name}")
        if not apply.__doc__:
            raise ValueError(f"fault {name} has no sentence that says what it is")
        summary = " ".join(apply.__doc__.split())
        first = root or red[0].partition("[")[0]
        _registry[name] = Fault(name, summary, known_from, red, first, apply, warns, asks, beside, blocks, describe)
        return apply

    return register


def load() -> dict[str, Fault]:
    """Every fault by its name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registry.items()))
