"""Texts that two servers would never draw alike: identifiers, secrets, times; and what a page says."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")
_MASKS = (
    ("<picture>", re.compile(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+")),
    ("<jwt>", JWT),
    ("<gate session>", re.compile(r"authentik_proxy_session_[0-9a-f-]{36}|\b[A-Z2-7]{52}\b")),
    ("<uuid>", re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")),
    ("<time>", re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?")),
    ("<date>", re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")),
    ("<hex>", re.compile(r"\b(?:[0-9a-f]{16,}|[0-9A-F]{32,})\b")),
    ("<random>", re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{22,}")),
    ("<user code>", re.compile(r"(?<==)\d{9}\b")),
    ("<letters>", re.compile(r"\b[A-Za-z]{24}\b")),
)


def masked(text: str) -> str:
    """The text with everything drawn by chance, or by the clock, replaced by what kind of thing it is."""
    for kind, pattern in _MASKS:
        text = pattern.sub(kind, text)
    return text


def claims(token: str) -> list[Any]:
    """Header and payload of a JWT."""
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]]


def outline(page: str) -> dict[str, Any]:
    """Title and visible text of a page, as the recorder took them down."""
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    bare = re.sub(r"<(script|style)\b.*?</\1>|<!--.*?-->", " ", page, flags=re.DOTALL | re.IGNORECASE)
    text = html.unescape(re.sub(r"<[^>]+>", " ", bare))
    return {"html_title": html.unescape(title[1].strip()) if title else None, "visible_text": " ".join(text.split())}
