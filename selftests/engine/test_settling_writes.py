"""Under --settle what may be sent once is sent once, and what writes is sent last: after all has settled."""

import threading
import time

import pytest

from fixtures.engine.graph import Graph
from fixtures.engine.registry import observation
from fixtures.engine.scheduler import DeadlinePassed, Scheduler
from fixtures.model.signals import Broken, NotVerified
from selftests.support.writing_stage import MADE


def observing(*wanted, allow_writes=True, deadline=5.0):
    """A scheduler that holds what writes, not started yet, and the keys of what is wanted."""
    graph = Graph(estate=None, allow_writes=allow_writes)
    keys = [graph.want(name, {}) for name in wanted]
    return Scheduler(graph, lambda name, _: name, deadline, holds_once=True), keys


@pytest.fixture
def questions(world):
    """A question that reads, one that writes, and one that stands on what was written; each notes that it was asked."""

    @observation(judged_by="A-01")
    def reading():
        """Reads."""
        world.append("reading")
        if len(world) < 3:
            raise Broken("not yet", "wait")

    @observation(judged_by="A-02", side_effect="write")
    def writing(reading):
        """Writes."""
        world.append("writing")

    @observation(judged_by="A-03")
    def after(writing):
        """Looks at what was written."""
        world.append("after")

    return world


def test_what_writes_is_asked_once_after_the_last_look(questions):
    scheduler, keys = observing("after", "reading")
    reading = keys[1]
    assert {key.name for key in scheduler.held} == {"writing", "after"}
    for _ in range(2):
        scheduler.start()
        with pytest.raises(Broken):
            scheduler.result(reading)
        scheduler = scheduler.again({reading})
    scheduler.start()
    scheduler.result(reading)
    assert questions == ["reading"] * 3
    released = scheduler.released()
    released.start()
    released.result(keys[0])
    assert questions == ["reading"] * 3 + ["writing", "after"]
    assert not released.held


def test_what_nobody_allowed_to_write_is_not_held(questions):
    scheduler, (after, _) = observing("after", "reading", allow_writes=False)
    scheduler.start()
    assert not scheduler.held
    with pytest.raises(NotVerified, match="nobody allowed"):
        scheduler.result(after)


def test_what_is_under_way_is_waited_for_and_not_sent_twice(world):
    began, may_end = threading.Event(), threading.Event()

    @observation(judged_by="A-01")
    def broken():
        """Is asked again."""
        raise Broken("not yet", "wait")

    @observation(judged_by="A-02", side_effect="session")
    def posting():
        """Takes its time."""
        world.append("posting")
        began.set()
        may_end.wait(5)

    scheduler, (first, second) = observing("broken", "posting")
    scheduler.start()
    assert began.wait(5)
    threading.Timer(0.1, may_end.set).start()
    again = scheduler.again({first})
    again.start()
    again.result(second)
    assert world == ["posting"]


def test_waiting_for_what_is_under_way_ends_at_the_runs_deadline(world):
    @observation(judged_by="A-01")
    def endless():
        """Does not end."""
        threading.Event().wait(5)

    scheduler, _ = observing("endless", deadline=0.1)
    scheduler.start()
    with pytest.raises(DeadlinePassed):
        scheduler.again(())


def after_requests(stage, number, change, host=""):
    """Call `change` when the lab was asked so many times (for that host)."""

    def asked():
        return sum(entry.host.startswith(host) for entry in stage.lab.audit)

    def watch():
        ends = time.monotonic() + 60
        while asked() < number and time.monotonic() < ends:
            time.sleep(0.02)
        change()

    threading.Thread(target=watch, daemon=True).start()


def set_phase(stage, phase):
    for replica in stage.world.authentik.replicas:
        replica.phase = phase


def written(stage):
    """The requests that changed something, in their order, and what was asked after the first of them."""
    asked = [f"{entry.method} {entry.target.partition('?')[0]}" for entry in stage.lab.audit]
    first = next(number for number, line in enumerate(asked) if line.startswith("POST /api/v3/core/users/"))
    return [line for line in asked if line.startswith(("POST", "PATCH", "DELETE"))], asked[first:]


def test_a_write_waits_until_what_it_stands_on_has_settled(stage):
    set_phase(stage, "starting")
    # Enough for a first look that fails, whatever is sent again within it.
    after_requests(stage, 12, lambda: set_phase(stage, "up"))
    run = stage.run("--allow-writes", "--settle", "20", "-k", "SMOKE-WRITE-01")
    assert run.outcomes == {"SMOKE-WRITE-01": "passed"}, run.stdout[-2000:]
    assert "settled: SMOKE-WRITE-01 (what stands before it): false at 0 s" in run.stdout
    changing, since = written(stage)
    assert [line.partition(" ")[0] for line in changing] == ["POST", "DELETE"]
    assert {line.partition(" ")[2].rstrip("0123456789/") for line in since} == {"/api/v3/core/users"}
    assert not stage.changed()


def test_a_write_waits_for_whatever_else_settles(stage):
    grafana = stage.world.applications["grafana"]
    grafana.up = False
    # A read that is sent again is for settling alone here.
    stage.edit("[bounds]\n", "[bounds]\nretry_budget_seconds = 0\n")
    after_requests(stage, 1, lambda: setattr(grafana, "up", True), host="grafana.")
    run = stage.run("--allow-writes", "--settle", "20", "-k", "SMOKE-WRITE-01 or OIDC-RP-01")
    assert set(run.outcomes.values()) == {"passed"}, run.stdout[-2000:]
    assert "settled: OIDC-RP-01[" in run.stdout
    _, since = written(stage)
    assert {line.partition(" ")[2].rstrip("0123456789/") for line in since} == {"/api/v3/core/users"}


def test_where_nothing_is_to_settle_as_much_is_written_as_without_settling(stage):
    plain = stage.run().report["ledger"]
    settling = stage.run("--settle", "20", "--allow-writes", "-k", "WRITE or OIDC-TOKEN-05")
    assert settling.exit_code == 0, settling.stdout[-2000:]
    assert (settling.report["ledger"]["written"], settling.report["ledger"]["changes"]) == (
        plain["written"],
        plain["changes"],
    )
    assert "settled" not in settling.stdout
    assert not stage.made
    assert not stage.changed()


def test_a_write_whose_ground_never_settles_is_not_sent(stage):
    set_phase(stage, "starting")
    run = stage.run("--allow-writes", "--settle", "3", "-k", "SMOKE-WRITE-01")
    assert run.outcomes == {"SMOKE-WRITE-01": "blocked"}, run.stdout[-2000:]
    assert run.exit_code == 1
    assert not [entry for entry in stage.lab.audit if entry.method == "POST"]
    assert not [name for name in stage.made if name.startswith(MADE)]
