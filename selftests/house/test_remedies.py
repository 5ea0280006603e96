"""What goes into a command is quoted by construction: its form is written down, and the names are handed over."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("fixtures", "tests_smoke", "tests_oidc", "tests_forwardauth")
FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
MAKERS = ("read", "change")


def made(tree: ast.Module, makers: Iterable[str] = MAKERS) -> Iterator[ast.Call]:
    """The calls of these functions of fixtures.model.remedy in one file."""
    nodes = list(ast.walk(tree))
    imported = {
        name.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "fixtures.model.remedy"
        for name in node.names
    }
    for node in nodes if imported else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in imported & {*makers}:
            yield node


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_form_of_a_command_is_a_constant(path: Path):
    for call in made(ast.parse(path.read_text(encoding="utf-8"))):
        form = call.args[0]
        assert isinstance(form, ast.Constant), f"{path.name}:{call.lineno}: names belong behind the form, not into it"
        fields = str(form.value).replace("{{", "").replace("}}", "").count("{}")
        starred = any(isinstance(name, ast.Starred) for name in call.args)
        assert starred or fields == len(call.args) - 1, f"{path.name}:{call.lineno}: {fields} names wanted"


# Not the parts of one run, which are told of by who runs it in a Job, and not where commands are made.
@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parts[-2] not in ("sharding", "model")], ids=lambda path: path.name
)
def test_a_sentence_holds_no_command(path: Path):
    """A command in a sentence is asked of whichever cluster kubectl is at, and cannot be copied alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {id(each) for call in made(tree, (*MAKERS, "Command")) for each in ast.walk(call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in typed:
            found = re.search("kubectl (-|auth)", node.value)
            assert not found, f"{path.name}:{node.lineno}: a command belongs into read or change"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_shell_takes_a_command_for_a_pattern(path: Path):
    """zsh, unlike bash, ends a line whose `?`, `*` or `[…]` matches no file."""
    for call in made(ast.parse(path.read_text(encoding="utf-8"))):
        form = re.sub(r"'[^']*'|\"[^\"]*\"", "", str(call.args[0].value))
        assert not set("?*[]") & set(form), f"{path.name}:{call.lineno}: quote what other shells take for a pattern"
