"""Remedies are typed: their commands parse, look with the real kubectl and curl at the lab, and mend what they can."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.control import Remote
from lab.faults import Fault
from selftests.support.lab_process import in_shell
from selftests.support.suite_runs import SuiteRun, forked, warm_run

TOOLS = ("curl", "kubectl")
# What a tool says of a line that it does not understand. That something is not there, or does not answer, is the fault.
MISUNDERSTOOD = (
    "unknown command", "unknown flag", "unknown shorthand", "error: the server doesn't have a resource type",
    "error parsing", "must be specified", "Malformed input", "option -", "URL using bad/illegal format", "syntax error",
    "command not found", "error: exec", "invalid argument",
)  # fmt: skip
# These open an editor.
BY_HAND = ("kubectl -n", " edit ")


def is_by_hand(line: str) -> bool:
    """Whether a command waits for somebody who edits."""
    return all(part in line for part in BY_HAND)


def parses(line: str) -> bool:
    """Whether bash takes it for a command."""
    return subprocess.run(["bash", "-n", "-c", line], capture_output=True, check=False).returncode == 0


@dataclass
class Shares:
    """How many remedies have commands, and what became of these."""

    remedies: int = 0
    with_commands: int = 0
    commands: int = 0
    parsed: int = 0
    reading: dict[str, bool] = field(default_factory=dict)
    mended: dict[str, bool] = field(default_factory=dict)
    changing: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        """A line of the shares."""
        return (
            f"remedies: {self.with_commands} of {self.remedies} first ones have commands; {self.parsed} of "
            f"{self.commands} commands parse; {sum(self.reading.values())} of {len(self.reading)} reading ones ran; "
            f"{sum(self.mended.values())} of {len(self.mended)} changing ones that can be applied healed their fault"
        )


@dataclass
class Typist:
    """Types the remedies of a fault into a running lab with its state in `state`."""

    state: Path
    shares: Shares = field(default_factory=Shares)

    def complaints(self, fault: Fault, report: Mapping[str, Any]) -> list[str]:
        """What is wrong with the commands of all remedies of a run under `fault`."""
        told = report["warnings"] if fault.warns else report["roots"]
        self.shares.remedies += 1
        self.shares.with_commands += bool(told[0]["remedy"]["commands"])
        commands = {c["line"]: c["changes"] for cause in told for c in cause["remedy"]["commands"]}
        self.shares.commands += len(commands)
        wrong = [f"does not parse: {line}" for line in commands if not parses(line)]
        self.shares.parsed += len(commands) - len(wrong)
        looking = [line for line, changes in commands.items() if not changes and line not in self.shares.reading]
        changing = [c["line"] for c in told[0]["remedy"]["commands"] if c["changes"] and not is_by_hand(c["line"])]
        self.shares.changing |= {line for line, changes in commands.items() if changes and not is_by_hand(line)}
        if wrong or not (looking or changing):
            return wrong
        Remote.of(self.state).fault([fault.name])
        try:
            wrong += [f"is not understood: {line}: {said}" for line in looking if (said := self._looked(line))]
            if changing:
                self.shares.mended[fault.name] = self._mends(fault, changing)
        finally:
            Remote.of(self.state).heal()
        return wrong

    def _looked(self, line: str) -> str:
        """What is wrong with a command that looks; empty where its tool is not here, or took it."""
        if line.split(maxsplit=1)[0] not in TOOLS or not shutil.which(line.split(maxsplit=1)[0]):
            return ""
        said = in_shell(self.state, line).stderr
        wrong = said if any(sign in said for sign in MISUNDERSTOOD) else ""
        self.shares.reading[line] = not wrong
        return wrong

    def _mends(self, fault: Fault, lines: list[str]) -> bool:
        for line in lines:
            self.typed(line)
        run = self.judged("-k", fault.root)
        return bool(run.report) and run.report["verdict"] in ("HEALTHY", "PARTIAL") and not run.red

    def harmed(self) -> list[str]:
        """What is red in the healthy lab after all that the remedies so far change."""
        for line in sorted(self.shares.changing):
            self.typed(line)
        run = self.judged()
        return sorted(run.red) if run.report else [run.stderr[-2000:]]

    def typed(self, line: str) -> int:
        """Types a command that changes something; the exit code."""
        return in_shell(self.state, line).returncode

    def judged(self, *arguments: str) -> SuiteRun:
        """A run of the suite against the lab as it is."""
        lines = in_shell(self.state, "env -0").stdout.split("\0")
        environment = dict(line.partition("=")[::2] for line in lines if line)
        changed = {name: value for name, value in environment.items() if os.environ.get(name) != value}
        return forked(warm_run, *arguments, environment=changed)
