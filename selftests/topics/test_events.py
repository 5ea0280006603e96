"""Since when Authentik's events are news: the last healthy run, but never further back than the window."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.topics.operations.rules import Troubles
from selftests.support.suite_runs import run_suite

HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=30)


def reach(healthy_ago, clock=timedelta()):
    """How far back events count, by Authentik's clock, which is `clock` ahead of ours."""
    now = datetime.now(UTC)
    found = Troubles([], None if healthy_ago is None else now - healthy_ago)
    return now + clock - found.news_since(now + clock, 24 * HOUR)


@pytest.mark.parametrize(
    ("healthy_ago", "expected"),
    [(None, 24 * HOUR), (3 * HOUR, 3 * HOUR), (100 * HOUR, 24 * HOUR)],
    ids=["no run is known", "since the last healthy run", "the window is the limit"],
)
@pytest.mark.parametrize("clock", [timedelta(), timedelta(minutes=10)], ids=["same clock", "another clock"])
def test_how_far_back_events_count(healthy_ago, expected, clock):
    assert abs(reach(healthy_ago, clock) - expected) < SLACK


def test_a_run_finds_the_last_healthy_one_in_its_folder(tmp_path):
    """A healthy run, then one with an event just now, and one with an event of three days ago."""

    def outcome(*arguments):
        run_suite("--lab", "--reports", str(tmp_path), *arguments)
        cases = json.loads((tmp_path / "latest" / "report.json").read_text())["cases"]
        return next((case["outcome"], case["cause"]) for case in cases if case["id"] == "SMOKE-EVENT-01")

    assert outcome()[0] == "passed"
    began = json.loads((tmp_path / "latest" / "summary.json").read_text())["started"]
    found, cause = outcome("--lab-fault", "configuration-error-today", "-k", "SMOKE-EVENT")
    assert found == "failed"
    (since,) = re.findall(r"since (\d{4}-\d\d-\d\d \d\d:\d\d)", cause)
    # Told in whole minutes, of an answer's Date in whole seconds: on the edge of a minute that is another minute.
    told = datetime.fromisoformat(since).replace(tzinfo=UTC)
    assert -SLACK < datetime.fromisoformat(began) - told < timedelta(minutes=1) + SLACK
    assert outcome("--lab-fault", "mapping-exception-last-week", "-k", "SMOKE-EVENT")[0] == "warned"
