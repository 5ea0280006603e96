"""The runs before this one: what is kept, what changed since, and what must not disturb it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.model.outcomes import Outcome, Verdict
from fixtures.model.verdict import RunResult
from fixtures.reports import history, html, index, json_report, terminal
from fixtures.reports.changes import CaseHistory, compare
from fixtures.reports.folder import create_run_folder, is_run
from selftests.support import sample_results as samples
from selftests.support.pages import Page

NIGHT = timedelta(days=1)


@pytest.fixture
def reports(tmp_path):
    """A folder of reports, and a function that adds a run of these cases, a night after the one before."""

    def add(cases, *, success=False, whole=True, **changes) -> RunResult:
        number = sum(is_run(entry.name) for entry in tmp_path.iterdir())
        result = replace(at_night(number, cases), whole=whole, **changes)
        folder = tmp_path / f"2026-11-{10 + number}T03-15-07.250Z"
        folder.mkdir()
        past = history.read(tmp_path, folder).of(result)
        summary = history.summarise(result, past, success=success)
        (folder / history.SUMMARY).write_text(summary.model_dump_json())
        return result

    add.folder = tmp_path
    return add


def at_night(number, cases) -> RunResult:
    started = datetime(2026, 11, 10, 3, 15, 7, 250_000, tzinfo=UTC) + number * NIGHT
    return replace(samples.result(cases), started=started, finished=started + timedelta(seconds=4), whole=True)


def cases(**outcomes):
    """Cases OIDC-DISC-01[name] of the given outcomes."""
    return [samples.case("OIDC-DISC-01", name, "c", "D11", Outcome(said)) for name, said in outcomes.items()]


def changes(reports, found, night=20, **more):
    own = reports.folder / "none"
    return compare(replace(at_night(night, found), **more), history.read(reports.folder, own))


def named(*names):
    return tuple(f"OIDC-DISC-01[{name}]" for name in names)


class TestChanges:
    def test_the_first_run_has_nothing_to_compare_with(self, reports):
        found = changes(reports, cases(a="failed"))
        assert (found.compared_with, found.newly_red, found.added) == ("", (), ())

    def test_each_kind(self, reports):
        reports(cases(red="failed", heals="blocked", breaks="passed", gone="passed", away="failed", never="passed"))
        found = changes(
            reports,
            cases(red="failed", heals="passed", breaks="blocked", new="passed", away="not verified", never="passed"),
        )
        assert found.compared_with == "2026-11-10T03-15-07.250Z"
        assert found.newly_red == named("breaks")
        assert found.still_red == named("red")
        assert found.healed == named("heals")
        assert found.unjudged == named("away")
        assert found.added == named("new")
        assert found.gone == named("gone")

    @pytest.mark.parametrize("outcome", ["not run", "not verified"])
    def test_what_was_not_judged_is_never_healed(self, reports, outcome):
        reports(cases(a="failed"))
        reports(cases(a=outcome))
        assert changes(reports, cases(a=outcome)).unjudged == named("a")
        assert changes(reports, cases(a="passed")).healed == named("a")
        assert changes(reports, cases(a="failed")).still_red == named("a")

    def test_a_selection_hides_nothing_and_nothing_is_gone_for_it(self, reports):
        reports(cases(a="failed", b="passed"))
        reports(cases(b="passed"), whole=False)
        found = changes(reports, cases(a="failed", b="passed"))
        assert found.still_red == named("a")
        assert found.added == ()
        assert changes(reports, cases(b="passed"), whole=False).gone == ()

    def test_other_estates_and_other_shares_are_other_stories(self, reports):
        reports(cases(a="failed"), estate="another")
        reports(cases(a="failed"), part=2, parts=3)
        assert changes(reports, cases(a="failed")).compared_with == ""

    def test_since_when_and_how_often(self, reports):
        for outcome in ["failed", "passed", *["failed"] * 3, "not run"]:
            reports(cases(a=outcome))
        found = changes(reports, cases(a="failed")).cases["OIDC-DISC-01[a]"]
        assert found == CaseHistory(datetime(2026, 11, 12, 3, 15, 7, 250_000, tzinfo=UTC), 4, 5)

    def test_since_outlives_the_folder_it_began_in(self, reports):
        for _ in range(4):
            reports(cases(a="failed"))
        assert history.prune(reports.folder, 1) == []
        found = changes(reports, cases(a="failed")).cases["OIDC-DISC-01[a]"]
        assert found.since == datetime(2026, 11, 10, 3, 15, 7, 250_000, tzinfo=UTC)

    def test_known_failures_are_not_red(self, reports):
        reports(cases(a="known"))
        assert changes(reports, cases(a="failed")).newly_red == named("a")


class TestSuccess:
    def test_the_last_one_is_carried_over(self, reports):
        first = reports(cases(a="passed"), success=True)
        for _ in range(3):
            reports(cases(a="failed"))
        history.prune(reports.folder, 1)
        assert history.read(reports.folder, reports.folder / "none").last_success == first.finished

    def test_a_selection_is_none(self, reports):
        reports(cases(a="passed"), success=True, whole=False)
        assert history.read(reports.folder, reports.folder / "none").last_success is None


class TestFolder:
    def test_what_is_broken_or_foreign_is_named_and_skipped(self, reports):
        reports(cases(a="failed"))
        folder = reports.folder
        killed, broken, older, huge = (folder / f"2026-11-0{n}T03-15-07.250Z" for n in range(1, 5))
        for place in (killed, broken, older, huge):
            place.mkdir()
        (broken / history.SUMMARY).write_text('{"form": 1, "estate": "<script>"')
        (older / history.SUMMARY).write_text(json.dumps({"form": 7}))
        (huge / history.SUMMARY).mkdir()
        (folder / "notes.txt").write_text("mine")
        (folder / ".gitkeep").touch()
        past = history.read(folder, folder / "none")
        assert len(past.runs) == 1
        told = dict(line.split(": ", 1) for line in past.passed_over)
        assert set(told) == {killed.name, broken.name, older.name, huge.name, "notes.txt"}
        assert "the run is under way, or was killed" in told[killed.name]
        assert "summary.json cannot be read" in told[broken.name]
        assert told["notes.txt"] == "is no run of this suite"
        assert changes(reports, cases(a="failed")).passed_over == past.passed_over

    @pytest.mark.parametrize("moment", ["2026-11-01T03:15:07", "0001-01-01T00:00:00+14:00"], ids=["no zone", "no time"])
    @pytest.mark.parametrize("field", ["started", "last_success", "red_since"])
    def test_a_moment_that_cannot_be_compared_is_passed_over(self, reports, field, moment):
        reports(cases(a="failed"))
        place = next(entry for entry in reports.folder.iterdir() if history.is_run(entry.name)) / history.SUMMARY
        told = json.loads(place.read_text())
        place.write_text(json.dumps(told | {field: {"A-01[a]": moment} if field == "red_since" else moment}))
        past = history.read(reports.folder, reports.folder / "none")
        assert not past.runs
        assert field in past.passed_over[0]
        assert changes(reports, cases(a="failed")).passed_over == past.passed_over

    def test_the_newest_are_kept_and_nothing_else_is_touched(self, reports):
        for _ in range(5):
            reports(cases(a="passed"))
        (reports.folder / "2026-notes").mkdir()
        (reports.folder / "latest").symlink_to("2026-11-14T03-15-07.250Z")
        elsewhere = reports.folder / "2026-11-01T00-00-00.000Z"
        elsewhere.symlink_to("2026-notes")
        assert history.prune(reports.folder, 2) == []
        left = {entry.name for entry in reports.folder.iterdir()}
        assert left == {
            "2026-11-13T03-15-07.250Z", "2026-11-14T03-15-07.250Z", "2026-notes", "latest", elsewhere.name
        }  # fmt: skip

    def test_what_cannot_be_removed_is_said(self, reports, monkeypatch):
        for _ in range(2):
            reports(cases(a="passed"))

        def refuse(path):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(history.shutil, "rmtree", refuse)
        assert history.prune(reports.folder, 1) == ["2026-11-10T03-15-07.250Z: could not be removed: Permission denied"]

    def test_names_of_runs_are_told_from_others(self, tmp_path):
        assert is_run(create_run_folder(tmp_path).name)
        assert not any(is_run(name) for name in ("latest", "index.html", "2026-11-10", "2026-11-10T03-15-07", ""))


class TestPages:
    def test_the_report_says_what_changed(self, reports):
        reports(samples.healthy().cases)
        result = replace(samples.three_roots(), started=samples.STARTED + NIGHT, whole=True)
        found = compare(result, history.read(reports.folder, reports.folder / "none"))
        page = Page(html.render(result, found))
        assert "What changed since the run of 2026-11-10 03:15 UTC" in page.text
        assert "9 newly red" in page.text
        assert {link["href"] for link in page.all("a")} <= {f"#{name}" for name in page.ids} | {"../index.html"}
        lines = list(terminal.lines(result, found))
        assert "since the run of 2026-11-10 03:15 UTC:" in lines
        assert json_report.to_json(result, found)["changes"]["newly_red"] == list(found.newly_red)

    def test_nothing_changed_is_said(self, reports):
        reports(cases(a="passed"))
        result = at_night(1, cases(a="passed"))
        page = Page(html.render(result, compare(result, history.read(reports.folder, reports.folder / "none"))))
        assert "Nothing: every case came out as it did before." in page.text

    def test_the_index_lists_the_runs_and_what_recurs(self, reports):
        reports(cases(a="passed", b="failed"))
        reports(samples.three_roots().cases, verdict=Verdict.UNHEALTHY, estate="<script>")
        past = history.read(reports.folder, reports.folder / "none")
        page = Page(index.render(past.runs, ["<b>: is no run"]))
        assert page.opened == []
        assert not page.all("script")
        assert "<script>" in page.text
        assert "<b>: is no run" in page.text
        links = [link["href"] for link in page.all("a")]
        assert links[-2:] == [f"2026-11-{day}T03-15-07.250Z/report.html" for day in (11, 10)]
        assert "OIDC-SECRET-01[grafana] The Secret, or the key in it, is missing 1 of 1 run" in page.text
        assert all(header.get("scope") in ("col", "row") for header in page.all("th"))

    def test_what_recurs_are_roots_and_not_what_they_block(self, reports):
        for _ in range(2):
            reports(samples.three_roots().cases, verdict=Verdict.UNHEALTHY)
        reports(samples.healthy().cases)
        found = {
            one.name: (one.red, one.runs) for one in index.recurring(history.read(reports.folder, reports.folder).runs)
        }
        assert found["OIDC-SECRET-01[grafana]"] == found["FWD-GATE-02[hubble]"] == (2, 3)
        assert not any(name.startswith(("OIDC-LOGIN", "FWD-PASS")) for name in found)


class TestLastHealthy:
    CASE = "OIDC-DISC-01[a]"

    def test_is_the_newest_success_that_judged_the_case(self, reports):
        reports(cases(a="passed"), success=True)
        healthy = reports(cases(a="known"), success=True)
        reports(cases(a="failed"))
        assert history.last_healthy(reports.folder, healthy.estate, self.CASE) == healthy.started

    @pytest.mark.parametrize(
        ("found", "more"),
        [
            ({"a": "not verified"}, {"success": True}),
            ({"b": "passed"}, {"success": True}),
            ({"a": "passed"}, {"success": False}),
            ({"a": "passed"}, {"success": True, "whole": False}),
            ({"a": "passed"}, {"success": True, "estate": "another"}),
        ],
    )
    def test_is_none_that_did_not_judge_it_here(self, reports, found, more):
        reports(cases(**found), **more)
        assert history.last_healthy(reports.folder, samples.result([]).estate, self.CASE) is None

    def test_a_folder_that_cannot_be_read_knows_of_none(self, tmp_path):
        assert history.last_healthy(tmp_path / "nowhere", "lab", self.CASE) is None
