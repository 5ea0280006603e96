"""The corpus: each place of the estate with the bad answers that are tried there, generated."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lab import names
from selftests.support.hostile import documents, wire
from selftests.support.hostile.asked import (
    ADMIN,
    AUTHORIZE,
    DEPLOYMENTS,
    DISCOVERY,
    FLOW,
    GATE,
    GITOPS,
    GRAFANA,
    HEALTH,
    KEYS,
    LOG,
    PODS,
    READY,
    ROUTES,
    SECRETS,
    SERVICES,
    TOKEN,
    TWO_HOSTS,
    USERS,
    VERSION,
    Place,
)
from selftests.support.hostile.kinds import BODIES, COOKIES, DATES, LOCATIONS, TITLES, TRANSPORT, Kind
from selftests.support.hostile.statuses import STATUSES, WRAPPINGS


@dataclass(frozen=True)
class Case:
    """One bad answer at one place."""

    place: Place
    bad: str
    kind: Kind

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.place.name}: {self.bad}"


# Everything is tried at one place of each reader; elsewhere the kinds take turns.
_THOROUGH: Final = (DISCOVERY,)
_IN_TURN: Final = (DEPLOYMENTS, USERS, KEYS, FLOW, TOKEN, VERSION, PODS, LOG, SERVICES, ROUTES, SECRETS, GITOPS)
_TURN: Final = 9


def corpus() -> dict[str, Case]:
    """All cases by their names, in a fixed order."""
    return {case.name: case for case in _cases()}


def _cases() -> Iterator[Case]:
    usual = {**TRANSPORT, **BODIES, **STATUSES, **WRAPPINGS}
    for place in _THOROUGH:
        yield from _at(place, usual)
    for turn, place in enumerate(_IN_TURN):
        yield from _at(place, dict(itertools.islice(usual.items(), turn % _TURN, None, _TURN)))
    yield from _at(AUTHORIZE, LOCATIONS)
    yield from _at(GATE, dict(itertools.islice(LOCATIONS.items(), 0, None, 3)))
    yield from _at(READY, DATES)
    yield from _at(DISCOVERY, COOKIES)
    yield from _at(GRAFANA, COOKIES)
    yield from _at(ADMIN, TITLES)
    for place, particular in _PARTICULAR.items():
        yield from _at(place, particular)


def _at(place: Place, tried: Mapping[str, Kind]) -> Iterator[Case]:
    return (Case(place, bad, kind) for bad, kind in tried.items())


def _endless_pages(size: int) -> wire.Speaks:
    """Each page of a list of the Kubernetes API leads to the next one, which is the same."""
    return documents.amended(
        lambda found: {
            **(found if "items" in found else {"kind": "PodList", "apiVersion": "v1", "items": []}),
            "metadata": {"resourceVersion": "1", "continue": "on"},
            "padding": "x" * size,
        }
    )


def _lines(line: bytes, number: int) -> wire.Speaks:
    # Written just now: what is older than the window is nobody's trouble.
    stamped = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000000000Z ".encode() + line + b"\n"
    return lambda _: wire.whole(stamped * number, media_type="text/plain")


def _to_and_fro() -> wire.Speaks:
    """Each of two hosts says that it is at the other."""
    turns = itertools.cycle(("argocd", "grafana"))
    return lambda _: wire.whole(b"", f"Location: https://{next(turns)}.{names.DOMAIN}/there", status="302 Found")


def _long(name: str, value: object) -> Kind:
    return Kind(documents.amended(documents.member(name, value)))


def _circle(following: int | None) -> Kind:
    numbers = itertools.count(2)

    def change(found: dict[str, object]) -> dict[str, object]:
        ahead = next(numbers) if following is None else following
        return {"results": [], **found, "pagination": {"next": ahead, "count": 3}, "x": "y" * 1_900_000}

    return Kind(documents.amended(change), cut=True)


def _private_keys(size: int) -> Kind:
    def change(document: dict[str, object]) -> dict[str, object]:
        keys = document["keys"]
        assert isinstance(keys, list)
        return {"keys": [{**key, "d": "x" * size, "p": "y" * size} for key in keys]}

    return Kind(documents.amended(change))


def _in_key(name: str, value: object) -> Kind:
    return Kind(documents.within("keys", 0, name, becomes=value))


def _with_key(key: dict[str, str]) -> wire.Speaks:
    return documents.amended(lambda found: {"keys": [*found["keys"], key]})


_two_keys_of_one_kid: Final = documents.amended(
    lambda found: {"keys": [*found["keys"], {**found["keys"][0], "n": found["keys"][0]["n"][::-1]}]}
)
_twice_and_counted: Final = documents.amended(
    lambda found: {
        "results": found["results"] * 2,
        "pagination": {**found["pagination"], "count": 2 * found["pagination"]["count"]},
    }
)


def _forgetful() -> wire.Speaks:
    """Every other page is gone."""
    pages = itertools.count()

    def speak(body: bytes) -> wire.Said:
        if next(pages) % 2:
            return wire.whole(b'{"kind": "Status", "code": 410, "reason": "Expired"}', status="410 Gone")
        return documents.within("metadata", "continue", becomes="next")(body)

    return speak


_LONG: Final = "x" * 90_000
_BROKEN_URL: Final = b'{"event": "http://[::1", "path": "/x?redirect_uri=http://[", "level": "error"}'
_WRONG_TYPES: Final = (
    b'{"event": [1], "level": {"a": 1}, "logger": 5, "timestamp": Infinity, "headers": [1], "request_id": {}}'
)
# fmt: off
_URLS: Final = (
    "http://[", "http://x:99999/", "", 5, ["a"], {"a": 1}, "javascript:1", "https://\ud800/",
    "/relative", "http://" + _LONG,
)
_PAGES: Final = {
    "next": (float("inf"), float("nan"), 10**30, -1, 1, "2", None, [], {}),
    "count": (0, -1, 10**9, None, "many", float("inf")),
}
# fmt: on
_PARTICULAR: Final[dict[Place, dict[str, Kind]]] = {
    DISCOVERY: {
        "an issuer of 90 KB": _long("issuer", f"https://{_LONG}/"),
        "an issuer of 1.9 MB": _long("issuer", f"https://{'x' * 1_900_000}/"),
        "an issuer before its issuer": Kind(lambda body: wire.whole(b'{"issuer": "https://b/",' + body.lstrip()[1:])),
        "a list of 200,000 algorithms": _long("id_token_signing_alg_values_supported", ["RS256"] * 200_000),
        **{f"jwks_uri is {str(url)[:20]!r} ({type(url).__name__})": _long("jwks_uri", url) for url in _URLS},
    },
    KEYS: {
        "private members of 900 KB": _private_keys(900_000),
        "private members": _private_keys(400),
        "an exponent of 1": Kind(documents.within("keys", 0, "e", becomes="AQ")),
        "an exponent of 0": Kind(documents.within("keys", 0, "e", becomes="AA")),
        "an exponent that is even": Kind(documents.within("keys", 0, "e", becomes="AgAA")),
        "a modulus of 1 MB": Kind(documents.within("keys", 0, "n", becomes="x" * 1_000_000)),
        "a modulus of 512 bits": Kind(documents.within("keys", 0, "n", becomes="-" * 86)),
        "a modulus of one": Kind(documents.within("keys", 0, "n", becomes="AQ")),
        "an empty modulus": Kind(documents.within("keys", 0, "n", becomes="")),
        "a modulus in standard base64": Kind(documents.within("keys", 0, "n", becomes="+/" * 171)),
        "an exponent of 2,000 digits": Kind(documents.within("keys", 0, "e", becomes="_" * 1200)),
        "each key twice": Kind(documents.amended(lambda found: {"keys": found["keys"] * 2})),
        "two keys of one kid": Kind(_two_keys_of_one_kid),
        "a kid of 90 KB": _in_key("kid", _LONG),
        "a key without a kid": _in_key("kid", None),
        "a shared secret among the keys": Kind(
            _with_key({"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "kid": "s"})
        ),
        "a key of no curve": Kind(
            _with_key({"kty": "EC", "crv": "P-999", "x": "AQ", "y": "AQ", "kid": "c"}), harmless=True
        ),
        "a point on no curve": Kind(_with_key({"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ", "kid": "c"})),
        "a certificate of 900 KB": _in_key("x5c", ["M" * 900_000]),
        "200 certificates": _in_key("x5c", ["MIIB"] * 200),
        "no keys": Kind(documents.amended(documents.member("keys", []))),
        "20,000 keys": Kind(documents.amended(lambda found: {"keys": found["keys"][:1] * 2_000})),
    },
    USERS: {
        **{
            f"pagination.{name} is {value!r}": Kind(documents.within("pagination", name, becomes=value))
            for name, values in _PAGES.items()
            for value in values
        },
        "each user twice": Kind(documents.amended(lambda found: {**found, "results": found["results"] * 2})),
        "each user twice, and counted": Kind(_twice_and_counted),
        "the list in a list": Kind(documents.amended(lambda found: {**found, "results": [found["results"]]})),
        "no pagination": Kind(documents.amended(lambda found: {"results": found["results"]})),
        "a circle of pages of 1.9 MB": _circle(1),
        "pages of 1.9 MB without end": _circle(None),
    },
    GATE: {
        "a Content-Security-Policy of 90 KB": Kind(wire.with_headers(f"Content-Security-Policy: {_LONG}")),
        "a page of a megabyte": Kind(lambda _: wire.whole(b"<p>" * 333_000, media_type="text/html")),
        **COOKIES,
    },
    ADMIN: {"a Content-Security-Policy of 90 KB": Kind(wire.with_headers(f"Content-Security-Policy: {_LONG}"))},
    VERSION: {
        "a number as gitVersion": Kind(documents.amended(documents.member("gitVersion", 5))),
        "a gitVersion of 90 KB": Kind(documents.amended(documents.member("gitVersion", _LONG))),
    },
    PODS: {
        "a circle of small pages": Kind(_endless_pages(0), cut=True),
        "a circle of pages of 2 MB": Kind(_endless_pages(2_000_000), cut=True),
        "a continue of numbers": Kind(documents.within("metadata", "continue", becomes=5)),
        "a continue of a list": Kind(documents.within("metadata", "continue", becomes=["a"])),
        "each pod twice": Kind(documents.amended(lambda found: {**found, "items": found["items"] * 2})),
        "410 to its own token": Kind(_forgetful()),
        "a token, and no more": Kind(documents.within("metadata", "continue", becomes="once")),
        "events of a watch": Kind(lambda _: wire.whole(b'{"type":"ADDED","object":{"kind":"Pod"}}\n' * 3)),
        "an event of a watch": Kind(lambda _: wire.whole(b'{"type":"ADDED","object":{"kind":"Pod"}}')),
        "no items, and a token": Kind(
            documents.amended(lambda found: {**found, "items": None, "metadata": {"continue": "x"}}), cut=True
        ),
        "no items": Kind(
            documents.amended(lambda found: {name: value for name, value in found.items() if name != "items"})
        ),
        "410": Kind(wire.with_headers(status="410 Gone")),
        "remainingItemCount without continue": Kind(documents.within("metadata", "remainingItemCount", becomes=7)),
        "a Table": Kind(wire.instead(b'{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[]}')),
        "a Status": Kind(wire.instead(b'{"kind":"Status","status":"Failure","code":500}')),
    },
    HEALTH: {
        "a login's page": STATUSES["200 and a page"],
        "an empty object": BODIES["an empty object"],
        "a page without end": TRANSPORT["endless, in chunks"],
    },
    AUTHORIZE: {
        "leads to two addresses": Kind(
            wire.with_headers("Location: https://a.example/", "Location: https://b.example/", status="302 Found")
        )
    },
    SECRETS: {
        "its webhook is gone": Kind(
            wire.with_status(b'{"kind": "Status", "message": "conversion webhook failed", "code": 500}', "500 Broken")
        ),
        "its server is gone": Kind(wire.with_status(b"service unavailable", "503 Unavailable")),
        "words without end": Kind(wire.with_status(b'{"message": "' + b"x" * 2_000_000 + b'"}', "500 Broken")),
        "words that are none": Kind(wire.with_status(b'{"message": {"a": [null]}}', "500 Broken")),
        "a login elsewhere": Kind(wire.with_headers("Location: https://login.example/?x=1", status="302 Found")),
        "a login nowhere": Kind(wire.with_headers("Location: http://[::1", status="302 Found")),
    },
    TWO_HOSTS: {"to and fro": Kind(_to_and_fro())},
    LOG: {
        "lines without end": Kind(wire.endless_lines(0), cut=True),
        "a line now and then, without end": Kind(wire.endless_lines(0.1), cut=True),
        "a megabyte of noise": Kind(lambda _: wire.whole(wire.noise(1_000_000), media_type="text/plain")),
        "15 MB of lines": Kind(_lines(b'{"event": "hello", "level": "info"}', 220_000)),
        "15 MB in one line": Kind(_lines(b"x" * 15_000_000, 1)),
        "15 MB of long lines": Kind(_lines(b"x" * 150_000, 100)),
        "deep lines": Kind(_lines(b'{"event": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 50), harmless=True),
        "lines with broken URLs": Kind(_lines(_BROKEN_URL, 50)),
        "lines of wrong types": Kind(_lines(_WRONG_TYPES, 50), harmless=True),
        "lines with a panic of a megabyte": Kind(_lines(b"thread 'main' panicked at " + b"x" * 200_000, 5)),
        "lines that are NUL": Kind(_lines(b"\x00" * 1000, 200)),
        "times beyond the calendar": Kind(lambda _: wire.whole(b"99999-99-99T99:99:99Z hello\n" * 500)),
    },
}  # fmt: skip
__all__ = ["Case", "corpus"]
