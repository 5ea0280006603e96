"""What machines read of a run: metrics.prom and the termination message."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from fixtures.model.errors import OptionError
from fixtures.model.outcomes import Outcome
from fixtures.reports import metrics, termination
from selftests.support import sample_results as samples

SUCCESS = datetime(2026, 11, 23, 3, 17, tzinfo=UTC)


def series(text):
    """Every sample by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def one(found, name, **labels):
    return found[f"sso_conformance_{name}", frozenset({"estate": "frank", **labels}.items())]


class TestMetrics:
    @pytest.mark.parametrize("name", samples.SAMPLES)
    def test_every_run_can_be_read_back(self, name):
        result = samples.SAMPLES[name]()
        found = series(metrics.render(result, SUCCESS))
        counts = Counter(str(case.outcome) for case in result.cases)
        assert {o: one(found, "cases", outcome=str(o)) for o in Outcome} == {o: counts[o] for o in Outcome}
        assert one(found, "verdict", verdict=str(result.verdict)) == 1
        assert sum(value for (name, _), value in found.items() if name == "sso_conformance_verdict") == 1
        assert one(found, "last_run_timestamp_seconds") == result.finished.timestamp()
        assert one(found, "last_success_timestamp_seconds") == SUCCESS.timestamp()

    def test_a_case_has_its_state_and_duration_and_the_doors_their_requests(self):
        found = series(metrics.render(samples.three_roots(), None))
        assert one(found, "check", id="FWD-GATE-02", case="longhorn", outcome="failed") == 1
        assert one(found, "check_duration_seconds", id="FWD-GATE-02", case="longhorn") == pytest.approx(0.0042)
        assert one(found, "requests", door="http", method="POST", host="auth.frank.derio.net") == 5
        assert one(found, "root_causes") == 3
        assert one(found, "run_duration_seconds") == pytest.approx(6.34)

    def test_what_never_happened_has_no_series(self):
        assert "last_success" not in metrics.render(samples.three_roots(), None)

    def test_each_family_says_what_it_is(self):
        lines = metrics.render(samples.healthy(), SUCCESS).splitlines()
        typed = {line.split()[2] for line in lines if line.startswith("# TYPE")}
        assert {line.split("{")[0] for line in lines if not line.startswith("#")} == typed
        assert {line.split()[2] for line in lines if line.startswith("# HELP")} == typed

    def test_names_from_the_estate_are_escaped(self):
        odd = 'a"b\\c\nd'
        found = series(metrics.render(replace(samples.healthy(), estate=odd), None))
        assert {dict(labels)["estate"] for _, labels in found} == {odd}


class TestTermination:
    def test_verdict_and_every_root_with_its_fix(self):
        text = termination.message(samples.three_roots(), "reports/x/report.html")
        assert text.startswith("UNHEALTHY frank: 50 passed, 5 failed, 4 blocked")
        assert "\n1. FWD-GATE-02[longhorn, hubble, sympozium] The gate sends people to the wrong place" in text
        assert "(blocks 3 cases): The gate sends browsers to http://0.0.0.0:9000" in text
        assert "fix: kubectl -n grafana edit externalsecret grafana-oidc" in text

    def test_what_does_not_fit_is_counted(self):
        result = samples.many(red=True)
        text = termination.message(result, "report.html")
        told = text.count("\n   fix: ")
        assert told >= 5
        assert text.endswith(f"… and {len(result.roots) - told:,} more root causes in the report\n")

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=3000), st.text(max_size=3000), st.integers(1, 4))
    def test_it_always_fits_and_is_text(self, cause, remedy, number):
        plain = samples.three_roots()
        roots = tuple(replace(plain.roots[0], cause=cause, remedy=remedy) for _ in range(number))
        text = termination.message(replace(plain, roots=roots), "report.html")
        assert len(text.encode("utf-8", errors="backslashreplace")) <= 2048
        assert text.startswith("UNHEALTHY frank: ")

    def test_a_path_given_wins(self, tmp_path):
        assert termination.path_of(str(tmp_path / "m"), {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}) == tmp_path / "m"

    def test_in_a_pod_it_is_where_kubernetes_looks(self, tmp_path, monkeypatch):
        file = tmp_path / "termination-log"
        monkeypatch.setattr(termination, "KUBERNETES_DEFAULT", file)
        assert termination.path_of(None, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}) is None
        file.touch()
        assert termination.path_of(None, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}) == file
        assert termination.path_of(None, {}) is None

    @pytest.mark.parametrize("name", ["", "file/message"])
    def test_a_path_that_cannot_be_written_is_refused_with_the_way_out(self, tmp_path, name):
        (tmp_path / "file").touch()
        with pytest.raises(OptionError, match="cannot be written, name a file in a folder that can"):
            termination.path_of(str(tmp_path / name), {})

    def test_a_folder_is_made_for_it(self, tmp_path):
        file = tmp_path / "absent" / "message"
        assert termination.path_of(str(file), {}) == file
        termination.write(file, "new")
        assert file.read_text() == "new"

    def test_the_file_is_written_in_place(self, tmp_path):
        file = tmp_path / "message"
        file.write_text("an older and much longer message")
        before = file.stat().st_ino
        termination.write(file, "new\udc80")
        assert file.read_text() == "new\\udc80"
        assert file.stat().st_ino == before
