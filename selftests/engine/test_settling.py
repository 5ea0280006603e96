"""--settle: what heals is waited for, what goes back and forth is never green, and no wait outlasts its time.

Looks are counted, not timed.
"""

import threading
import time
from types import SimpleNamespace

import pytest

from fixtures.engine import scheduler as observing
from fixtures.engine.graph import Graph
from fixtures.engine.registry import observation
from fixtures.engine.scheduler import DeadlinePassed, Scheduler
from fixtures.engine.settling import Case, History, case_of, settle
from fixtures.model.outcomes import Exchange
from fixtures.model.signals import Broken

EXCHANGE = Exchange("http", "GET", "https://auth.frank.derio.net/", 200, None, 0.1)
SECONDS = 60


class Estate:
    """Observations that answer by a script, one letter for each time they are asked: T(rue), F(alse), H(ang)."""

    def __init__(self) -> None:
        self.scripts: dict[str, str] = {}
        self.asked: dict[str, int] = {}
        self.released = threading.Event()

    def answer(self, name: str) -> bool:
        script = self.scripts[name]
        number = self.asked.get(name, 0)
        self.asked[name] = number + 1
        letter = script[min(number, len(script) - 1)]
        if letter == "H":
            self.released.wait(SECONDS)
        return letter == "T"

    def declare(self, script: str, name: str, side_effect: str = "none", *, stands_on: str = "", final: bool = False):
        """An observation of that name; `final` is what a door sets before it sends what is sent once."""
        self.scripts[name] = script

        def ask(record):
            record.exchanges.append(EXCHANGE)
            record.final = final
            if not self.answer(name):
                raise Broken(f"{name} is bad", "mend it")
            return name

        source = f"def {name}({', '.join(['http', *stands_on.split()])}):\n    'Asked.'\n    return ask(http)"
        space = {"ask": ask}
        exec(source, space)  # an observation's parameters are its prerequisites
        observation(judged_by="A-01", side_effect=side_effect)(space[name])


@pytest.fixture
def estate(world):
    declared = Estate()
    yield declared
    declared.released.set()


def looks(*wanted: str, most: int = 10, within: float = SECONDS) -> tuple[dict[str, History], Scheduler]:
    """Settle the cases of these observations, one second for each look, `most` of them."""
    graph = Graph(estate=None)
    keys = {name: graph.want(name, {}) for name in wanted}
    stage = SimpleNamespace(scheduler=Scheduler(graph, lambda _, record: record, SECONDS), looks=1)
    stage.scheduler.start()
    ends = time.monotonic() + within

    def newest() -> Scheduler:
        stage.scheduler.complete(ends)
        return stage.scheduler

    def renew(another: Scheduler) -> None:
        stage.scheduler.stop()
        stage.scheduler = another
        another.start()

    def wait() -> bool:
        stage.looks += 1
        return stage.looks <= most

    cases = [Case(name, (key,), (key,)) for name, key in keys.items()]
    return settle(cases, newest, renew, lambda: float(stage.looks), wait, lambda _: False), stage.scheduler


def test_what_is_true_at_once_is_asked_once(estate):
    estate.declare("T", "steady")
    histories, _ = looks("steady")
    assert histories == {}
    assert estate.asked == {"steady": 1}


@pytest.mark.parametrize("bad", [1, 2, 5])
def test_what_heals_is_looked_at_until_it_is_true_twice(bad, estate):
    estate.declare("F" * bad + "T", "healing")
    estate.declare("T", "steady")
    histories, last = looks("healing", "steady")
    assert set(histories) == {"healing"}
    history = histories["healing"]
    assert history.settled
    assert not history.flapped
    assert history.settled_after == bad
    assert str(history) == f"false at 0 s, true at {bad} s"
    assert estate.asked == {"healing": bad + 2, "steady": 1}
    assert all(record.finished.is_set() for record in last.records.values())


def test_what_came_to_rest_after_going_back_and_forth_is_told_from_what_healed(estate):
    estate.declare("FTFTT", "flapping")
    (history,) = looks("flapping")[0].values()
    assert history.settled
    assert history.flapped
    assert str(history) == "false at 0 s, true at 1 s, false at 2 s, true at 3 s"


def test_once_is_not_twice(estate):
    """True in the last look alone: it may be false in the next."""
    estate.declare("FFFT", "late")
    (history,) = looks("late", most=4)[0].values()
    assert not history.settled


def test_what_never_rests_never_settles(estate):
    estate.declare("FTFTFTFTFTFT", "flapping")
    (history,) = looks("flapping", most=9)[0].values()
    assert not history.settled
    assert history.flapped
    assert estate.asked == {"flapping": 9}


def test_what_settled_first_is_still_looked_at_while_another_is_awaited(estate):
    """Its two good looks were luck."""
    estate.declare("FTTFTT", "lucky")
    estate.declare("FFFFTT", "slow")
    histories, _ = looks("lucky", "slow")
    assert histories["slow"].settled
    assert histories["lucky"].flapped


def test_what_never_heals_is_looked_at_as_long_as_there_is_time(estate):
    estate.declare("F", "broken")
    (history,) = looks("broken", most=6)[0].values()
    assert not history.settled
    assert estate.asked == {"broken": 6}


def test_what_is_known_is_not_waited_for(estate):
    estate.declare("F", "broken")
    graph = Graph(estate=None)
    key = graph.want("broken", {})
    scheduler = Scheduler(graph, lambda _, record: record, SECONDS)
    scheduler.start()
    scheduler.complete()
    case = case_of("A-01", key, scheduler)
    assert not case.is_true(scheduler.records, lambda _: False)
    assert case.is_true(scheduler.records, lambda root: root.check_id == "A-01")


def test_what_hangs_in_the_first_look_is_no_look(estate):
    estate.declare("H", "hanging")
    estate.declare("F", "broken")
    histories, _ = looks("hanging", "broken", within=0.2)
    assert histories == {}
    assert estate.asked["broken"] == 1


def test_what_hangs_later_ends_the_waiting_and_what_was_seen_stays(estate):
    estate.declare("FH", "hanging")
    (history,) = looks("hanging", within=0.5)[0].values()
    assert not history.settled
    assert str(history) == "false at 0 s"
    assert estate.asked == {"hanging": 2}


def test_a_login_is_never_repeated(estate):
    estate.declare("F", "login", side_effect="own", final=True)
    histories, _ = looks("login")
    assert not histories["login"].settled
    assert estate.asked == {"login": 1}


def test_a_login_is_not_repeated_for_the_sake_of_others(estate):
    estate.declare("F", "login", side_effect="own", final=True)
    estate.declare("FFTT", "healing")
    histories, _ = looks("login", "healing")
    assert histories["healing"].settled
    assert estate.asked["login"] == 1


def test_a_login_that_was_blocked_is_tried_once_its_way_is_clear(estate):
    estate.declare("FFT", "gate")
    estate.declare("T", "login", side_effect="own", stands_on="gate", final=True)
    histories, _ = looks("login")
    assert histories["login"].settled
    assert histories["login"].settled_after == 2
    # The gate is asked once more, for the second look.
    assert estate.asked == {"gate": 4, "login": 1}


def test_no_look_gets_the_runs_deadline_anew(estate, monkeypatch):
    clock = SimpleNamespace(now=100.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(observing, "time", clock)
    estate.declare("FH", "hanging")
    graph = Graph(estate=None)
    key = graph.want("hanging", {})
    first = Scheduler(graph, lambda _, record: record, 10.0)
    first.start()
    with pytest.raises(Broken):
        first.result(key)
    clock.now += 11
    second = first.again([key])
    second.start()
    threading.Timer(0.2, estate.released.set).start()
    with pytest.raises(DeadlinePassed, match="deadline of 10 s"):
        second.result(key)


def test_a_signal_in_the_middle_of_a_look_is_not_a_bad_answer():
    """SIGTERM's handler raises wherever the run stands; taken for a failure, it would wait on until SIGKILL."""

    def stopped():
        pytest.exit("stopped by SIGTERM", returncode=143)

    with pytest.raises(pytest.exit.Exception):
        settle([], stopped, lambda _: None, time.monotonic, lambda: True, lambda _: False)
