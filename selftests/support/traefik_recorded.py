"""What Traefik's own code made of rules, as selftests/contract/traefik/record.sh recorded it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

RECORDED: Final = Path(__file__).parents[1] / "contract" / "traefik" / "rules.jsonl"
VERSIONS: Final = ("3.6.12", "3.7.13")


class Recorded(NamedTuple):
    """One rule in one syntax: by version, which addresses it matched, or None where it was refused."""

    rule: str
    syntax: str
    matched: dict[str, dict[str, bool] | None]

    def __str__(self) -> str:
        return f"{self.syntax}: {self.rule!a}"


def recorded() -> Iterator[Recorded]:
    """Every recorded rule."""
    first, *lines = RECORDED.read_text(encoding="utf-8").splitlines()
    urls = json.loads(first)["urls"]
    for line in map(json.loads, lines):
        yield Recorded(line["rule"], line["syntax"], {version: _matched(urls, line[version]) for version in VERSIONS})


def _matched(urls: list[str], mask: str | None) -> dict[str, bool] | None:
    return None if mask is None else {url: sign == "x" for url, sign in zip(urls, mask, strict=True)}


def request_of(url: str) -> SplitResult:
    """An address with its host as Traefik compares it: in lower case."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower())
