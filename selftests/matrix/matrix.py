"""The fault × check matrix: what a run under a fault must come to, and what is wrong where it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import pytest

from lab.faults import Fault
from selftests.support.suite_runs import SuiteRun

# Since 2026.8 Authentik asks who forwards a scheme (goauthentik/authentik issue 25607), and the suite is no proxy.
_OF_PROXIES: Final = "OIDC-DISC-03"
_PATTERN = re.compile(r"(?P<id>[A-Z0-9-]*)(?:\[(?P<subject>.+)\])?")


def as_params(changes: Mapping[str, Any]) -> list[Any]:
    """Changes as parameters of a test; one that is pending has to fail it, and is pending no more when it does not."""
    return [
        pytest.param(each, id=name, marks=pytest.mark.xfail(strict=True, reason=each.pending) if each.pending else ())
        for name, each in changes.items()
    ]


def covers(pattern: str, case: str) -> bool:
    """Whether a fault's `blocks` entry means the case of that name.

    `OIDC-CODE` means every check whose id begins so, `[grafana]` every case that begins so, `OIDC-PROV[grafana]` both.
    """
    check_id, _, subject = case.partition("[")
    found = _PATTERN.fullmatch(pattern)
    assert found, f"{pattern} is no pattern of cases"
    of_id = f"{check_id}-".startswith(found["id"].rstrip("-") + "-") if found["id"] else True
    return of_id and (not found["subject"] or bool(re.match(rf"{re.escape(found['subject'])}(?![\w.])", subject)))


def is_red(red: str, case: str) -> bool:
    """Whether a fault's `red` entry, an id or a case's name, means the case of that name."""
    return red in (case, case.partition("[")[0])


def complaints(fault: Fault, run: SuiteRun) -> list[str]:
    """What is wrong with a run under a fault, in sentences; empty when it came to exactly what the fault says."""
    if not run.report:
        return [f"there is no report: {run.stdout[-2000:]}{run.stderr[-2000:]}"]
    verdict = (0, "DEGRADED") if fault.warns else (1, "UNHEALTHY")
    came_to = run.exit_code, run.report["verdict"]
    told = run.report["warnings"] if fault.warns else run.report["roots"]
    found = [f"it came to {came_to}, not to {verdict}"] if came_to != verdict else []
    asked_in_vain = _OF_PROXIES if fault.made_for.get("authentik") == "2026.8" else ""
    found += [f"not verified: {name}" for name in sorted(run.unverified) if not is_red(asked_in_vain, name)]
    found += _differences("red", fault.turns_red, run.red, is_red)
    found += _differences("blocked", fault.blocks, run.named("blocked"), covers)
    return found + _of_roots(fault, [root["id"] for root in told]) + _of_texts(told)


def _differences(
    word: str, declared: Collection[str], seen: Collection[str], means: Callable[[str, str], bool]
) -> list[str]:
    unseen = [entry for entry in declared if not any(means(entry, case) for case in seen)]
    undeclared = sorted(case for case in seen if not any(means(entry, case) for entry in declared))
    found = [f"declared {word}, but is not: {entry}" for entry in unseen]
    return found + [f"{word}, but not declared: {case}" for case in undeclared]


def _of_roots(fault: Fault, ids: list[str]) -> list[str]:
    found = [f"named first is {ids[:1]}, not {fault.root}"] if ids[:1] != [fault.root] else []
    others = set(ids) - {fault.root}
    if others != set(fault.other_roots):
        found.append(f"named, too, are {sorted(others)}, not {sorted(fault.other_roots)}")
    return found


def _of_texts(told: list[dict[str, str]]) -> list[str]:
    return [f"{root['id']} says no {field}" for root in told for field in ("cause", "fix") if not root[field]]
