"""Imported, it makes what every run makes anew: for the process that others are forked from, which imports alone.

The models are built, the pages' templates compiled, the keys of a lab drawn: an estate that nothing serves has them.
"""

from fixtures.reports.page import HERE, template
from lab.faults import load
from lab.world import World
from selftests.support import models

models.build()
for path in HERE.glob("*.jinja"):
    template(path.name)
World()
load()
