"""`pytest --fixtures` is where an editor's owner looks: each question stands at its own line, with its own sentence."""

import inspect
import re
from pathlib import Path

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.registry import aliases, observations
from fixtures.engine.subjects import subjects
from selftests.support.suite_runs import ROOT, run_suite

load_catalogue()


@pytest.fixture(scope="module")
def shown():
    """What is shown of each fixture: the place behind its name, and what stands below."""
    blocks = run_suite("--fixtures", "-q").stdout.split("\n\n")
    found = (re.search(r"^(\w+) -- (fixtures/\S+)\n(.*)", block, re.MULTILINE | re.DOTALL) for block in blocks)
    return {block[1]: (block[2], block[3].splitlines()) for block in found if block}


def questions():
    """Every question and alias of one by its name, and every subject, with the function that is it."""
    asked = {name: entry.function for name, entry in observations.items() if not entry.is_check}
    return asked | {name: asked[alias.of] for name, alias in aliases.items() if alias.of in asked} | subjects


@pytest.mark.parametrize("name", sorted(questions()))
def test_a_fixture_is_shown_where_its_function_stands(name, shown):
    function = questions()[name]
    place, below = shown[name]
    path = Path(inspect.getfile(function)).relative_to(ROOT)
    assert place == f"{path}:{function.__code__.co_firstlineno}"
    assert below[0].strip() == inspect.getdoc(function).splitlines()[0]


@pytest.mark.parametrize(("name", "returns"), [("discovery", "Discovery"), ("app", "OidcApplication")])
def test_a_fixture_says_what_it_returns(name, returns, shown):
    assert shown[name][1][-1].strip() == f"-> {returns}"
