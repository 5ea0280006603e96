"""Imported, it makes what every run makes anew: for the process that others are forked from, which imports alone.

The models are built, the pages' templates compiled, the keys of a lab drawn: an estate that nothing serves has them.
The checks are collected, so that their modules have been imported. What may be a plugin of pytest's is looked for once
among all that is installed: at each start that reads the files of each package.
"""

import io
from contextlib import chdir, redirect_stdout
from functools import cache
from importlib import metadata

import pytest

from fixtures.reports.page import HERE, template
from lab.faults import load
from lab.world import World
from selftests.support import models
from selftests.support.suite_runs import ROOT

# Read once each: pytest says of each plugin which version it is.
metadata.Distribution.metadata = property(cache(metadata.Distribution.metadata.fget))
PLUGINS = [each for each in metadata.distributions() if any(entry.group == "pytest11" for entry in each.entry_points)]

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
