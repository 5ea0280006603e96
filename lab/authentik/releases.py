"""What differs between releases of Authentik, as the recordings and measurements of each show.

The lab's world is one release; where nothing is said of a difference here, all of them were seen to do the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Release:
    """One release: its full `version`, and each behaviour that not all of them have."""

    version: str


RELEASES: Final = {
    "2026.5": Release("2026.5.0-rc1"),
    "2026.8": Release("2026.8.0-rc1"),
}
DEFAULT: Final = "2026.5"
