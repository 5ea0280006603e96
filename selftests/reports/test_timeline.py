"""The list of runs as a line of time: when each application was red, and since when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.model.outcomes import Outcome
from fixtures.reports import history, index
from fixtures.reports.timeline import MOST_LINES, MOST_RUNS, WIDTH, timelines
from selftests.support import sample_results as samples
from selftests.support.pages import Page

BEGIN = datetime(2026, 11, 1, 3, 15, tzinfo=UTC)
CHECKS = ("OIDC-DISC-01", "OIDC-LOGIN-01", "SMOKE-UP-01")


def night(number, *, whole=True, estate="frank", checks=CHECKS, **outcomes):
    """The run of a night, which found these applications so; SMOKE-UP-01 is green."""
    cases = [
        samples.case(check_id, name, "c", "H3", Outcome(said))
        for name, said in outcomes.items()
        for check_id in checks[:2]
    ]
    cases += [samples.case("SMOKE-UP-01", "public", "c", "H1", Outcome.PASSED)] if whole else []
    started = BEGIN + timedelta(days=number)
    return replace(samples.result(cases), started=started, finished=started, whole=whole, estate=estate)


def kept(*results):
    """Those runs, as a folder gives them back: the newest first, each knowing those before it."""
    runs: list[history.PastRun] = []
    for result in results:
        summary = history.summarise(result, history.Past(runs), success=False)
        runs.insert(0, history.PastRun(f"{result.started:%Y-%m-%dT%H-%M-%S.000Z}", summary))
    return runs


def told(*results):
    """What is said of each application that was red: since and until which night, each time, newest first."""
    (found,) = timelines(kept(*results))
    days = {}
    for line in found.lines:
        days[line.name] = [
            ((red.since - BEGIN).days, (red.until - BEGIN).days if red.until else None) for red in line.times
        ]
    return days


def test_since_when_and_until_when():
    nights = [night(n, grafana=said) for n, said in enumerate(["passed", "failed", "failed", "passed", "failed"])]
    assert told(*nights) == {"grafana": [(4, None), (1, 3)]}
    assert told(*nights[:4]) == {"grafana": [(1, 3)]}


def test_what_never_was_red_is_named_and_has_no_line():
    (found,) = timelines(kept(night(0, grafana="failed", argocd="passed"), night(1, grafana="warned", argocd="known")))
    assert [line.name for line in found.lines] == ["grafana"]
    assert found.good == ("argocd", "whole estate")


def test_what_is_red_now_comes_first_the_longest_of_all():
    first = night(0, a="failed", b="passed", c="failed")
    (found,) = timelines(kept(first, night(1, a="passed", b="failed", c="failed")))
    assert [line.name for line in found.lines] == ["c", "b", "a"]
    assert [line.is_red for line in found.lines] == [True, True, False]


def test_a_selection_heals_nothing_that_it_did_not_look_at():
    selection = night(1, whole=False, checks=("OIDC-DISC-01", "OIDC-DISC-01"), grafana="passed")
    assert told(night(0, grafana="failed"), selection) == {"grafana": [(0, None)]}


@pytest.mark.parametrize("outcome", ["not verified", "not run"])
def test_what_was_not_judged_stays_as_it_was_and_says_when_it_was_judged(outcome):
    runs = kept(night(0, grafana="failed"), night(1, grafana=outcome))
    (found,) = timelines(runs)
    assert found.lines[0].is_red
    assert "judged last 2026-11-01 03:15 UTC" in Page(index.render(runs, [])).text


def test_what_does_not_apply_any_more_or_is_gone_is_not_red():
    first = night(0, grafana="failed", argocd="passed")
    assert "grafana" not in told(first, night(1, argocd="passed"))
    applies = night(1, checks=("OIDC-DISC-01", "OIDC-DISC-01"), grafana="passed", argocd="passed")
    unasked = samples.case("OIDC-LOGIN-01", "grafana", "c", "H3", Outcome.NOT_APPLICABLE)
    assert told(first, replace(applies, cases=(*applies.cases, unasked))) == {"grafana": [(0, 1)]}


def test_what_the_runs_that_are_kept_remember_of_those_that_are_not():
    runs = kept(*(night(n, grafana="failed") for n in range(5)))
    (found,) = timelines(runs[:2])
    (red,) = found.lines[0].times
    assert (red.since, red.folder) == (BEGIN, "")
    (found,) = timelines(runs)
    assert found.lines[0].times[0].folder == "2026-11-01T03-15-00.000Z"


def test_a_case_of_an_application_is_the_application_s():
    result = night(0, grafana="passed")
    refresh = samples.case("OIDC-TOKEN-02", "grafana-refresh_token", "c", "D12", Outcome.FAILED)
    assert told(replace(result, cases=(*result.cases, refresh))) == {"grafana": [(0, None)]}


def test_the_line_is_as_long_as_time_and_the_newest_run_is_seen():
    (found,) = timelines(kept(*(night(n, a="failed" if n in (2, 10) else "passed") for n in range(11))))
    stretches = found.lines[0].stretches
    assert [part.red for part in stretches] == [False, True, False, True]
    assert stretches[-1].at + stretches[-1].width == WIDTH
    assert stretches[-1].width >= 4
    assert stretches[1].at == pytest.approx(stretches[0].width, abs=0.2)
    assert stretches[0].width == pytest.approx(2 * stretches[1].width, abs=0.2)


def test_each_estate_has_its_own():
    runs = kept(night(0, estate="lab", grafana="failed"), night(1, grafana="passed"))
    assert [(found.estate, len(found.lines)) for found in timelines(runs)] == [("frank", 0), ("lab", 1)]
    assert {"frank", "lab"} <= set(Page(index.render(runs, [])).text.split())


def test_it_is_bounded_and_says_so():
    many = {f"app-{number}": "failed" for number in range(MOST_LINES + 7)}
    runs = kept(*(night(n, **(many if n == 0 else dict.fromkeys(many, "passed"))) for n in range(3)))
    page = Page(index.render(runs, []))
    assert len(page.all("svg")) == MOST_LINES
    assert "And 7 more applications that were red." in page.text
    runs = kept(*(night(n, grafana="failed" if n % 2 else "passed") for n in range(3))) * 200
    page = Page(index.render(runs, []))
    assert f"the newest {MOST_RUNS} of 600 runs" in page.text
    assert f"The newest {index.MOST_RUNS} of 600 runs" in page.text
    assert len(page.all("tr")) <= index.MOST_RUNS + index.MOST_OFTEN + 2


def test_the_page_says_it_in_words_beside_the_picture():
    runs = kept(*(night(n, grafana=said, argocd="passed") for n, said in enumerate(["failed", "passed", "failed"])))
    page = Page(index.render(runs, []))
    assert page.opened == []
    assert "grafana ✗ red since 2026-11-03 03:15 UTC , in 1 run; was red 1 time before" in page.text
    assert "Never red: argocd, whole estate" in page.text
    assert [picture["aria-hidden"] for picture in page.all("svg")] == ["true"]
    assert not page.all("script")
    assert "2026-11-03T03-15-00.000Z/report.html" in [link["href"] for link in page.all("a")]
