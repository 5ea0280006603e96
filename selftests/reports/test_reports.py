"""The reports say what a run came to, to people and to machines, and nothing else."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from fixtures.model.errors import OptionError
from fixtures.model.outcomes import Exchange, Outcome
from fixtures.model.redaction import Redactor
from fixtures.model.verdict import RunResult
from fixtures.reports import cleaning, folder, html, json_report, terminal
from fixtures.reports.findings import gaps, healthy_sentences, ledger_line
from fixtures.reports.words import AREAS, MEANINGS, SIGNS, VERDICT_SIGNS, WORST_FIRST, area_of
from selftests.support import sample_results as samples
from selftests.support.pages import Page

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(params=["healthy", "three-roots", "warned", "interrupted"])
def any_result(request: pytest.FixtureRequest) -> RunResult:
    return samples.SAMPLES[request.param]()


class TestFolder:
    def test_two_runs_of_one_second_have_their_own_and_sort(self, tmp_path):
        made = [folder.create_run_folder(tmp_path / "reports") for _ in range(20)]
        assert len(set(made)) == 20
        assert sorted(made) == made

    def test_its_name_is_the_time_in_utc(self, tmp_path):
        name = folder.create_run_folder(tmp_path).name
        moment = datetime.strptime(name, "%Y-%m-%dT%H-%M-%S.%fZ").replace(tzinfo=UTC)
        assert abs((datetime.now(UTC) - moment).total_seconds()) < 60

    def test_a_place_that_cannot_be_written_is_a_wrong_option(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(OptionError, match=r"--reports .*file.*name a folder that can be written"):
            folder.create_run_folder(tmp_path / "file")

    def test_latest_follows_the_newest_and_never_goes_back(self, tmp_path):
        old, new = folder.create_run_folder(tmp_path), folder.create_run_folder(tmp_path)
        assert folder.point_latest(old) == tmp_path / "latest"
        assert folder.point_latest(new) == tmp_path / "latest"
        assert (tmp_path / "latest").resolve() == new
        assert folder.point_latest(old) == old
        assert (tmp_path / "latest").resolve() == new
        assert not list(tmp_path.glob(".latest*"))

    def test_latest_is_a_copy_where_links_fail(self, tmp_path, monkeypatch):
        monkeypatch.setattr(Path, "symlink_to", lambda *_, **__: (_ for _ in ()).throw(OSError("no links here")))
        run = folder.create_run_folder(tmp_path)
        (run / "report.html").write_text("new")
        (tmp_path / "latest").mkdir()
        (tmp_path / "latest" / "gone.txt").write_text("old")
        assert folder.point_latest(run) == tmp_path / "latest"
        assert [file.name for file in (tmp_path / "latest").iterdir()] == ["report.html"]

    def test_a_foreign_latest_link_is_replaced(self, tmp_path):
        (tmp_path / "latest").symlink_to("somewhere")
        run = folder.create_run_folder(tmp_path)
        folder.point_latest(run)
        assert (tmp_path / "latest").resolve() == run


class TestJson:
    def test_it_follows_its_schema(self, any_result):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.validate(json_report.to_json(any_result), SCHEMA, cls=jsonschema.Draft202012Validator)

    def test_the_schema_names_every_member(self):
        report = json_report.to_json(samples.three_roots())
        assert set(report) == set(SCHEMA["properties"])
        assert set(report["cases"][0]) == set(SCHEMA["$defs"]["case"]["properties"])
        assert set(report["roots"][0]) == set(SCHEMA["$defs"]["cause"]["properties"])
        evidence = report["exchanges"][report["roots"][0]["evidence"][0]]
        assert set(evidence) == set(SCHEMA["$defs"]["exchange"]["properties"])

    def test_an_exchange_of_many_cases_stands_there_once(self):
        plain = samples.healthy()
        shared, own = samples.REDIRECT, replace(samples.REDIRECT, url="https://auth.frank.derio.net/own")
        cases = [replace(plain.cases[0], evidence=(shared,)), replace(plain.cases[1], evidence=(own, shared))]
        report = json_report.to_json(replace(plain, cases=cases))
        assert [case["evidence"] for case in report["cases"]] == [[0], [1, 0]]
        assert [exchange["url"] for exchange in report["exchanges"]] == [shared.url, own.url]

    def test_a_blocked_case_names_its_root(self):
        cases = {case["name"]: case for case in json_report.to_json(samples.three_roots())["cases"]}
        assert cases["OIDC-LOGIN-01[grafana]"]["blocked_by"] == "OIDC-SECRET-01[grafana]"
        assert cases["OIDC-SECRET-01[grafana]"]["blocked_by"] is None

    def test_times_are_utc_and_the_ledger_adds_up(self):
        report = json_report.to_json(samples.healthy())
        assert report["started"] == "2026-11-24T03:15:07.250Z"
        assert report["ledger"]["total"] == sum(row["count"] for row in report["ledger"]["rows"]) == 194


class TestPage:
    def test_it_is_well_formed_and_every_link_leads_somewhere(self, any_result):
        page = Page(html.render(any_result))
        assert page.opened == []
        assert len(page.ids) == len(set(page.ids))
        targets = {link["href"] for link in page.all("a")}
        assert targets <= {f"#{name}" for name in page.ids} | {"../index.html"}

    def test_it_needs_no_script_and_nothing_from_elsewhere(self, any_result):
        page = Page(html.render(any_result))
        assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}

    def test_landmarks_headings_and_scopes(self, any_result):
        page = Page(html.render(any_result))
        tags = [tag for tag, _ in page.tags]
        assert [tags.count(tag) for tag in ("header", "main", "footer", "h1")] == [1, 1, 1, 1]
        assert all(header.get("scope") in ("col", "row") for header in page.all("th"))
        levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
        labels = {section["aria-labelledby"] for section in page.all("section")}
        assert labels <= set(page.ids)

    def test_verdict_healthy_and_causes_come_first(self):
        text = Page(html.render(samples.three_roots())).text
        marks = ["UNHEALTHY", "3 root causes", "FWD-GATE-02", "What healthy means", "Every case"]
        places = [text.index(mark) for mark in marks]
        assert places == sorted(places)
        assert "kubectl -n grafana edit externalsecret grafana-oidc" in text
        assert "Blocks 3 cases" in text
        assert "does not hold" in text

    def test_every_case_is_there_with_its_claim(self, any_result):
        page = Page(html.render(any_result))
        assert {f"c{number}" for number in range(len(any_result.cases))} <= set(page.ids)
        assert all(case.claim in page.text for case in any_result.cases)

    def test_what_was_not_verified_names_the_line_that_would_verify_it(self):
        assert 'password = { env = "SSO_PROBE_PASSWORD" }' in Page(html.render(samples.warned())).text

    @pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "</pre><img src=x onerror=y>", "{{ 7*7 }}", "'\"&"])
    def test_text_from_the_network_is_text(self, evil):
        plain = samples.three_roots()
        exchange = replace(samples.REDIRECT, url=evil, body=evil, response_headers=((evil, evil),), error=evil)
        first = replace(plain.cases[0], case=evil, claim=evil, cause=evil, remedy=evil, outcome=Outcome.FAILED,
                        evidence=(exchange,))  # fmt: skip
        root = replace(plain.roots[0], cases=(evil,), cause=evil, remedy=evil, blocks=(evil,), evidence=(exchange,))
        page = Page(html.render(replace(plain, estate=evil, reason=evil, cases=(first,), roots=(root,),
                                        ledger={("http", "GET", evil): 1})))  # fmt: skip
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert page.opened == []
        assert page.text.count(evil) >= 10

    def test_controls_and_direction_marks_are_shown_as_replaced(self):
        text = html.render(replace(samples.healthy(), reason="a\x00b\u202ec\udc80"))
        assert "a\ufffdb\ufffdc\ufffd" in text
        text.encode()

    def test_a_long_body_is_cut_and_says_so(self):
        long = replace(samples.REDIRECT, body="x" * 10_000)
        plain = samples.three_roots()
        root = replace(plain.roots[0], evidence=(long,))
        text = html.render(replace(plain, roots=(root,)))
        assert "7,000 more characters in report.json" in text

    def test_five_thousand_red_cases_stay_below_five_megabytes(self):
        text = html.render(samples.many(red=True))
        assert len(text.encode()) < 5_000_000
        assert "more root causes" in text
        assert "in report.json" in text

    def test_a_run_without_a_result_is_not_green(self):
        text = Page(html.render_unjudged("ImportError in <b>x</b>")).text
        assert "Nothing was judged" in text
        assert "<b>x</b>" in text


class TestFindings:
    def test_words_exist_for_everything(self):
        assert set(SIGNS) == set(MEANINGS) == set(WORST_FIRST) == set(Outcome)
        assert len(set(SIGNS.values())) == len(SIGNS)
        assert len(VERDICT_SIGNS) == 5
        assert len(set(AREAS.values())) == len(AREAS)

    def test_every_area_of_questions_has_a_title(self):
        listed = (ROOT / "docs/CHECKS.md").read_text(encoding="utf-8")
        ids = set(re.findall(r"\b(?:SMOKE|OIDC|FWD)-[A-Z]+-\d\d\b", listed))
        assert len(ids) > 100
        assert {area_of(check_id) for check_id in ids} <= set(AREAS)

    def test_a_login_that_nobody_tried_is_not_held_for_proven(self):
        cases = [case for case in samples.cases() if not case.check_id.startswith(("OIDC-LOGIN", "FWD-PASS"))]
        states = {sentence.section: sentence.state for sentence in healthy_sentences(cases)}
        assert states["H1"] == states["H2"] == "holds"
        assert states["H3"] == states["H4"] == "nothing speaks against it, but no login was tried"

    def test_nothing_asked_is_said(self):
        assert {sentence.state for sentence in healthy_sentences([])} == {"not asked in this run"}

    def test_gaps_are_grouped_by_what_is_missing(self):
        (gap,) = gaps(samples.warned().cases)
        assert (gap.need, len(gap.names)) == ("user", 6)

    def test_the_ledger_in_one_line(self):
        line = ledger_line(samples.healthy())
        assert line == "194 requests: 187 GET, 5 POST (auth.frank.derio.net), 2 HANDSHAKE; nothing written"
        assert ledger_line(replace(samples.healthy(), ledger={})).startswith("no request")

    def test_the_ledger_says_what_was_written_and_what_stays_behind(self):
        changes = {("http", "POST", "auth.frank.derio.net"): 2, ("kubernetes", "EXEC", "k"): 1}
        wrote = replace(samples.healthy(), changes=changes)
        assert ledger_line(wrote).endswith(
            "; 3 written: 2 POST (auth.frank.derio.net), 1 EXEC (k); nothing stays behind but Authentik's events"
        )
        assert ledger_line(replace(wrote, left=("the user x",))).endswith("; left behind: the user x")
        assert "; removed: the token y;" in ledger_line(replace(wrote, cleared=("the token y",)))
        assert ledger_line(replace(wrote, accounts=("grafana", "wiki"))).endswith(
            "; the probe user may have an account in grafana, wiki now"
        )
        many = tuple(f"extra-{number}" for number in range(50))
        assert ledger_line(replace(wrote, accounts=many)).endswith(
            "in extra-0, extra-1, extra-2, extra-3 and 46 more now"
        )
        stopped = replace(samples.interrupted(), changes=changes)
        assert ledger_line(stopped).endswith("what is still there is removed after this report")


class TestTerminal:
    def test_root_causes_first_then_the_ledger(self):
        lines = list(terminal.lines(samples.three_roots()))
        assert lines[0] == "3 root causes behind 5 failed cases and 4 cases that cannot be judged:"
        assert (
            lines[1]
            == "  1. FWD-GATE-02[longhorn, hubble, sympozium] The gate sends people to the wrong place   blocks 3 cases"
        )
        assert any(line.startswith("     fix: curl -X PATCH") for line in lines)
        assert lines[-1].endswith("nothing written")

    def test_it_is_bounded(self):
        assert len(list(terminal.lines(samples.many(red=True)))) < 50

    def test_what_was_not_verified_has_its_way_out(self):
        written: list[str] = []
        terminal.summary(samples.warned(), written.append)
        assert "not verified: 6 cases" in written
        assert any("to verify: probe_user" in line for line in written)


def test_no_secret_passes_into_any_report(monkeypatch):
    secret = "correct-horse-battery-staple"
    own = Redactor()
    own.learn(secret)
    monkeypatch.setattr(cleaning, "redactor", own)
    exchange = Exchange(
        "http", "GET", f"https://x/{secret}", 200, f"error {secret}", 0.1,
        (("Authorization", "Bearer abcdef0123456789"),), (("Set-Cookie", "session=abc"),), f"body {secret}", secret,
    )  # fmt: skip
    plain = samples.three_roots()
    case = replace(plain.cases[0], case=secret, cause=secret, remedy=secret, claim=secret, need=secret,
                   evidence=(exchange,), outcome=Outcome.FAILED)  # fmt: skip
    root = replace(plain.roots[0], cause=secret, remedy=secret, blocks=(secret,), evidence=(exchange,))
    dirty = replace(plain, estate=secret, reason=secret, cases=(case,), roots=(root,), warnings=(root,),
                    ledger={("http", "GET", secret): 3})  # fmt: skip
    lines: list[str] = []
    terminal.summary(dirty, lines.append)
    for text in (html.render(dirty), json_report.dumps(dirty), "\n".join(lines)):
        for piece in (secret, secret[:14], "abcdef0123456789", "session=abc"):
            assert piece not in text
