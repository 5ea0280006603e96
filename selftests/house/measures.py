"""`python -m selftests.house.measures`: how far the house is from one home for each rule, in figures."""

import ast
import inspect
import re
import statistics
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fixtures.catalogue.explaining import ROOT, load_catalogue
from fixtures.engine.checks import Check, catalogue
from fixtures.engine.registry import PROVIDED, Observation, aliases, closure, observations
from fixtures.plugin import OF_A_RUN, OF_EACH_START

SUITES = ("tests_smoke", "tests_oidc", "tests_forwardauth")
DOORS = PROVIDED - {"estate", "run", "credential", "cleanup"}
# From the ground up: who stands on a floor imports from those below alone. Topics are one room here.
FLOORS = (
    "model", "estate", "exchange", "doors", "engine", "login", "topics", "draft", "catalogue", "reports", "sharding",
    "plugin",
)  # fmt: skip


def sources(*folders: str) -> list[Path]:
    """Every Python file of these folders."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "__pycache__" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def arrows() -> Counter[tuple[str, str]]:
    """Which room inside fixtures/ imports which other, in how many statements."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sources("fixtures"):
        room = path.relative_to(ROOT / "fixtures").parts[0]
        targets = (name.split(".")[1] for name in imported(path) if name.startswith("fixtures."))
        found.update((room, target) for target in targets if target != room and path.name != room)
    return found


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The modules that a file imports; of a package, what is imported from it."""
    return tuple(_imported(parsed(path)))


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = (ROOT / node.module.replace(".", "/")).is_dir()
            yield from (f"{node.module}.{alias.name}" for alias in node.names) if whole else (node.module,)


def upward() -> list[tuple[str, str]]:
    """The arrows that do not point down, and those of rooms that stand on no floor."""
    return sorted(
        (room, target)
        for room, target in arrows()
        if room not in FLOORS or target not in FLOORS or FLOORS.index(target) >= FLOORS.index(room)
    )


def sending_nothing() -> list[str]:
    """The questions without a door: rules in disguise."""
    load_catalogue()
    asked = (entry for entry in observations.values() if not entry.is_check)
    return sorted(entry.name for entry in asked if DOORS.isdisjoint(entry.parameters))


def plugin_modules() -> list[Path]:
    """The modules that each start takes, those that a run takes besides, and the entry point."""
    paths = (*OF_EACH_START, *OF_A_RUN, "fixtures.plugin.invocation")
    return [(ROOT / name.replace(".", "/")).with_suffix(".py") for name in paths]


def hooks(paths: Iterable[Path]) -> int:
    """How many hook functions these files hold."""
    return sum(
        isinstance(node, ast.FunctionDef) and node.name.startswith("pytest_")
        for path in paths
        for node in ast.walk(parsed(path))
    )


def annotated() -> tuple[int, int]:
    """Of the parameters of all tests: how many are annotated, and how many there are."""
    tests = (node for path in sources(*SUITES) for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef))
    parameters = [parameter for test in tests if test.name.startswith("test_") for parameter in test.args.args]
    return sum(parameter.annotation is not None for parameter in parameters), len(parameters)


def untyped_aliases() -> list[str]:
    """Where `dict[str, Any]` is given another name."""
    alias = re.compile(r"^(\w+)(?:: TypeAlias)? = (?:dict|Mapping)\[str, Any\]$", re.MULTILINE)
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources("fixtures", "lab", *SUITES)
        for name in alias.findall(path.read_text(encoding="utf-8"))
    ]


def lines() -> int:
    """The lines of fixtures/, lab/ and the suites."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in sources("fixtures", "lab", *SUITES))


def function_of(entry: Check) -> ast.FunctionDef:
    """The test of a check as it is written."""
    found = (node for node in parsed(Path(entry.module)).body if isinstance(node, ast.FunctionDef))
    return next(node for node in found if node.name == entry.function)


def taken(entry: Check) -> list[Observation]:
    """The questions that a test takes by itself."""
    named = (aliases[name].of if name in aliases else name for name in entry.parameters)
    return [observations[name] for name in named if name in observations]


def repeating() -> list[str]:
    """The tests of which each assertion speaks only of what a question of its own has enforced by raising Broken."""
    load_catalogue()
    found = []
    for entry in catalogue.values():
        enforced = {name for asked in taken(entry) if asked.judged_by == entry.id for name in _enforced(asked.function)}
        asserted = [_names(node.test) for node in ast.walk(function_of(entry)) if isinstance(node, ast.Assert)]
        if not asserted or all(names and names <= enforced for names in asserted):
            found.append(entry.id)
    return sorted(found)


def _enforced(function: Callable[..., Any]) -> Iterator[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.If)):
        if any(isinstance(each, ast.Raise) and "Broken" in ast.unparse(each) for each in ast.walk(node)):
            yield from _names(node.test)


def _names(test: ast.expr) -> set[str]:
    """The members and functions that a condition speaks of."""
    members = {node.attr for node in ast.walk(test) if isinstance(node, ast.Attribute)}
    calls = (node.func for node in ast.walk(test) if isinstance(node, ast.Call))
    return members | {func.id for func in calls if isinstance(func, ast.Name)}


def to_open(entry: Check) -> set[Path]:
    """The files to open to follow a check: its test's, its questions', those of what it requires, and of all rules that
    they use by name."""
    files = {Path(entry.module)} | _used(Path(entry.module), function_of(entry))
    files |= {Path(catalogue[name].module) for name in entry.requires if name in catalogue}
    for asked in closure(entry.parameters).values() if entry.parameters else ():
        if asked in taken(entry):
            path = Path(inspect.getfile(asked.function))
            written = (node for node in parsed(path).body if isinstance(node, ast.FunctionDef))
            files |= {path} | _used(path, next(node for node in written if node.name == asked.name))
    return files


def _used(path: Path, function: ast.FunctionDef) -> set[Path]:
    """The files of topics whose names a function of that file uses."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return {
        (ROOT / node.module.replace(".", "/")).with_suffix(".py")
        for node in parsed(path).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fixtures.topics.")
        if names & {alias.asname or alias.name for alias in node.names}
    }


def places_to_edit() -> list[str]:
    """What CONTRIBUTING tells to write for a new check: its code, each in a place of its own."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    known = {
        "@observation(": "question",
        "@check(": "test",
        "@fault(": "fault",
        "@variant(": "variant",
        "make docs": "docs",
    }
    return [place for sign, place in known.items() if sign in guide]


def main() -> None:
    """Print the table of issue 11 for this tree."""
    load_catalogue()
    opened = sorted(len(to_open(entry)) for entry in catalogue.values())
    p90 = statistics.quantiles(opened, n=10)[-1]
    typed, parameters = annotated()
    asked = sum(not entry.is_check for entry in observations.values())
    modules = plugin_modules()
    rows = {
        "tests that repeat their question": f"{len(repeating())} of {len(catalogue)}",
        "questions that send nothing": f"{len(sending_nothing())} of {asked}",
        "files to open per check, p50 / p90 / max": f"{opened[len(opened) // 2]} / {p90:.0f} / {opened[-1]}",
        "places to edit for a new check": f"{len(places_to_edit())}: {', '.join(places_to_edit())}",
        "plugin modules / hook functions": f"{len(modules) - 1} + entry point / "
        f"{hooks([*modules, *sources('fixtures/reports', 'fixtures/sharding')])}",
        "arrows between rooms / upward": f"{len(arrows())} / {len(upward())}",
        "parameters of tests with a type": f"{typed} of {parameters}",
        "names for dict[str, Any]": f"{len(untyped_aliases())}",
        "lines of fixtures, lab and the suites": f"{lines():,}",
    }
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"{name:<{width}}  {value}")


if __name__ == "__main__":
    main()
