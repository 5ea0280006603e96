"""Harmless variants of faults: they look like one, and must leave a suite as green as it was.

Each module declares some of one area with `variant`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from lab.registry import Change, Registry


@dataclass(eq=False, kw_only=True)
class Variant(Change):
    """One harmless change, whose sentence says why it is; `of` are the faults that it looks like."""

    registry: ClassVar = Registry["Variant"](__name__)

    of: tuple[str, ...]


variant: Final = Variant
load: Final = Variant.registry.load
