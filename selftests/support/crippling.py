"""For `pytest -p selftests.support.crippling`: makes the suite, or the lab, worse than it is.

Whoever proves that the matrix notices takes one check's eyes out (`CRIPPLED_CHECK`, its test always passes then), or
breaks the lab by what no check looks at (the fault `seen-by-nobody`).
"""

import os

import pytest

from lab.faults import fault
from lab.world import World

CRIPPLED = "CRIPPLED_CHECK"
UNSEEN = "seen-by-nobody"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """The crippled check's test is not called, and passes."""
    crippled = os.environ.get(CRIPPLED)
    return True if crippled and crippled in pyfuncitem.extra_keyword_matches else None


@pytest.hookimpl(tryfirst=True)
def pytest_addoption() -> None:
    """Register the fault, in this process alone."""
    fault(UNSEEN, known_from="nowhere", turns_red=("SMOKE-USER-01",))(_rename)


def _rename(world: World) -> None:
    """Alice is called otherwise."""
    alice = world.authentik.directory.user("alice")
    assert alice is not None
    alice.name = "Alice B."
