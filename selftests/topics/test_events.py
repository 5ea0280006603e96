"""Since when Authentik's events are news: the last healthy run, but never further back than the window."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from fixtures.doors.run import Run
from fixtures.estate.loading import load_estate
from fixtures.exchange.answers import Answer
from fixtures.topics.operations.questions import news_since
from lab.files import ESTATE_TEXT
from selftests.support.suite_runs import run_suite

HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=30)


def reach(healthy_ago, clock=timedelta()):
    """How far back events count, by Authentik's clock, which is `clock` ahead of ours."""
    now = datetime.now(UTC)
    run = Run("r", 600, last_healthy=lambda _: None if healthy_ago is None else now - healthy_ago)
    headers = httpx.Headers({"date": format_datetime(now + clock, usegmt=True)})
    alive = Answer("GET", "http://auth.example/", 204, headers, b"", 0.01, now.timestamp())
    return now + clock - news_since(run, load_estate(ESTATE_TEXT), alive)


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
    assert f"since {datetime.fromisoformat(began):%Y-%m-%d %H:%M}" in cause
    assert outcome("--lab-fault", "mapping-exception-last-week", "-k", "SMOKE-EVENT")[0] == "warned"
