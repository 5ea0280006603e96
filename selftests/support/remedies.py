"""Remedies are typed: their commands parse, look with the real kubectl and curl at a lab, and mend what they can."""

import json
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from lab.faults import Fault
from lab.lab import Lab
from selftests.matrix.matrix import is_red
from selftests.support.drafts import arrangement_of
from selftests.support.lab_process import in_shell
from selftests.support.suite_runs import SuiteRun, forked, run_here

TOOLS = ("curl", "kubectl")
# What a tool says of a line that it does not understand. That something is not there, or does not answer, is the fault.
MISUNDERSTOOD = (
    "unknown command", "unknown flag", "unknown shorthand", "error: the server doesn't have a resource type",
    "error parsing", "must be specified", "Malformed input", "option -", "URL using bad/illegal format", "syntax error",
    "command not found", "error: exec", "invalid argument",
)  # fmt: skip
# These open an editor.
BY_HAND = ("kubectl ", " edit ")
Run = Callable[..., SuiteRun]


def is_by_hand(line: str) -> bool:
    """Whether a command waits for somebody who edits."""
    return all(part in line for part in BY_HAND)


def parses(line: str) -> bool:
    """Whether bash takes it for a command."""
    return subprocess.run(["bash", "-n", "-c", line], capture_output=True, check=False).returncode == 0


def misunderstood(said: str) -> str:
    """What a tool said, where it did not understand the line; empty otherwise."""
    return said if any(sign in said for sign in MISUNDERSTOOD) else ""


@dataclass(frozen=True)
class Advice:
    """What a run advises: the commands of all that it tells, by whether they change something, and whether the first
    cause has commands, or at least pages."""

    commands: dict[str, bool]
    typed: bool
    opened: bool

    @classmethod
    def of(cls, told: list[dict[str, Any]]) -> "Advice":
        """By the roots, or the warnings, of a report."""
        commands = {c["line"]: c["changes"] for cause in told for c in cause["remedy"]["commands"]}
        return cls(commands, bool(told[0]["remedy"]["commands"]), bool(told[0]["remedy"]["pages"]))

    @property
    def looking(self) -> tuple[str, ...]:
        """The commands that only look."""
        return tuple(line for line, changes in self.commands.items() if not changes)

    @property
    def changing(self) -> tuple[str, ...]:
        """Those that change something, and wait for nobody."""
        return tuple(line for line, changes in self.commands.items() if changes and not is_by_hand(line))


def told_by(fault: Fault, run: SuiteRun) -> list[dict[str, Any]]:
    """The causes of a run that a fault is to be found among: its warnings, where the fault is one."""
    found: list[dict[str, Any]] = run.report["warnings" if fault.warns else "roots"]
    return found


@dataclass
class Bench:
    """A lab that serves in this process, a shell that is led to it, and runs of the suite against it."""

    lab: Lab
    state: Path
    options: tuple[str, ...]
    run: Run = forked

    def judged(self, *arguments: str) -> SuiteRun:
        """A run of the suite against the lab as it is."""
        estate = str(self.state / "estate.toml")
        given = (*self.options, *arguments)
        return self.run(run_here, "--estate", estate, *given, environment=self.lab.environment)

    def typed(self, line: str) -> subprocess.CompletedProcess[str]:
        """What a person sees who types that line."""
        token = f"AUTHENTIK_ADMIN_TOKEN={self.lab.world.secrets.bootstrap_token}"
        return in_shell(self.state, f"{token}\n{line}")

    def looked(self, line: str) -> str:
        """What is wrong with a command that looks; empty where its tool is not here, or took it."""
        name = line.split(maxsplit=1)[0]
        return misunderstood(self.typed(line).stderr) if name in TOOLS and shutil.which(name) else ""

    def is_healed(self, fault: Fault, lines: Iterable[str]) -> str:
        """What is still wrong after these lines are typed: what they answer, or is red; empty where it is healed."""
        done = [self.typed(line) for line in lines]
        refused = [(each.stderr or each.stdout).strip()[-200:] or "refused" for each in done if each.returncode]
        run = self.judged("-k", fault.root)
        if not run.report:
            return run.stderr[-200:]
        red = [name for name in run.red if any(is_red(entry, name) for entry in (*fault.turns_red, fault.root))]
        return "; ".join(refused or sorted(red)) if red else ""


@contextmanager
def bench(*changes: str, options: tuple[str, ...] = (), run: Run = forked) -> Iterator[Bench]:
    """A lab with these faults or variants in force, of the shape and release that the options of a fault name."""
    of_lab, others = arrangement_of(options)
    with tempfile.TemporaryDirectory() as folder, Lab(faults=changes, **of_lab) as lab:
        lab.write_state(Path(folder))
        yield Bench(lab, Path(folder), tuple(others), run)


@dataclass
class Shares:
    """How many remedies have commands, and what became of these.

    Where several processes type, each line is typed by the one whose file in the folder `typed` it is.
    """

    typed: Path | None = None
    remedies: int = 0
    with_commands: int = 0
    with_pages: int = 0
    bare: list[str] = field(default_factory=list)
    commands: dict[str, bool] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    looked: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    changing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def note(self, fault: Fault, advice: Advice) -> list[str]:
        """Count what a run under a fault advises; returns the commands that look and were not typed yet."""
        self.remedies += 1
        self.with_commands += advice.typed
        self.with_pages += advice.opened and not advice.typed
        self.bare += [] if advice.typed or advice.opened else [fault.name]
        fresh = [line for line in advice.commands if line not in self.commands]
        self.commands |= advice.commands
        self.wrong += [line for line in fresh if not parses(line)]
        if advice.changing:
            self.changing[fault.name] = advice.changing
        return [line for line in fresh if line in advice.looking and self._is_first(line)]

    def _is_first(self, line: str) -> bool:
        if self.typed is not None:
            try:
                (self.typed / f"typed-{sha256(line.encode()).hexdigest()}").touch(exist_ok=False)
            except FileExistsError:
                return False
        return True

    def __str__(self) -> str:
        """A line of the shares."""
        ran = sum(not said for said in self.looked.values())
        healed = sum(not said for said in self.left.values())
        return (
            f"remedies: {self.with_commands} of {self.remedies} first ones have commands, {self.with_pages} pages "
            f"alone, {len(self.bare)} a sentence; {len(self.commands) - len(self.wrong)} of {len(self.commands)} "
            f"commands parse; {ran} of {len(self.looked)} that look ran; {healed} of {len(self.left)} that change "
            "something healed"
        )


def sent(line: str) -> tuple[str, Any]:
    """The address and the JSON of a typed command that changes an object of Authentik's."""
    words = shlex.split(line.replace("<(", "("), posix=True)
    return words[words.index("PATCH") + 1], json.loads(words[words.index("-d") + 1])
