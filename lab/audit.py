"""What reached the lab from outside: every request, with the bytes of its head as they came in."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lab.network import first_header

BOUND = 20_000


@dataclass(frozen=True)
class Entry:
    """One request. `target` and `head` are unaltered; whatever may carry a credential stays out of the repr.

    `status` is None when the connection was dropped without an answer, and 101 for an accepted WebSocket.
    """

    time: datetime
    listener: str
    method: str
    host: str
    target: str = field(repr=False)
    head: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    status: int | None

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        return first_header(self.headers, name)


class Audit:
    """The newest requests, oldest first; written by the lab's thread, read by any other."""

    def __init__(self, bound: int = BOUND) -> None:
        self._entries: deque[Entry] = deque(maxlen=bound)
        self._lock = threading.Lock()

    def record(self, entry: Entry) -> None:
        """Keep a request."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __getitem__(self, index: int) -> Entry:
        with self._lock:
            return self._entries[index]

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)
