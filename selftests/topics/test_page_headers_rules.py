"""Who may frame a page, and to whom its address is told, as browsers read its headers."""

from __future__ import annotations

import httpx
import pytest

from fixtures.topics.authorization.page_headers import framed_by_anybody, told_to_others

FRAMES, POLICY, REFERRER = "X-Frame-Options", "Content-Security-Policy", "Referrer-Policy"


@pytest.mark.parametrize(
    "headers",
    [
        [(FRAMES, "DENY")],
        [(FRAMES, "SameOrigin")],
        # Traefik's header and Authentik's, where nothing replaces the other.
        [(FRAMES, "DENY"), (FRAMES, "SAMEORIGIN")],
        [(POLICY, "default-src 'self'; frame-ancestors 'none'")],
        [(POLICY, "frame-ancestors")],
        [(FRAMES, "DENY"), (POLICY, "Frame-Ancestors 'self' https://home.example.org https://*.example.org")],
        [(POLICY, "frame-ancestors *"), (POLICY, "frame-ancestors 'self'")],
    ],
)
def test_what_forbids_framing(headers: list[tuple[str, str]]) -> None:
    assert not framed_by_anybody(httpx.Headers(headers))


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(FRAMES, "ALLOW-FROM https://home.example.org")],
        [(POLICY, "default-src 'self'")],
        [(POLICY, "frame-ancestors *")],
        [(POLICY, "default-src 'self';frame-ancestors 'self' https:")],
        # Authentik's own header counts no more.
        [(FRAMES, "DENY"), (POLICY, "frame-ancestors https://*")],
        [(f"{POLICY}-Report-Only", "frame-ancestors 'self'"), (POLICY, "frame-ancestors *")],
    ],
)
def test_what_lets_any_site_frame_it(headers: list[tuple[str, str]]) -> None:
    assert framed_by_anybody(httpx.Headers(headers))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("same-origin", ""),
        ("strict-origin-when-cross-origin", ""),
        ("unsafe-url, no-referrer", ""),
        # A browser passes over what it does not know.
        ("strict-origin, of-a-later-standard", ""),
        ("", "not at all"),
        ("none", "not at all"),
        ("no-referrer, unsafe-url", "unsafe-url"),
        ("No-Referrer-When-Downgrade", "no-referrer-when-downgrade"),
    ],
)
def test_to_whom_an_address_is_told(said: str, told: str) -> None:
    assert told_to_others(httpx.Headers({REFERRER: said})) == told
