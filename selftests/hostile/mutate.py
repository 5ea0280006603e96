"""`python -m selftests.hostile.mutate [--kinds N] [--part I/N] [--sample N] [WORD …]`: fields of answers, mutated.

Every field of every answer that the lab gives is made absent, null, of a wrong type, empty, huge, deep and so on. What
does not matter as a whole is not tried in its parts. Printed is one table: what fell short.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from selftests.support.hostile.answered import Given, Healthy
from selftests.support.hostile.forked_runs import Done, Job, run_all
from selftests.support.hostile.mutations import Form, Mutation, forms, mutation, number, secrets_of, shortcomings
from selftests.support.hostile.positions import ABSENT, KINDS, Steps

# What tells whether a field matters at all: there is none that may be this.
PROBE: Final = "a list of a number"
Places = dict[Form, list[tuple[Given, Steps]]]


class Table:
    """What became of all that was tried."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._part, self._parts = map(int, given.part.split("/"))
        self.short: dict[str, list[str]] = {}
        self.verdicts: Counter[str] = Counter()
        self.cpu = 0.0
        # Whether a mutation of a form changed anything.
        self._changed: defaultdict[Form, bool] = defaultdict(bool)
        self._healthy: dict[str, str] = {}
        self._secrets: frozenset[str] = frozenset()

    def rounds(self, healthy: Healthy) -> Iterator[list[Job]]:
        """First a probe of each field, from the top to the leaves; then all other kinds of what matters."""
        self._secrets, self._healthy = secrets_of(healthy), healthy.outcomes
        found = {form: where for form, where in forms(healthy).items() if self._is_chosen(form)}
        if self._given.sample:
            yield self._sampled(healthy, found)
            return
        for depth in range(max((len(form.steps) for form in found), default=0) + 1):
            level = {form: where for form, where in found.items() if len(form.steps) == depth}
            yield self._jobs(healthy, {form: where for form, where in level.items() if self._may_matter(form)}, [PROBE])
        mattering = {form: where for form, where in found.items() if self._may_matter(form) and self._changed[form]}
        print(f"{len(found)} fields, of which {len(mattering)} matter", file=sys.stderr)
        yield [
            job for form, where in mattering.items() for job in self._jobs(healthy, {form: where}, self._kinds(form))
        ]

    def _is_chosen(self, form: Form) -> bool:
        return number(form.group) % self._parts == self._part and all(word in str(form) for word in self._given.words)

    def _sampled(self, healthy: Healthy, found: Places) -> list[Job]:
        """One of the kinds of each field, and of those as many as are wanted: the same at each time."""
        of_each = {form: KINDS[number(str(form)) % len(KINDS)] for form in found}
        drawn = sorted(found, key=lambda form: number(f"{form} {of_each[form]}"))[: self._given.sample]
        return [job for form in drawn for job in self._jobs(healthy, {form: found[form]}, [of_each[form]])]

    def _kinds(self, form: Form) -> list[str]:
        others = [kind for kind in KINDS if kind not in (ABSENT, PROBE)]
        return [ABSENT, *sorted(others, key=lambda kind: number(f"{form} {kind}"))][: self._given.kinds]

    @staticmethod
    def _jobs(healthy: Healthy, found: Places, kinds: list[str]) -> list[Job]:
        tried = (mutation(form, where, kind) for form, where in found.items() for kind in kinds)
        return [each.job(healthy) for each in tried if each is not None]

    def _may_matter(self, form: Form) -> bool:
        return all(self._changed[holder] for holder in form.holders)

    def note(self, done: Done) -> None:
        """Take in what became of one."""
        tried: Mutation = done.name
        self.cpu += done.cpu
        report = done.run.report if done.run else {}
        outcomes = {case["name"]: case["outcome"] for case in report.get("cases", ())}
        changed = not outcomes or any(self._healthy[name] != found for name, found in outcomes.items())
        self._changed[tried.form] |= changed
        self.verdicts[report.get("verdict", "none")] += 1
        if found := shortcomings(done, self._secrets):
            self.short[tried.name] = found
        if self._given.log:
            told = [root["cause"] for root in (*report.get("roots", ()), *report.get("warnings", ()))]
            line = {"form": str(tried.form), "kind": tried.kind, "name": tried.name, "short": found}
            with self._given.log.open("a") as stream:
                stream.write(json.dumps({**line, "changed": changed, "cpu": done.cpu, "said": told}) + "\n")


def tried(*arguments: str) -> Table:
    """What became of what the arguments choose."""
    parser = argparse.ArgumentParser(prog="python -m selftests.hostile.mutate")
    parser.add_argument(
        "--kinds", type=int, default=len(KINDS), help="how many kinds, besides the first, of what matters"
    )
    parser.add_argument("--part", default="0/1", help="one of N parts, as 0/4")
    parser.add_argument("--sample", type=int, default=0, help="so many mutations instead, always the same")
    parser.add_argument("--log", type=Path, help="a line of JSON for each run")
    parser.add_argument("--shape", default="runbook", help="the lab's shape")
    parser.add_argument("words", nargs="*", help="parts of the names of fields")
    given = parser.parse_args(arguments)
    table = Table(given)
    run_all(table.rounds, table.note, f"--shape={given.shape}", at_once=2, records=True)
    return table


def main() -> int:
    """Try them; 1 where something fell short."""
    began = time.monotonic()
    table = tried(*sys.argv[1:])
    print(f"{dict(table.verdicts)}, {time.monotonic() - began:.0f} s, {table.cpu:.0f} s of processor time")
    print(f"{len(table.short)} fell short")
    for name, found in sorted(table.short.items()):
        print(f"  {name}: {'; '.join(found)}"[:600])
    return 1 if table.short else 0


if __name__ == "__main__":
    sys.exit(main())
