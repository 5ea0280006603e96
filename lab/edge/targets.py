"""Request targets as Traefik's entry points rewrite them before any router sees them."""

from __future__ import annotations

import re
import string
from typing import Final

_UNRESERVED: Final = frozenset(string.ascii_letters + string.digits + "-._~")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")


def sanitized(path: str) -> str:
    """The path with needless escapes decoded, the others in upper case, and `//`, `.` and `..` resolved.

    `%2e%2e/v1` becomes `/v1`, `/v1%2fx` becomes `/v1%2Fx`; `;` stays (recordings traefik/gate-path-*).
    """
    normalized = _ESCAPE.sub(_unescaped, path)
    return _cleaned(normalized) if normalized.startswith("/") else normalized


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _cleaned(path: str) -> str:
    if "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    ends_in_slash = path.endswith(("/", "/.", "/.."))
    return "/" + "/".join(kept) + ("/" if kept and ends_in_slash else "")
