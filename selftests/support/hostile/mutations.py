"""Each field of each answer, with each kind of value in its place: what is tried, and what a run may make of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from fixtures.exchange.answers import SECRET_FIELDS
from selftests.support.hostile.answered import Given, Healthy, listen
from selftests.support.hostile.forked_runs import DEFECT, MOST_MEMORY, Done, Job
from selftests.support.hostile.positions import Steps, at, fits, mutated, places

# Of processor time; healthy runs of a part take a tenth of it.
MOST_SECONDS: Final = 10
# Many take one answer alike: of those that stand on little else, and of all others, so many are asked.
NEAREST: Final = 8
FURTHER: Final = 2
_EXIT_CODES: Final = {"HEALTHY": 0, "DEGRADED": 0, "PARTIAL": 0, "UNHEALTHY": 1}
# Values in which no secret hides, however its field is called.
_SHORTEST_SECRET: Final = 12


class Form(NamedTuple):
    """A field of like answers, wherever in its lists it stands: `steps` have "[]" for an entry of a list."""

    group: str
    steps: tuple[str, ...]

    def __str__(self) -> str:
        """`deployments 1: items[].spec`."""
        return f"{self.group}: {'.'.join(self.steps).replace('.[]', '[]') or 'all of it'}"

    @property
    def holders(self) -> list[Form]:
        """What it is a part of."""
        return [Form(self.group, self.steps[:length]) for length in range(len(self.steps))]


@dataclass(frozen=True)
class Mutation:
    """One value in the answers to one question."""

    form: Form
    question: str
    number: int
    path: Steps
    kind: str

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.form}: {self.kind} ({self.question}, {'.'.join(map(str, self.path))})"

    def job(self, healthy: Healthy) -> Job:
        """The run in which this alone is wrong, of no more items than show what it is about."""
        standing = healthy.standing.get(self.question, [])
        taken = frozenset((*standing[:NEAREST], *sorted(standing, key=number)[:FURTHER]))
        return Job(self, self._install, lambda item: item.nodeid in taken)

    def _install(self) -> None:
        listen(self._hear)

    def _hear(self, question: str, number: int, _: str, body: bytes) -> bytes:
        if (question, number) != (self.question, self.number):
            return body
        try:
            return mutated(body, self.path, self.kind)
        except (LookupError, TypeError, ValueError):
            # Not always the same is asked: then this tries nothing.
            return body


def forms(healthy: Healthy) -> dict[Form, list[tuple[Given, Steps]]]:
    """Where each form of field stands."""
    found: dict[Form, list[tuple[Given, Steps]]] = defaultdict(list)
    for given in healthy.given:
        if healthy.standing.get(given.question):
            group = _group(given)
            for path in _places(given):
                found[Form(group, tuple("[]" if isinstance(step, int) else step for step in path))].append(
                    (given, path)
                )
    return found


def mutation(form: Form, where: list[tuple[Given, Steps]], kind: str) -> Mutation | None:
    """That kind of value at one of the places of a form; None where it is what stands there."""
    fitting = [(given, path) for given, path in where if fits(kind, at(given.document, path), path)]
    if not fitting:
        return None
    turn = number(f"{form} {kind}") % len(fitting)
    given, path = fitting[turn]
    return Mutation(form, given.question, given.number, path, kind)


def number(text: str) -> int:
    """The same for the same text at each time."""
    return int(sha256(text.encode()).hexdigest()[:12], 16)


def _places(given: Given) -> Iterator[Steps]:
    return places(given.document) if isinstance(given.document, dict | list) else iter(())


def _group(given: Given) -> str:
    """Answers of one group have the same fields: discovery of one application and of another."""
    fields = sorted({str(path[:3]) for path in _places(given)})
    return f"{given.name} {sha256(json.dumps(fields).encode()).hexdigest()[:4]}"


def secrets_of(healthy: Healthy) -> frozenset[str]:
    """Values of the healthy answers that nobody may see, by the names of their fields."""
    found = set()
    for given in healthy.given:
        for path in _places(given):
            value = at(given.document, path)
            if path and path[-1] in SECRET_FIELDS and isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
                found.add(value)
    return frozenset(found)


def shortcomings(done: Done, secrets: frozenset[str]) -> list[str]:
    """What is not as it should be in a run under a mutation."""
    run = done.run
    if run is None:
        return [f"it was killed, or crashed, after {done.seconds:.0f} s"]
    if not run.report:
        return [f"there is no report: {run.stdout[-300:]}"]
    said = run.stdout + run.stderr + "\n".join(case["cause"] for case in run.report["cases"])
    found = [_around(said, word) for word in [DEFECT.search(said)] if word]
    found += [f"it took {done.memory} MB"] if done.memory > MOST_MEMORY else []
    found += [f"it took {done.cpu:.1f} s"] if done.cpu > MOST_SECONDS else []
    verdict = run.report["verdict"]
    expected = _EXIT_CODES.get(verdict)
    found += [f"{verdict} and exit code {run.exit_code}"] if run.exit_code != expected else []
    written = said.encode() + b"".join(run.files.values())
    found += [f"it shows {secret[:4]}…" for secret in secrets if secret.encode() in written]
    return found


def _around(text: str, word: re.Match[str]) -> str:
    return "it says: " + " ".join(text[max(0, word.start() - 100) : word.end() + 200].split())
