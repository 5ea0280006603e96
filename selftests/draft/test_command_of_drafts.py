"""What a person and a machine get of `pytest --draft-estate`: the file, the drift, and the exit code."""

import json
import re
import tomllib

import pytest

from fixtures.estate.loading import parse_estate
from selftests.support.drafts import drafting
from selftests.support.suite_runs import run_suite


@pytest.fixture
def lab(tmp_path):
    with drafting(tmp_path) as lab:
        yield lab


def drift_of(lab, *options):
    ran = run_suite("--draft-estate", "--estate", str(lab.file), *options, environment=lab.lab.environment)
    assert not ran.report, "a draft is no run, and leaves no report"
    return ran


def test_a_draft_is_a_file_and_exit_0(lab):
    way = "--kubeconfig", str(lab.folder / "kubeconfig"), "--context", "lab-suite"
    ran = run_suite("--draft-estate", *way, environment=lab.lab.environment)
    assert ran.exit_code == 0, ran.stderr
    assert re.search(r"^\d+ requests: \d+ GET; nothing written$", ran.stderr, re.MULTILINE), ran.stderr
    assert parse_estate(tomllib.loads(ran.stdout), "draft").authentik.namespace == "authentik"


def test_no_drift_is_exit_0_and_not_a_line(lab):
    ran = drift_of(lab)
    assert (ran.exit_code, ran.stdout) == (0, ""), ran.stdout + ran.stderr
    assert "; nothing has drifted from the estate file\n" in ran.stderr


def test_drift_is_exit_1_and_a_line_for_people(lab):
    lab.lab.apply("user-active-again")
    ran = drift_of(lab)
    assert ran.exit_code == 1
    assert "users carol: active" in ran.stdout


def test_drift_for_machines_is_json_alone(lab):
    lab.lab.apply("user-active-again")
    ran = drift_of(lab, "--format", "json")
    told = json.loads(ran.stdout)
    assert ran.exit_code == 1
    assert told["not_seen"] == []
    (one,) = (each for each in told["drift"] if each["place"] == "users carol: active")
    assert (one["change"], one["file"], one["live"]) == ("different", False, True)


def test_a_right_that_is_missing_is_no_health(lab):
    role = lab.lab.world.cluster.get("clusterroles", "", "sso-conformance")
    role["rules"] = [rule for rule in role["rules"] if "services" not in rule.get("resources", ())]
    ran = drift_of(lab)
    assert ran.exit_code == 1
    (told,) = (line for line in ran.stdout.splitlines() if "services not seen" in line)
    assert "verbs: [list]}: kubectl auth can-i list services" in told
    assert "no longer live" not in ran.stdout, "what could not be seen is not gone"


@pytest.mark.parametrize(
    ("fault", "table", "permission"),
    [
        ("api-token-without-users", "users", "authentik_core.view_user"),
        ("api-token-sees-its-own-tokens", "tokens", "authentik_core.view_token"),
    ],
)
def test_a_list_that_hides_is_not_seen_and_nothing_of_it_is_gone(lab, fault, table, permission):
    lab.lab.apply(fault)
    ran = drift_of(lab)
    assert ran.exit_code == 1
    assert f"{table} not seen" in ran.stdout
    assert permission in ran.stdout
    assert "no longer live" not in ran.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give --context"),
        (("--authentik-url", "http://127.0.0.1:1"), "AUTHENTIK_TOKEN is not set"),
        (("--kubeconfig", "no-such-file"), "no-such-file"),
    ],
)
def test_what_cannot_be_looked_at_is_one_sentence_and_exit_4(options, said):
    ran = run_suite("--draft-estate", *options)
    assert ran.exit_code == 4
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
