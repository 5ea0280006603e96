"""Imported, it makes what every run makes anew: for the process that others are forked from, which imports alone.

The models are built, the pages' templates compiled, the keys of a lab drawn: an estate that nothing serves has them.
The checks are collected, so that their modules have been imported. What may be a plugin of pytest's is looked for once
among all that is installed: at each start that reads the files of each package.
"""

import io
from contextlib import chdir, redirect_stdout
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import pytest_html.plugin
from _pytest.fixtures import FixtureManager

from fixtures.reports.page import HERE, template
from lab.faults import load
from lab.world import World
from selftests.support import models
from selftests.support.suite_runs import ROOT

# Read once each: pytest says of each plugin which version it is.
metadata.Distribution.metadata = property(cache(metadata.Distribution.metadata.fget))
PLUGINS = [each for each in metadata.distributions() if any(entry.group == "pytest11" for entry in each.entry_points)]


HIDDEN: dict[int, tuple[object, Any]] = {}
find = FixtureManager._find_wrapped_fixture_def


def found_before(manager: FixtureManager, obj: object) -> Any:
    """Whether a name of a plugin hides a fixture: of each of their thousands pytest asks that at each start."""
    if id(obj) not in HIDDEN:
        HIDDEN[id(obj)] = obj, find(manager, obj)
    return HIDDEN[id(obj)][1]


FixtureManager._find_wrapped_fixture_def = found_before
PAGE = pytest_html.plugin._read_template([Path(pytest_html.__file__).with_name("resources")])
pytest_html.plugin._read_template = lambda _: PAGE
models.build()
for path in HERE.glob("*.jinja"):
    template(path.name)
for pair in World().authentik.certificates.values():
    assert pair.public_jwk
load()
metadata.distributions = lambda: PLUGINS
with chdir(ROOT), redirect_stdout(io.StringIO()):
    # Where that fails each run says so itself.
    pytest.main(["--config-file", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "--lab", "--collect-only"])
