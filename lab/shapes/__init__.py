"""Healthy estates of another shape than the runbook's; each module declares some with `shape`.

A shape changes the freshly seeded World (as a fault does, but into something that works) and what `estates/lab.toml`
says of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from lab.registry import Change, Registry


@dataclass(eq=False, kw_only=True)
class Shape(Change):
    """One healthy estate; `extra_applications` is how many more applications of each kind it has,
    `relying_parties` are more relying parties by name."""

    registry: ClassVar = Registry["Shape"](__name__)

    extra_applications: int = 0
    relying_parties: tuple[str, ...] = ()


shape: Final = Shape
load: Final = Shape.registry.load

RUNBOOK: Final = Shape("runbook", summary="The runbook's estate.")
"""The shape that everything else differs from."""
