"""What a healthy estate answers to each question, noted down at the doors; and other bodies put in its place there."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from fixtures.doors.cluster_client import ClusterClient, Sent
from fixtures.doors.http import HttpDoor
from fixtures.engine.graph import Key
from fixtures.exchange.answers import Answer
from fixtures.exchange.log import ExchangeLog
from fixtures.plugin import asking
from fixtures.plugin.settling import SCHEDULER
from selftests.support.hostile.positions import read

# What becomes of a body: given the question that asked, which of its answers this is, what was asked, and the body.
Hears = Callable[[str, int, str, bytes], bytes]


@dataclass(frozen=True)
class Given:
    """One answer: to which question, which of its answers by number, what was asked for, and its body."""

    question: str
    number: int
    asked: str
    body: bytes

    @property
    def name(self) -> str:
        """`deployments 1`; the same for all subjects of a question."""
        return f"{self.question.partition('[')[0]} {self.number}"

    @cached_property
    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        return read(self.body)


@dataclass(frozen=True)
class Healthy:
    """All answers of a run, the ids of the items that stand on each question, and the outcome of each case."""

    given: tuple[Given, ...]
    standing: dict[str, list[str]]
    outcomes: dict[str, str]

    def save(self, path: Path) -> None:
        """For another process."""
        given = [{**vars(each), "body": base64.b64encode(each.body).decode()} for each in self.given]
        path.write_text(json.dumps([given, self.standing]))

    @classmethod
    def load(cls, path: Path, outcomes: dict[str, str]) -> Healthy:
        """What was saved."""
        given, standing = json.loads(path.read_text())
        return cls(
            tuple(Given(**{**each, "body": base64.b64decode(each["body"])}) for each in given), standing, outcomes
        )


def listen(hears: Hears) -> None:
    """From now on every body that comes through a door of this process is what `hears` makes of it."""
    numbers: Counter[str] = Counter()

    def heard(log: ExchangeLog, asked: str, body: bytes) -> bytes:
        question = str(log.question.key) if hasattr(log, "question") else log.asker
        numbers[question] += 1
        return hears(question, numbers[question], asked, body)

    exchange, send = HttpDoor._exchange, ClusterClient.send

    def exchanged(door: HttpDoor, request: Any, began: float) -> Answer:
        answer = exchange(door, request, began)
        return replace(answer, body=heard(door._log, f"{request.method} {request.url}", answer.body))

    def sent(client: ClusterClient, log: ExchangeLog, path: str, *arguments: Any, **named: Any) -> Sent:
        found = send(client, log, path, *arguments, **named)
        return found._replace(body=heard(log, f"GET {path}", found.body)) if not found.error else found

    HttpDoor._exchange, ClusterClient.send = exchanged, sent  # type: ignore[method-assign]


class Standing:
    """A plugin that notes, once it is `on`, into which items the answer to a question flows, directly or not."""

    def __init__(self) -> None:
        self.on = False
        self._of: dict[str, list[tuple[int, str]]] = {}

    @property
    def of(self) -> dict[str, list[str]]:
        """Items by questions, those first that take the fewest."""
        return {key: [item for _, item in sorted(items)] for key, items in self._of.items()}

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Any:
        """Innermost: all is planned, and nothing judged."""
        for item in session.items if self.on else ():
            taken = self._below(item, item.stash.get(asking._KEYS, {}).values())
            for key in taken:
                self._of.setdefault(str(key), []).append((len(taken), item.nodeid))
        return (yield)

    @staticmethod
    def _below(item: pytest.Item, keys: Iterable[Key]) -> set[Key]:
        records, seen, pending = item.config.stash[SCHEDULER].records, set(), list(keys)
        while pending:
            key = pending.pop()
            if key not in seen and key in records:
                seen.add(key)
                pending += (each for each in records[key].question.arguments.values() if isinstance(each, Key))
        return seen
