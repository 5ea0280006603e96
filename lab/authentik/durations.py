"""Authentik's notation for durations, as in `hours=1;minutes=5`."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache


@lru_cache(maxsize=128)
def duration(text: str) -> timedelta:
    """The duration. Raises ValueError for what Authentik would not accept."""
    parts = (part.partition("=") for part in text.split(";") if part)
    return timedelta(**{name.strip(): float(value) for name, _, value in parts})
