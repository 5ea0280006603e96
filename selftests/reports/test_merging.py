"""`python -m fixtures.sharding`: which reports belong together, and what is missing, broken, twice or foreign."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from fixtures.model.errors import OptionError
from fixtures.model.outcomes import Outcome, Verdict
from fixtures.sharding.joining import MISSING, join
from selftests.support import sample_results
from selftests.support.shares import HOUR, JOB, TONIGHT, Folder
from selftests.support.suite_runs import ROOT

EARLIER = "sso-conformance-shares-29449794"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "shares"
    path.mkdir()
    return Folder(path)


def merge(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fixtures.sharding", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_all_shares_are_one_report(folder):
    folder.add_all(strangers={("grafana.example.org", "stats.example.com"): 2})
    result = join(folder.found())
    whole = sample_results.healthy()
    assert sorted(case.name for case in result.cases) == sorted(case.name for case in whole.cases)
    assert result.verdict is Verdict.HEALTHY
    assert (result.part, result.parts, result.job) == (1, 1, JOB)
    ended = TONIGHT + timedelta(minutes=3, seconds=9)
    assert (result.started, result.finished) == (TONIGHT + timedelta(minutes=1), ended)
    assert sum(result.ledger.values()) == 3 * sum(whole.ledger.values())
    assert result.strangers == {("grafana.example.org", "stats.example.com"): 6}


@pytest.mark.parametrize("sample", [sample_results.three_roots, sample_results.warned, sample_results.interrupted])
def test_troubles_are_those_of_a_run_that_judged_all(sample, folder):
    folder.add_all(sample=sample)
    result, whole = join(folder.found()), sample()
    assert result.verdict is whole.verdict
    assert result.counts == whole.counts
    assert [(root.check_id, set(root.cases), set(root.blocks)) for root in result.roots] == [
        (root.check_id, set(root.cases), set(root.blocks)) for root in whole.roots
    ]
    assert [warning.name for warning in result.warnings] == [warning.name for warning in whole.warnings]


def test_a_missing_share_is_a_failure_that_names_it(folder):
    folder.add(1)
    folder.add(3)
    result = join(folder.found())
    assert result.verdict is Verdict.UNHEALTHY
    (missing,) = [case for case in result.cases if case.outcome is Outcome.FAILED]
    assert missing.name == f"{MISSING}[2-of-3]"
    assert "share 2 of 3 left no report" in missing.cause
    assert "job-completion-index=1" in missing.remedy
    assert "pytest --shard 2/3" in missing.remedy
    assert result.roots[0].name == missing.name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSONDecodeError"),
        ("[" * 100_000, "RecursionError"),
        ("[]", "TypeError"),
        ('{"schema": 2}', "KeyError"),
        ('{"schema": "7"}', "schema '7' is not 2"),
    ],
)
def test_a_broken_report_is_named_and_its_share_missing(text, says, folder):
    folder.add(1)
    folder.add(3)
    broken = folder.add(2) / "report.json"
    broken.write_text(text, encoding="utf-8")
    result = join(folder.found())
    assert result.verdict is Verdict.UNHEALTHY
    cause = result.roots[0].cause
    assert "share 2 of 3 left no report" in cause
    assert str(broken) in cause
    assert says in cause


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("part", 4),
        ("part", 0),
        ("verdict", "SPLENDID"),
        ("started", "yesterday"),
        ("started", "2026-11-25T03:17:00"),
        ("started", "0001-01-01T00:00:00+14:00"),
        ("part", float("inf")),
        ("cases", [{"id": "OIDC-DISC-02"}]),
        ("roots", [{}]),
    ],
)
def test_a_report_that_is_wrong_inside_is_broken(member, value, folder):
    folder.add(1)
    folder.add(3)
    path = folder.add(2) / "report.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {member: value}), encoding="utf-8")
    found = folder.found()
    assert set(found.shares) == {1, 3}
    assert str(path) in found.passed_over[0]
    assert join(found).verdict is Verdict.UNHEALTHY


@pytest.mark.parametrize("number", [-1, 10_000, "0"])
def test_evidence_that_is_none_of_the_exchanges_breaks_a_report(number, folder):
    folder.add(1)
    path = folder.add(2, sample=sample_results.three_roots) / "report.json"
    report = json.loads(path.read_text())
    assert report["exchanges"]
    report["cases"][0]["evidence"] = [number]
    path.write_text(json.dumps(report), encoding="utf-8")
    assert "KeyError" in folder.found().passed_over[0]


def test_a_share_that_reported_twice_counts_once_and_is_named(folder):
    """A pod that was run again: its case would be counted twice, or the older one would hide the newer."""
    older = folder.add(2, sample=sample_results.three_roots)
    folder.add_all(began=TONIGHT + timedelta(minutes=5))
    found = folder.found()
    assert [line for line in found.passed_over if str(older) in line and "part 2 reported again later" in line]
    result = join(found)
    assert result.verdict is Verdict.HEALTHY
    assert len(result.cases) == len(sample_results.healthy().cases)


def test_another_jobs_share_does_not_stand_in_for_a_missing_one(folder):
    folder.add_all(job=EARLIER, began=TONIGHT - timedelta(minutes=20))
    folder.add(1)
    folder.add(3)
    found = folder.found()
    assert set(found.shares) == {1, 3}
    assert join(found).verdict is Verdict.UNHEALTHY


def test_shares_of_one_job_belong_together_however_long_it_took(folder):
    folder.add(1)
    folder.add(2, began=TONIGHT + timedelta(hours=2))
    folder.add(3, began=TONIGHT + timedelta(hours=3))
    assert folder.found().complete


def test_by_hand_what_began_within_the_hour_is_one_run(folder):
    folder.add_all(job="", began=TONIGHT - timedelta(days=1))
    folder.add(1, job="")
    folder.add(2, job="")
    assert set(folder.found().shares) == {1, 2}


def test_who_waits_does_not_take_last_nights_shares_for_tonights(folder):
    folder.add_all(job=EARLIER, began=TONIGHT - timedelta(days=1))
    with pytest.raises(OptionError, match=r"no share's report that began after 02:17Z was found"):
        folder.found(since=TONIGHT - HOUR)
    folder.add(1)
    assert not folder.found(since=TONIGHT - HOUR).complete


@pytest.mark.parametrize(
    "changes", [{"estate": "hop"}, {"parts": 4}, {"vantage": "outside"}, {"version": "0.2.0"}], ids=str
)
def test_shares_that_do_not_fit_together_are_refused(changes, folder):
    folder.add(1)
    folder.add(2)
    stranger = folder.add(3, **changes)
    with pytest.raises(OptionError, match=r"not of one run with|is not one of") as refused:
        folder.found(parts=3)
    assert str(stranger) in str(refused.value)


def test_a_named_report_of_another_run_is_refused(folder, tmp_path):
    folder.add_all()
    other = Folder(tmp_path / "others")
    other.path.mkdir()
    stranger = other.add(2, job=EARLIER, began=TONIGHT - timedelta(days=1))
    with pytest.raises(OptionError, match="not of one run with") as refused:
        folder.found(stranger)
    assert str(stranger) in str(refused.value)
    assert EARLIER in str(refused.value)


def test_a_whole_run_is_no_share(folder):
    folder.add_all()
    undivided = folder.add(1, parts=1, job="", began=TONIGHT + HOUR)
    assert folder.found().complete
    with pytest.raises(OptionError, match="not of one run with"):
        folder.found(undivided)


def test_the_command_writes_a_run_of_its_own_and_ends_as_its_verdict_says(folder, tmp_path):
    folder.add_all(sample=sample_results.three_roots)
    finished = merge(folder.path, "--reports", tmp_path / "joined")
    assert finished.returncode == 1, finished.stderr
    assert finished.stdout.splitlines()[-1].startswith("UNHEALTHY frank: ")
    names = {path.name for path in (tmp_path / "joined/latest").iterdir()}
    assert {"report.html", "report.json", "junit.xml", "metrics.prom"} <= names
    report = json.loads((tmp_path / "joined/latest/report.json").read_text())
    assert (report["part"], report["parts"], report["verdict"]) == (1, 1, "UNHEALTHY")


def test_the_command_names_what_it_passed_over(folder, tmp_path):
    folder.add(1)
    folder.add(3)
    broken = folder.add(2) / "report.json"
    broken.write_text("{", encoding="utf-8")
    finished = merge(folder.path, "--reports", tmp_path / "joined", "--wait", "0.2", "--within", "1e7")
    assert finished.returncode == 1
    assert f"passed over: {broken}: JSONDecodeError" in finished.stderr
    assert "UNHEALTHY frank: " in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no share's report was found"),
        (("--parts", "4"), "no share's report was found"),
        (("--wait", "0.2"), "no share's report was found"),
    ],
)
def test_nothing_to_join_is_exit_4(arguments, says, folder, tmp_path):
    finished = merge(folder.path, folder.path / "absent.json", "--reports", tmp_path / "joined", *arguments)
    assert finished.returncode == 4
    assert says in finished.stderr
    assert "absent.json: No such file or directory" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "joined").exists()


def test_a_wrong_number_of_parts_is_exit_4(folder, tmp_path):
    folder.add_all()
    finished = merge(folder.path, "--parts", "4", "--reports", tmp_path / "joined")
    assert finished.returncode == 4
    assert "is not one of 4 shares" in finished.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--parts", "0"), ("--parts", "many"), ("--wait", "-1"), ("--wait", "nan"), ("--within", "1e300"), ("--shares",)],
    ids=" ".join,
)
def test_a_wrong_option_is_exit_4(arguments, folder):
    finished = merge(folder.path, *arguments)
    assert finished.returncode == 4
    assert arguments[0] in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_place_that_cannot_be_written_is_exit_4(folder, tmp_path):
    folder.add_all()
    (tmp_path / "file").write_text("", encoding="utf-8")
    finished = merge(folder.path, "--reports", tmp_path / "file" / "reports")
    assert finished.returncode == 4
    assert str(tmp_path / "file") in finished.stderr
    assert "Traceback" not in finished.stderr
