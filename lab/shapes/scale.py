"""The runbook's estate, and many more applications of the same kinds."""

from __future__ import annotations

from lab.shapes import shape
from lab.world import World


@shape("200-applications", extra_applications=100)
def two_hundred_applications(_: World) -> None:
    """A hundred more applications with OpenID Connect, and a hundred more behind the gate."""
