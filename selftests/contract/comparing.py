"""What differs between a recorded answer and the lab's, and what each drew by chance in the same place."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lab.network import Answer
from selftests.contract import shapes
from selftests.contract.differing import Difference
from selftests.contract.recordings import ABSENT, Recorded
from selftests.contract.texts import JWT, claims, masked, outline

# Transport, the recorder's own backend, and what is drawn anew for each answer.
IGNORED = {
    "audit-id",
    "connection",
    "content-encoding",
    "content-length",
    "date",
    "server",
    "transfer-encoding",
    "x-kubernetes-pf-flowschema-uid",
    "x-kubernetes-pf-prioritylevel-uid",
}
# Two clients are never the same thing, however much their ids look alike.
NAMED = {"client_id", "aud", "azp"}
# What each server draws for itself, in a form that nothing else has.
DRAWN = {"at_hash", "device_code", "jti", "refresh_token", "sentry_dsn", "sid", "uid", "user_code", "x5c"}
# Lists without an order of their own: Go iterates maps, Django sets.
UNORDERED = {"scope", "vary", "scopes_supported", "headers"}
EPOCH = 1_000_000_000
CLOCKS = 2


@dataclass
class Comparison:
    """Collects differences; `issued` maps recorded values to the lab's."""

    differences: list[Difference] = field(default_factory=list)
    issued: dict[str, str] = field(default_factory=dict, repr=False)

    def differ(self, where: str, recorded: object, lab: object) -> None:
        """Note a difference."""
        self.differences.append(Difference(where, f"recorded {_short(recorded)}, the lab {_short(lab)}"))

    def answer(self, recorded: Recorded, lab: Answer, *, contents: bool) -> Comparison:
        """Compare everything; without `contents` a successful JSON answer by keys and types only."""
        if recorded.status != lab.status:
            self.differ("status", recorded.status, lab.status)
        self._headers(recorded.headers, lab.headers)
        self._body(recorded, lab.body.decode("utf-8", "replace"), contents or recorded.status >= 400)
        return self

    def _headers(self, recorded: list[tuple[str, str]], lab: list[tuple[str, str]]) -> None:
        before, now = _grouped(recorded), _grouped(lab)
        for name in sorted(before.keys() | now.keys()):
            one, other = before.get(name, []), now.get(name, [])
            if len(one) != len(other):
                self.differ(f"header {name}", one or "none", other or "none")
                continue
            for old, new in zip(one, other, strict=True):
                self._header(name, old, new)

    def _header(self, name: str, recorded: str, lab: str) -> None:
        if name == "location":
            self.url("location", recorded, lab)
        elif name == "set-cookie":
            self._cookie(recorded, lab)
        else:
            self.text(f"header {name}", recorded, lab)

    def _cookie(self, recorded: str, lab: str) -> None:
        (old, *before), (new, *now) = recorded.split("; "), lab.split("; ")
        name, _, value = old.partition("=")
        if name != new.partition("=")[0]:
            self.differ("set-cookie", name, new.partition("=")[0])
            return
        self._cookie_value(f"cookie {name}", value, new.partition("=")[2])
        one, other = sorted(map(_attribute, before)), sorted(map(_attribute, now))
        if one != other:
            self.differ(f"attributes of cookie {name}", one, other)

    def _cookie_value(self, where: str, recorded: str, lab: str) -> None:
        if JWT.fullmatch(recorded) or min(len(recorded), len(lab)) < 24:
            self.text(where, recorded, lab)
        elif recorded != lab:
            self.issued[recorded] = lab

    def _body(self, recorded: Recorded, lab: str, contents: bool) -> None:
        if recorded.json is not ABSENT:
            self._json(recorded.json, lab, contents)
        elif recorded.outline is not None:
            for key, value in outline(lab).items():
                self.text(key, recorded.outline[key], value)
        else:
            self.text("body", recorded.text or "", lab)

    def _json(self, recorded: Any, lab: str, contents: bool) -> None:
        try:
            found = json.loads(lab)
        except ValueError:
            self.differ("body", "JSON", masked(lab))
            return
        if contents:
            self.value("json", recorded, found)
        else:
            self.differences += shapes.differences(recorded, found)

    def value(self, where: str, recorded: Any, lab: Any) -> None:
        """Compare two JSON values, or claims."""
        if isinstance(recorded, dict) and isinstance(lab, dict):
            if recorded.keys() != lab.keys():
                self.differ(
                    f"keys of {where}", sorted(recorded.keys() - lab.keys()), sorted(lab.keys() - recorded.keys())
                )
            for key in recorded.keys() & lab.keys():
                self.value(f"{where}.{key}", recorded[key], lab[key])
        elif isinstance(recorded, list) and isinstance(lab, list) and len(recorded) == len(lab):
            if _key(where) in UNORDERED:
                recorded, lab = sorted(recorded), sorted(lab)
            for index, pair in enumerate(zip(recorded, lab, strict=True)):
                self.value(f"{where}[{index}]", *pair)
        elif isinstance(recorded, str) and isinstance(lab, str):
            self.text(where, recorded, lab)
        elif recorded != lab and not _both_times(recorded, lab):
            self.differ(where, recorded, lab)

    def url(self, where: str, recorded: str, lab: str) -> None:
        """Compare two addresses: everything before the query, and the parameters in their order."""
        (before, _, asked), (now, _, wanted) = recorded.partition("?"), lab.partition("?")
        self.text(where, before, now)
        one, other = parse_qsl(asked, keep_blank_values=True), parse_qsl(wanted, keep_blank_values=True)
        if [name for name, _ in one] != [name for name, _ in other]:
            self.differ(f"parameters of {where}", [name for name, _ in one], [name for name, _ in other])
            return
        for (name, old), (_, new) in zip(one, other, strict=True):
            self._parameter(f"{where} {name}", old, new)

    def _parameter(self, where: str, recorded: str, lab: str) -> None:
        if "?" in recorded and urlsplit(recorded).path:
            self.url(where, recorded, lab)
        else:
            self.text(where, recorded, lab)

    def text(self, where: str, recorded: str | None, lab: str | None) -> None:
        """Compare two texts: equal, or of the same kind wherever chance or the clock had a hand in them."""
        if recorded == lab:
            return
        if recorded is None or lab is None:
            self.differ(where, recorded, lab)
            return
        if JWT.fullmatch(recorded) and JWT.fullmatch(lab):
            self.issued[recorded] = lab
            self.value(where, claims(recorded), claims(lab))
            return
        key = _key(where)
        if key in UNORDERED and _words(recorded) == _words(lab):
            return
        if (key in DRAWN or where.endswith("[1].state")) and recorded and lab:
            self.issued[recorded] = lab
        elif key in NAMED or masked(recorded) != masked(lab):
            self.differ(where, recorded, lab)
        elif masked(recorded).startswith("<") and " " not in recorded:
            self.issued[recorded] = lab


def _grouped(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        # Compression is the transport's business, and who announces it is, too.
        kept = name.lower() not in IGNORED and (name.lower(), value.lower()) != ("vary", "accept-encoding")
        if kept:
            found.setdefault(name.lower(), []).append(value)
    return found


def _key(where: str) -> str:
    return re.sub(r"\[\d+\]$", "", where).replace(".", " ").rpartition(" ")[2]


def _words(text: str) -> list[str]:
    return sorted(text.replace(",", " ").split())


def _attribute(text: str) -> str:
    name, _, value = text.partition("=")
    if name.lower() == "expires":
        return f"{name}={masked(value)}"
    if name.lower() == "max-age" and value.isdigit():
        # The recorder saw 3599, 3600 and 3601 within a second.
        return f"{name}≈{round(int(value) / CLOCKS / 2) * CLOCKS * 2}"
    return text


def _both_times(recorded: object, lab: object) -> bool:
    numbers = [value for value in (recorded, lab) if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(numbers) == 2 and all(value > EPOCH for value in numbers)


def _short(value: object) -> str:
    text = masked(str(value))
    return text if len(text) <= 300 else f"{text[:300]}…"
