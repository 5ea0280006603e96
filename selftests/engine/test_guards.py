"""An alias whose value is worth something only where a check holds, and what can do without it."""

import pytest

from fixtures.engine import registry
from fixtures.engine.registry import alias, observation
from fixtures.model.signals import Blocked, Broken
from selftests.support.own_registry import run


def listing(world, *, hidden):
    """An alias whose value is worth something only where a check holds, and two that take it."""

    @observation(judged_by="A-01")
    def listed(kind):
        """Answers whatever is asked."""
        return [] if kind in hidden else ["entry"]

    def visible(listed, kind):
        if not listed:
            raise Broken(f"{kind} are hidden", "give the permission")

    registry.observations["A-01"] = registry.Observation("A-01", visible, ("listed", "kind"), "A-01", "none", "")
    alias("users", of="listed", requires=("A-01",), kind=lambda _: "users")

    @observation(judged_by="A-02")
    def counting(users):
        """Never asked about a list that hides something."""
        world.append("counted")
        return len(users)

    @observation(judged_by="A-03", optional=("users",))
    def glancing(users):
        """Does without."""
        return users


def test_what_an_alias_requires_blocks_whoever_takes_it(world):
    listing(world, hidden=("users",))
    counted, glanced = run(("counting", {}), ("glancing", {}))
    with pytest.raises(Blocked) as blocked:
        counted()
    assert (blocked.value.root.check_id, blocked.value.root.case) == ("A-01", "users")
    assert not world
    assert glanced().root.check_id == "A-01"


def test_an_alias_gives_its_value_where_what_it_requires_holds(world):
    listing(world, hidden=())
    counted, glanced = run(("counting", {}), ("glancing", {}))
    assert (counted(), glanced()) == (1, ["entry"])
