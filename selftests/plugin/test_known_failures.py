"""The file of known failures: read, applied, and held to its own dates."""

import re
from dataclasses import replace
from datetime import date

import pytest

from fixtures.model.errors import SuiteError
from fixtures.model.outcomes import KnownFailure, Outcome, Root
from fixtures.plugin.known_failures import load
from selftests.support import sample_results as samples
from selftests.support.suite_runs import run_suite

TODAY = date(2026, 11, 25)
FILE = """# What we owe.
[[known]]
id = "OIDC-DISC-02"
case = "grafana"
reason = "waits for the new chart, ticket 4711"
owner = "platform team"
until = 2026-11-25

# Another one.
[[known]]
id = "SMOKE-API-01"
reason = "the token is renewed on Monday"
owner = "frank"
until = 2026-12-31
"""
CATALOGUE = {"OIDC-DISC-02", "SMOKE-API-01"}
CASES = {"OIDC-DISC-02[argocd]", "OIDC-DISC-02[grafana]", "SMOKE-API-01"}


@pytest.fixture
def read(tmp_path):
    def read(text=FILE, today=TODAY):
        path = tmp_path / "known.toml"
        path.write_text(text)
        return load(path, today)

    return read


def case(check_id, name, outcome):
    return replace(samples.case(check_id, name, "c", "D11"), outcome=outcome)


def stale(known, *results, catalogue=CATALOGUE, cases=CASES):
    return {entry.entry.name: (entry.cause, entry.remedy) for entry in known.stale(results, catalogue, cases)}


class TestReading:
    def test_what_is_known(self, read):
        known = read()
        assert known.current("OIDC-DISC-02", "grafana", "it fails") == KnownFailure(
            "waits for the new chart, ticket 4711", "platform team", "2026-11-25"
        )
        assert known.current("OIDC-DISC-02", "argocd", "it fails") is None
        assert known.current("SMOKE-API-01", "", "it fails") is not None

    def test_the_last_day_still_counts_and_the_next_does_not(self, read):
        assert read(today=date(2026, 11, 26)).current("OIDC-DISC-02", "grafana", "it fails") is None

    def test_another_trouble_of_the_same_case_is_not_the_one_that_is_known(self, read):
        known = read(FILE.replace("reason", 'cause = "is self-signed"\nreason', 1))
        said = ("its certificate is self-signed", "it presents Traefik's default certificate", "")
        assert [known.current("OIDC-DISC-02", "grafana", cause) is not None for cause in said] == [True, False, False]
        own = replace(case("OIDC-DISC-02", "grafana", Outcome.FAILED), cause=said[1])
        assert known.seen(own).outcome is Outcome.FAILED
        behind = replace(
            case("OIDC-DISC-06", "grafana", Outcome.BLOCKED), root=Root("OIDC-DISC-02", "grafana", None, *said[:2])
        )
        assert known.seen(behind).outcome is Outcome.NOT_VERIFIED
        assert known.seen(replace(behind, root=replace(behind.root, cause=said[1]))).outcome is Outcome.BLOCKED

    def test_no_file_knows_nothing(self):
        known = load(None, TODAY)
        assert known.current("OIDC-DISC-02", "grafana", "it fails") is None
        assert known.stale([], CATALOGUE, CASES) == []

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("[[known]\n", "known.toml: is not valid TOML"),
            ('[[known]]\nid = "OIDC-DISC-02"\n', "known.toml: known[0].reason: this key is required"),
            (FILE.replace("owner", "ownr", 1), "known[0].ownr: unknown key, did you mean owner?"),
            (FILE.replace("2026-11-25", '"soon"'), "known[0].until: "),
            (FILE.replace("2026-11-25", "2026-11-25T10:00:00Z"), "known[0].until: "),
            (FILE.replace('id = "OIDC-DISC-02"', 'id = "OIDC-DISC-02[grafana]"'), "names a check alone"),
            (FILE + FILE.replace("# What we owe.", ""), "says more than one thing of OIDC-DISC-02[grafana]"),
            ("[[knwon]]\n", "knwon: unknown key, did you mean known?"),
        ],
    )
    def test_a_mistake_is_named_with_its_place(self, read, text, says):
        with pytest.raises(SuiteError) as error:
            read(text)
        assert says in str(error.value)

    def test_an_absent_file_is_named(self, tmp_path):
        with pytest.raises(SuiteError, match="there is no such file"):
            load(tmp_path / "absent.toml", TODAY)


class TestStale:
    def test_what_is_red_and_known_stays(self, read):
        found = stale(read(), case("OIDC-DISC-02", "grafana", Outcome.KNOWN))
        assert found == {}

    @pytest.mark.parametrize("outcome", [Outcome.WARNED, Outcome.BLOCKED, Outcome.NOT_VERIFIED, Outcome.NOT_RUN])
    def test_what_shows_nothing_changes_nothing(self, read, outcome):
        assert stale(read(), case("OIDC-DISC-02", "grafana", outcome)) == {}

    def test_healed_says_which_lines_to_delete(self, read):
        found = stale(read(), case("OIDC-DISC-02", "grafana", Outcome.PASSED))
        cause, remedy = found["OIDC-DISC-02[grafana]"]
        assert cause == "OIDC-DISC-02[grafana] has healed: it passes"
        assert re.fullmatch(r"delete lines 2 to 7 of .*known\.toml", remedy)

    def test_past_its_date_names_the_owner(self, read):
        known = read(today=date(2026, 11, 26))
        cause, remedy = stale(known, case("OIDC-DISC-02", "grafana", Outcome.FAILED))["OIDC-DISC-02[grafana]"]
        assert cause == "platform team was to fix OIDC-DISC-02[grafana] by 2026-11-25, and it is failed"
        assert "delete lines 2 to 7" in remedy

    def test_an_unknown_check_or_case_is_unmatched(self, read):
        text = FILE.replace("OIDC-DISC-02", "OIDC-DISC-20").replace("SMOKE-API-01", "OIDC-DISC-02")
        found = stale(read(text))
        assert found["OIDC-DISC-20[grafana]"][0] == "no check has the id OIDC-DISC-20"
        assert "did you mean OIDC-DISC-02?" in found["OIDC-DISC-20[grafana]"][1]
        assert (
            "has no case '' on this estate, but OIDC-DISC-02[argocd], OIDC-DISC-02[grafana]"
            in (found["OIDC-DISC-02"][0])
        )
        assert "delete lines 10 to 14" in found["OIDC-DISC-02"][1]

    def test_what_does_not_apply_is_no_failure(self, read):
        found = stale(read(), case("SMOKE-API-01", "", Outcome.NOT_APPLICABLE))
        assert found["SMOKE-API-01"][0] == "SMOKE-API-01 does not apply to this estate"

    def test_what_this_run_did_not_look_at_is_left_alone(self, read):
        assert stale(read(today=date(2027, 1, 1)), cases=set()) == {}

    def test_where_lines_cannot_be_told_the_entry_is_counted(self, read):
        text = 'known = [{ id = "X-1", reason = "r", owner = "o", until = 2026-12-01 }]\n'
        assert stale(read(text))["X-1"][1].startswith("delete entry 1 of ")


ENTRY = '[[known]]\nid = "{}"\ncase = "{}"\nreason = "agreed"\nowner = "platform team"\nuntil = {}\n'
BROKEN = ("--lab", "--lab-fault", "authentik-host-blank", "-k", "FWD-GATE-02 or FWD-HOST-02")


def run_with(tmp_path, *entries):
    path = tmp_path / "known.toml"
    path.write_text("\n".join(ENTRY.format(*entry) for entry in entries))
    return run_suite(*BROKEN, "--known-failures", str(path))


def test_a_run_whose_failures_are_all_known_is_degraded(tmp_path):
    gates = ("longhorn", "hubble", "sympozium", "whoami")
    owed = [("FWD-GATE-02", gate, "2999-01-01") for gate in gates] + [("FWD-HOST-02", "", "2999-01-01")]
    run = run_with(tmp_path, *owed)
    assert run.verdict_line.startswith("DEGRADED lab: 0 passed, 0 failed, 0 blocked, 5 known"), run.stdout
    assert run.exit_code == 0
    assert "platform team, until 2999-01-01" in run.stdout
    (known, *_) = [case for case in run.report["cases"] if case["outcome"] == "known"]
    assert known["known"] == {"reason": "agreed", "owner": "platform team", "until": "2999-01-01"}
    assert b"platform team, until 2999-01-01" in run.files["report.html"]
    assert b"<failure" not in run.files["junit.xml"]


def test_what_is_red_for_another_cause_is_red(tmp_path):
    path = tmp_path / "known.toml"
    owed = [
        ENTRY.format("FWD-HOST-02", "", "2999-01-01").replace("[[known]]", f'[[known]]\ncause = "{cause}"')
        for cause in ("it is empty", "another host")
    ]
    runs = []
    for entry in owed:
        path.write_text(entry)
        runs.append(run_suite(*BROKEN, "--known-failures", str(path)))
    assert [run.outcomes["FWD-HOST-02"] for run in runs] == ["known", "failed"]
    assert [run.exit_code for run in runs] == [1, 1]


def test_entries_that_must_go_fail_the_run_in_every_report(tmp_path):
    run = run_with(tmp_path, ("FWD-GATE-02", "longhorn", "2020-01-01"), ("SMOKE-NO-99", "", "2999-01-01"))
    assert run.exit_code == 1
    assert run.outcomes["SMOKE-KNOWN-01[FWD-GATE-02-longhorn]"] == "failed"
    assert run.outcomes["SMOKE-KNOWN-01[SMOKE-NO-99]"] == "failed"
    assert run.outcomes["FWD-GATE-02[longhorn]"] == "failed"
    assert run.files["junit.xml"].count(b"SMOKE-KNOWN-01") >= 2
    assert "delete lines 8 to 13 of" in run.stdout


def test_a_broken_file_is_exit_code_4(tmp_path):
    path = tmp_path / "known.toml"
    path.write_text("[[known]]\n")
    run = run_suite("--lab", environment={"SSO_KNOWN_FAILURES": str(path)})
    assert run.exit_code == 4
    assert "known[0].id: this key is required" in run.stderr
    assert "Traceback" not in run.stdout + run.stderr
