"""House rules nobody should have to check: who imports whom, how long files are, that every section is judged."""

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from fixtures.catalogue.explaining import load_catalogue
from fixtures.catalogue.generated import stale
from fixtures.engine.checks import catalogue
from fixtures.engine.registry import closure, observations
from fixtures.model.runbook import SECTIONS

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "lab": {"lab"},
    "fixtures": {"fixtures"},
    "deploy": {"deploy", "fixtures"},
    "tests_smoke": {"fixtures"},
    "tests_oidc": {"fixtures"},
    "tests_forwardauth": {"fixtures"},
}
OURS = {*MAY_IMPORT, "selftests"}
# What the project was given to build with.
GIVEN = {"pytest", "httpx", "kubernetes", "pytest-html", "tenacity"}
# fixtures/plugin/invocation.py names the lab's options by module name, as conftest.py does; it imports nothing of it.


def sources(folder):
    return [path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts]


def imported(path):
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_point_one_way(folder):
    for path in sources(folder):
        strangers = {name.split(".")[0] for name in imported(path)} & OURS - MAY_IMPORT[folder]
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


def test_no_test_module_is_imported():
    """What several share has a home in selftests/support."""
    for path in sources("selftests"):
        shared = [name for name in imported(path) if name.startswith("selftests.") and ".test_" in name]
        assert not shared, f"{path.relative_to(ROOT)} imports {shared}"


def test_what_was_given_to_build_with_is_built_with():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {Requirement(line).name for line in listed} >= GIVEN
    used = {name.partition(".")[0] for path in sources("fixtures") for name in imported(path)}
    assert used >= GIVEN - {"pytest-html"}  # which calls hooks


@pytest.mark.parametrize("folder", [*MAY_IMPORT, "selftests"])
def test_files_stay_short(folder):
    for path in sources(folder):
        assert len(path.read_text().splitlines()) <= 300, f"{path.relative_to(ROOT)} is longer than 300 lines"


def test_functions_stay_short():
    for path in (path for folder in MAY_IMPORT for path in sources(folder)):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 40, f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {length} lines"


def test_every_section_of_the_runbook_is_judged():
    load_catalogue()
    judged = {section for entry in catalogue.values() for section in entry.runbook}
    assert set(SECTIONS) == judged


def test_every_observation_is_used_and_judged_by_a_check_that_exists():
    load_catalogue()
    used = closure(name for entry in catalogue.values() for name in entry.parameters)
    awaited = closure(name for entry in used.values() for name in (*entry.after, *entry.optional))
    asked = {name for name, entry in observations.items() if not entry.is_check}
    assert asked == {*used, *awaited, "api_identity", "cluster_version", "minted_token"}
    assert {observation.judged_by for observation in observations.values()} <= set(catalogue)


def test_generated_files_are_current():
    assert not stale(), "run: make docs"


def test_httpcore_still_has_its_one_kind_of_stream():
    assert importlib.util.find_spec("httpcore._backends.sync") is not None


def rule_modules():
    """The modules of the topics that ask nothing, by themselves or for others."""
    for path in sources("fixtures/topics"):
        text = path.read_text()
        if text and "@observation(" not in text and "from fixtures.doors" not in text:
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("module", sorted(rule_modules()))
def test_every_rule_has_examples(module):
    """One that was only ever seen in whole runs is not known to tell good from bad."""
    package, _, name = module.rpartition(".")
    examples = re.compile(rf"^from ({re.escape(module)} import|{re.escape(package)} import {name}\b)", re.MULTILINE)
    assert any(examples.search(path.read_text()) for path in sources("selftests/topics"))
