"""The recorded exchanges, read from their folder and told in other names."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from selftests.contract.naming import as_first
from selftests.contract.texts import JWT

Headers = list[tuple[str, str]]
Telling = Callable[[str], str]

FOLDERS = (
    "oidc",
    "api",
    "health",
    "forward-auth",
    "traefik",
    "standalone-outpost",
    "argocd",
    "probe-identity",
    "blueprints",
    "kubernetes",
)
ABSENT = object()
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "recordings"
# Releases of Authentik that were asked, and what their folders are called after the first one's.
SETS = {"2026.5": "", "2026.8": "-2026.8"}
# What stands for a token that was masked.
MASKED = "***"
BASIC = re.compile(r"Basic ([A-Za-z0-9+/=]+)")
NOWHERE = "no recordings: neither SSO_RECORDINGS nor ../shared/recordings leads to INDEX.tsv, there and in …-2026.8"
# The sanitizer that replaced the recorder's home folder also met this path.
SANITIZED = ("/api/v3/home/authentik/config/", "/api/v3/root/config/")


@dataclass(frozen=True)
class Request:
    """What was sent."""

    method: str
    url: str
    headers: Headers = field(repr=False)
    body: str | None = field(default=None, repr=False)

    def header(self, name: str) -> str:
        """The first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def changed(self, change: Telling) -> Request:
        """The same with every text changed."""
        headers = [(key, change(value)) for key, value in self.headers]
        body = None if self.body is None else change(self.body)
        return replace(self, url=change(self.url), headers=headers, body=body)


@dataclass(frozen=True)
class Recorded:
    """What was answered. Exactly one of `json`, `outline` (of an HTML page) and `text` tells the body."""

    status: int
    headers: Headers = field(repr=False)
    text: str | None = field(default=None, repr=False)
    json: Any = field(default=ABSENT, repr=False)
    outline: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; `name` is folder/file without its ending."""

    name: str
    request: Request
    recorded: Recorded

    @property
    def folder(self) -> str:
        """The folder it was recorded into."""
        return self.name.partition("/")[0]


def folder(release: str = "2026.5") -> Path | None:
    """Where a release's recordings are: SSO_RECORDINGS, or ../shared/recordings beside the checkout; None if nowhere.

    The folder of a later release is called after that of the first: recordings-2026.8.
    """
    first = Path(os.environ.get("SSO_RECORDINGS", BESIDE))
    path = first.with_name(first.name + SETS[release])
    return path if (path / "INDEX.tsv").is_file() else None


def load(release: str, tell: Telling) -> dict[str, Exchange]:
    """Every exchange of a release by its name, told in other words by `tell`; of what was masked, as first asked."""
    path, first = folder(release), folder()
    assert path is not None
    assert first is not None
    found: dict[str, Exchange] = {}
    for part in FOLDERS:
        for file in sorted((path / part).glob("*.json")):
            if not file.name.endswith(".decoded.json"):
                data = json.loads(file.read_text())
                if MASKED in json.dumps(data["request"]):
                    data["request"] = json.loads((first / part / file.name).read_text())["request"]
                exchange = _exchange(f"{part}/{file.stem}", json.dumps(data), lambda text: tell(as_first(text)))
                found[exchange.name] = exchange
    return found


def _exchange(name: str, text: str, tell: Telling) -> Exchange:
    text = BASIC.sub(lambda found: _told_basic(found, tell), text)
    data = json.loads(tell(JWT.sub(lambda found: _told_token(found[0], tell), text)))
    sent, answered = data["request"], data["response"]
    request = Request(
        sent["method"], sent["url"].replace(*SANITIZED), [(key, value) for key, value in sent["headers"]], sent["body"]
    )
    recorded = Recorded(
        answered["status"],
        [(key, value) for key, value in answered["headers"]],
        answered.get("body"),
        answered.get("json", ABSENT),
        answered.get("body_outline"),
    )
    return Exchange(name, request, recorded)


def _told_token(token: str, tell: Telling) -> str:
    """The same token with its payload told in other words; nobody checks its signature."""
    head, payload, signature = token.split(".")
    told = tell(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode())
    return f"{head}.{base64.urlsafe_b64encode(told.encode()).decode().rstrip('=')}.{signature}"


def _told_basic(found: re.Match[str], tell: Telling) -> str:
    try:
        pair = base64.b64decode(found[1], validate=True).decode()
    except ValueError:
        return found[0]
    return f"Basic {base64.b64encode(tell(pair).encode()).decode()}"
