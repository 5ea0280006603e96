"""`pytest --drift`: a run tells what has drifted from its estate file, and judges nothing by it."""

from dataclasses import replace

import pytest

from fixtures.draft import joining
from fixtures.model.drift import DIFFERENT, NEW, Difference, Drift
from fixtures.model.redaction import Redactor
from fixtures.plugin import drifting
from fixtures.reports import html, json_report, terminal
from fixtures.reports.findings import drift_line
from fixtures.sharding.reading import drift_in
from selftests.support.sample_results import result
from selftests.support.suite_runs import run_suite

NOTHING = {"differences": [], "not_compared": []}
SOME = Drift(
    (Difference(DIFFERENT, "users carol: active", False, True), Difference(NEW, "tokens <i>", None, "<i>", "the API")),
    ("routes not seen: refused",),
)


def test_a_whole_run_tells_it_and_asks_nothing_more(run_of):
    usual, run = run_of("--lab"), run_of("--lab", "--drift")
    assert usual.report["drift"] is None
    assert run.report["drift"] == NOTHING
    assert "drift:" not in usual.stdout
    assert "drift: nothing has drifted from the estate file" in run.stdout
    assert run.report["ledger"]["total"] == usual.report["ledger"]["total"] > 300


def test_a_selection_asks_what_is_lacking():
    run = run_suite("--lab", "--drift", "-k", "SMOKE-CLUSTER-01")
    assert run.exit_code == 0
    assert run.report["drift"] == NOTHING


def test_what_has_drifted_is_told_and_no_failure():
    run = run_suite("--lab", "--drift", "--lab-fault", "token-for-an-hour", "-k", "SMOKE-CLUSTER-01")
    (found,) = run.report["drift"]["differences"]
    assert (found["change"], found["place"]) == (NEW, "tokens by-hand")
    assert (run.report["verdict"], run.exit_code) == ("HEALTHY", 0)
    assert "  - live and not in the file: tokens by-hand" in run.stdout.splitlines()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("api-token-without-users", "users not seen"),
        ("authentik-down", "authentik not seen"),
        ("cluster-api-down", "cluster not seen"),
    ],
)
def test_what_was_not_seen_is_told_and_nothing_of_it_is_gone(fault, says):
    run = run_suite("--lab", "--drift", "--lab-fault", fault, "-k", "SMOKE-TIME-01")
    drift = run.report["drift"]
    assert [sentence for sentence in drift["not_compared"] if sentence.startswith(says)]
    assert drift["differences"] == []
    assert f"not compared: {says}" in run.stdout


def test_the_page_the_terminal_and_the_report_say_the_same():
    run = replace(result([]), drift=SOME)
    page, lines = html.render(run), list(terminal.lines(run))
    assert drift_line(SOME) in page
    assert f"drift: {drift_line(SOME)}" in lines
    for difference in SOME.differences:
        assert f"  - {difference.sentence}" in lines
    assert "tokens &lt;i&gt;" in page
    assert "<i>" not in page
    assert "routes not seen: refused" in page
    assert drift_in(json_report.to_json(run)) == SOME
    assert drift_in(json_report.to_json(result([]))) is None


def test_it_is_cleaned_like_all_that_is_told(monkeypatch):
    own = Redactor()
    own.learn("hush")
    monkeypatch.setattr("fixtures.reports.cleaning.redactor", own)
    hushed = Difference(DIFFERENT, "a hush", ["hush"], {"key": "hush"}, "the hush")
    told = json_report.dumps(replace(result([]), drift=Drift((hushed,), ("hush",))))
    assert "hush" not in told
    assert told.count("***") >= 5


class Config:
    """As much of pytest's as the comparison takes."""

    def __init__(self):
        self.option = type("Options", (), {"drift": True})
        self.stash = {drifting.SHARE: type("Share", (), {"part": 1}), drifting._ASKED: {}}


def test_a_run_that_was_stopped_compared_nothing_and_says_so():
    assert drifting.drift_of(Config()).not_compared


def test_a_defect_is_told_and_costs_nobody_the_report(monkeypatch):
    config = Config()
    monkeypatch.setattr(joining, "drifted", lambda *_: 1 / 0)
    drifting.compare(config, None, None)
    (sentence,) = drifting.drift_of(config).not_compared
    assert "ZeroDivisionError" in sentence


def test_of_shares_the_first_compares():
    config = Config()
    config.stash[drifting.SHARE].part = 2
    assert drifting.drift_of(config) is None
