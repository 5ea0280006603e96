"""Observations: each question once, prerequisites first, one root, and no hang."""

import threading
import time

import pytest

from fixtures.engine import registry, scheduler
from fixtures.engine.registry import alias, closure, observation, subjects_of
from fixtures.engine.scheduler import DeadlinePassed
from fixtures.model.kinds import Kind
from fixtures.model.signals import Blocked, Broken, NotApplicable, NotVerified
from selftests.support.own_registry import run


def test_a_question_is_asked_once_and_shared(world):
    @observation(judged_by="A-01")
    def base(app):
        """Asked once for each application."""
        world.append(app)
        return f"base of {app}"

    @observation(judged_by="A-02")
    def above(base, app):
        """Stands on base."""
        return f"{base}, above {app}"

    results = run(("above", {"app": "x"}), ("base", {"app": "x"}), ("above", {"app": "y"}))
    assert [result() for result in results] == ["base of x, above x", "base of x", "base of y, above y"]
    assert sorted(world) == ["x", "y"]


def test_a_broken_prerequisite_blocks_and_is_never_asked_past(world):
    @observation(judged_by="A-01")
    def base():
        """Breaks."""
        raise Broken("no answer", "look", kind=Kind("down"))

    @observation(judged_by="A-02")
    def above(base):
        """Never asked."""
        world.append("asked")

    (result,) = run(("above", {}))
    with pytest.raises(Blocked) as blocked:
        result()
    assert (blocked.value.root.check_id, blocked.value.root.kind) == ("A-01", Kind("down"))
    assert not world


def test_what_is_broken_comes_before_what_is_missing(world):
    @observation(judged_by="A-01")
    def missing():
        """Not given."""
        raise NotVerified("no token", "give one", need="api")

    @observation(judged_by="A-02")
    def broken():
        """Breaks."""
        raise Broken("bad", "mend")

    @observation(judged_by="A-03")
    def above(missing, broken):
        """Stands on both."""

    @observation(judged_by="A-04")
    def beside(missing):
        """Stands on what is missing."""

    one, other = run(("above", {}), ("beside", {}))
    with pytest.raises(Blocked):
        one()
    with pytest.raises(NotVerified) as not_verified:
        other()
    assert not_verified.value.need == "api"


def test_what_the_first_cases_stand_on_is_asked_first(world, monkeypatch):
    """Cases are judged in their order: an answer for a later one would be held until then."""
    monkeypatch.setattr(scheduler, "THREADS", 1)

    @observation(judged_by="A-01")
    def base(app):
        """Nothing below it."""
        world.append(f"base of {app}")

    @observation(judged_by="A-02")
    def above(base, app):
        """Stands on base."""
        world.append(f"above {app}")

    for result in run(*(("above", {"app": app}) for app in "yzx")):
        result()
    assert world == ["base of y", "above y", "base of z", "above z", "base of x", "above x"]


def test_an_unexpected_error_is_a_failure_that_names_its_place(world):
    @observation(judged_by="A-01")
    def careless():
        """Indexes what is not there."""
        return {}["absent"]

    (result,) = run(("careless", {}))
    with pytest.raises(Broken) as broken:
        result()
    assert "test_observing.py:" in broken.value.cause
    assert "KeyError" in broken.value.cause


def test_raising_the_same_failure_again_and_again_costs_nothing(world):
    @observation(judged_by="A-01")
    def base():
        """Breaks."""
        raise Broken("bad", "mend")

    (result,) = run(("base", {}))
    depths = []
    for _ in range(50):
        with pytest.raises(Broken) as broken:
            result()
        depths.append(len(broken.traceback))
    assert len(set(depths)) == 1


def test_independent_questions_run_at_once(world):
    both = threading.Barrier(2, timeout=4)

    @observation(judged_by="A-01")
    def one():
        """Waits for the other."""
        return both.wait()

    @observation(judged_by="A-02")
    def other():
        """Waits for the one."""
        return both.wait()

    results = run(("one", {}), ("other", {}))
    assert sorted(result() for result in results) == [0, 1]


def test_the_runs_deadline_ends_a_wait(world):
    stop = threading.Event()

    @observation(judged_by="A-01")
    def endless():
        """Never answers by itself."""
        stop.wait(10)

    (result,) = run(("endless", {}), deadline=0.1)
    began = time.monotonic()
    with pytest.raises(DeadlinePassed, match=r"deadline of 0\.1 s passed while endless was awaited"):
        result()
    stop.set()
    assert time.monotonic() - began < 5


def test_an_alias_fixes_a_subject_and_is_the_same_question(world):
    @observation(judged_by="A-01")
    def alive(address):
        """Asked at an address."""
        world.append(address)
        return address

    alias("public_alive", of="alive", address=lambda estate: "public")

    @observation(judged_by="A-02")
    def above(public_alive):
        """Stands on the public one."""
        return f"on {public_alive}"

    results = run(("alive", {"address": "public"}), ("above", {}), ("public_alive", {}))
    assert [result() for result in results] == ["public", "on public", "public"]
    assert world == ["public"]
    assert subjects_of("above") == frozenset()
    assert set(closure(["above"])) == {"above", "alive"}


def test_an_alias_whose_subject_is_not_given_says_so(world):
    @observation(judged_by="A-01")
    def keys(app):
        """Asked for an application."""
        world.append(app)

    def own(estate):
        raise NotVerified("the estate file names no client", "add one", need="client")

    alias("own_keys", of="keys", app=own)

    @observation(judged_by="A-02")
    def token(own_keys):
        """Stands on them."""
        world.append("token")

    @observation(judged_by="A-03", after=("own_keys",))
    def waiting():
        """Waits for them where they exist."""
        return "asked"

    *refused, waited = run(("own_keys", {}), ("token", {}), ("waiting", {}))
    assert waited() == "asked"
    for result in refused:
        with pytest.raises(NotVerified, match="names no client") as caught:
            result()
        assert caught.value.need == "client"
    assert world == []


def test_not_applicable_passes_through(world):
    @observation(judged_by="A-01")
    def nothing():
        """Does not apply."""
        raise NotApplicable("a machine has no login")

    @observation(judged_by="A-02")
    def above(nothing):
        """Stands on it."""

    (result,) = run(("above", {}))
    with pytest.raises(NotApplicable, match="machine"):
        result()


def test_a_door_implies_what_proves_it(world, monkeypatch):
    monkeypatch.setitem(registry.IMPLIED, "api", "A-01")

    @observation(judged_by="A-01")
    def api_identity(api):
        """Opens the door."""
        return "me"

    registry.observations["A-01"] = registry.Observation(
        "A-01", lambda api_identity: None, ("api_identity",), "A-01", "none", ""
    )

    @observation(judged_by="A-02")
    def reading(api):
        """Uses the door."""
        return api

    assert registry.observations["reading"].dependencies == ("A-01",)
    assert registry.observations["api_identity"].dependencies == ()
    assert registry.observations["reading"].needs == ("api",)
    (result,) = run(("reading", {}))
    assert result() == "door api"


def test_what_comes_after_waits_and_is_blocked_by_what_broke(world):
    @observation(judged_by="A-01")
    def slow(app):
        """Takes its time, and breaks for one application."""
        time.sleep(0.05)
        world.append(f"slow {app}")
        if app == "bad":
            raise Broken("not safe", "mend")

    @observation(judged_by="A-02", after=("slow",))
    def later(app):
        """Needs no value of it."""
        world.append(f"later {app}")
        return app

    good, bad = run(("later", {"app": "good"}), ("later", {"app": "bad"}))
    assert good() == "good"
    assert world.index("slow good") < world.index("later good")
    with pytest.raises(Blocked):
        bad()
    assert "later bad" not in world


def test_what_comes_after_passes_over_what_cannot_be_asked(world):
    @observation(judged_by="A-01")
    def root():
        """Breaks."""
        raise Broken("token expired", "renew it")

    @observation(judged_by="A-02")
    def above_root(root):
        """Blocked by another's trouble, which is not a verdict on what it would have seen."""

    @observation(judged_by="A-03")
    def missing():
        """Not given."""
        raise NotVerified("no token", "give one", need="api")

    @observation(judged_by="A-04", after=("above_root", "missing"))
    def later():
        """Asked all the same."""
        return "asked"

    (result,) = run(("later", {}))
    assert result() == "asked"
    assert set(closure(["later"])) == {"later"}
