"""The suite as people run it, against its own lab."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from selftests.support.suite_runs import ROOT, run_suite


@pytest.fixture(scope="module")
def healthy(run_of):
    return run_of("--lab")


def test_the_healthy_lab_is_healthy(healthy):
    assert healthy.verdict_line.startswith("HEALTHY lab: "), healthy.stdout[-3000:]
    assert healthy.exit_code == 0
    assert set(healthy.outcomes.values()) <= {"passed", "not applicable", "not verified"}
    assert not healthy.unverified
    assert len(healthy.outcomes) > 150
    assert healthy.report["ledger"]["written"] == 0


def test_the_verdict_line_is_the_last_of_stdout(healthy):
    passed = len(healthy.named("passed"))
    assert f"{passed} passed, 0 failed, 0 blocked" in healthy.verdict_line
    assert healthy.verdict_line.endswith("/latest/report.html")


def test_every_report_is_there(healthy):
    assert {"report.html", "junit.xml", "report.json"} <= set(healthy.files)
    assert b"<html" in healthy.files["report.html"]


@pytest.mark.parametrize(
    ("selection", "belongs"),
    [
        ("forwardauth", lambda name: name.startswith("FWD-")),
        ("grafana", lambda name: "grafana" in name),
        ("OIDC-DISC-02", lambda name: name.startswith("OIDC-DISC-02[")),
        ("longhorn and FWD-GATE", lambda name: name.startswith("FWD-GATE-") and "longhorn" in name),
    ],
)
def test_selection_runs_what_it_says(selection, belongs, healthy):
    run = run_suite("--lab", "-k", selection)
    assert run.exit_code == 0, run.stdout[-2000:]
    expected = {name for name in healthy.outcomes if belongs(name)}
    assert expected
    assert expected == set(run.outcomes)


@pytest.mark.parametrize("selection", ["forwardauth", "grafana", "OIDC-DISC-02", "longhorn and FWD-GATE"])
def test_with_authentik_down_there_is_one_root(selection):
    run = run_suite("--lab", "--lab-fault", "authentik-down", "-k", selection)
    assert run.exit_code == 1
    assert [root["id"] for root in run.report["roots"]] == ["SMOKE-UP-01"], run.stdout[-3000:]
    assert not run.named("failed")
    assert run.named("blocked")


def test_a_section_of_the_runbook_can_be_selected():
    run = run_suite("--lab", "-m", "runbook(section='D11')")
    assert run.exit_code == 0
    assert {name[:9] for name in run.outcomes} >= {"OIDC-DISC", "OIDC-JWKS"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no estate to judge"),
        (("--estate", "absent.toml"), "no such file"),
        (("--lab-fault", "authentik-down"), "add --lab"),
        (("--lab", "--lab-fault", "authentik-dwon"), "authentik-down"),
        (("--lab", "--lab-latency", "-1"), "the latency is a number"),
        (("--lab", "--estate", "estates/lab.toml"), "either --lab or --estate"),
        (("--explain", "OIDC-DISC-2"), "did you mean OIDC-DISC-"),
        (("--fail-on", "nothing", "--lab"), "invalid choice"),
    ],
)
def test_bad_input_gets_one_message_and_exit_code_4(arguments, says):
    run = run_suite(*arguments)
    assert run.exit_code == 4
    assert says in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert not run.files


@pytest.mark.parametrize("arguments", [("--help",), ("--markers",), ("--collect-only", "-q"), ("--setup-only", "-q")])
def test_what_only_shows_needs_no_estate(arguments):
    assert run_suite(*arguments).exit_code == 0


def test_the_whole_folder_means_the_checks(healthy):
    run = run_suite(".", "--lab", "--collect-only", "-q")
    assert f"{len(healthy.outcomes)} tests collected" in run.stdout


def test_where_pytest_is_started_makes_no_difference(tmp_path):
    """In a copy of the checkout, since its own reports are a person's."""
    for part in ("conftest.py", "pyproject.toml"):
        shutil.copy2(ROOT / part, tmp_path)
    for part in ("estates", "fixtures", "lab", "tests_smoke", "tests_oidc", "tests_forwardauth"):
        shutil.copytree(ROOT / part, tmp_path / part)
    elsewhere = tmp_path / "tests_oidc"
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", "--lab", "-q", "-k", "OIDC-DISC-02", "-p", "no:cacheprovider"],
        cwd=elsewhere, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert f"{tmp_path.resolve()}/reports/" in finished.stdout
    assert not (elsewhere / "reports").exists()


def test_nothing_selected_is_not_green():
    assert run_suite("--lab", "-k", "no-such-thing").exit_code == 4


def test_optimised_python_is_refused():
    run = run_suite("--lab", environment={"PYTHONOPTIMIZE": "1"})
    assert run.exit_code == 4
    assert "-O" in run.stdout + run.stderr


@pytest.mark.parametrize(
    "asked",
    [("-n", "4"), ("-p", "no:xdist", "-n", "4"), ("-d", "--tx", "2*popen")],
    ids=["-n", "without xdist", "--tx"],
)
def test_processes_are_declined_politely(asked):
    run = run_suite(*asked, "--lab", "-k", "SMOKE-UP-01")
    assert run.exit_code == 0
    assert "one process" in run.stdout


def test_plugins_need_not_be_found_by_themselves(tmp_path):
    alone = ("--disable-plugin-autoload", "-p", "no:cacheprovider", f"--reports={tmp_path}")
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *alone, "--lab", "-k", "SMOKE-UP-01"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stdout.splitlines()[-1].startswith("HEALTHY lab: ")


def test_a_run_without_pytests_capture_is_judged_alike():
    run = run_suite("-p", "no:capture", "--lab", "-k", "SMOKE-UP-01")
    assert run.exit_code == 0
    assert run.stdout.splitlines()[-1].startswith("HEALTHY lab: ")


@pytest.mark.parametrize("encoding", ["ascii:strict", "latin-1", "cp1252"])
def test_no_encoding_of_a_terminal_loses_the_verdict(encoding, tmp_path):
    options = ("--lab", "-q", "-k", "SMOKE-UP-01", "-p", "no:cacheprovider", "--reports", str(tmp_path))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT, capture_output=True, timeout=60, check=False, env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert run.stdout.splitlines()[-1].startswith(b"HEALTHY lab: ")


def test_the_catalogue_is_json_for_scripts():
    run = run_suite("--catalogue=json")
    entries = json.loads(run.stdout)
    assert {entry["id"] for entry in entries} >= {"SMOKE-UP-01", "OIDC-DISC-02", "FWD-GATE-02"}
    assert all(entry["claim"] and entry["blind"] and entry["leaves"] for entry in entries)


def test_an_estate_outside_the_checkout_is_found(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    estate = tmp_path / "estate.toml"
    estate.write_text(
        'name = "nowhere"\n[authentik]\nurl = "http://auth.example:9000"\npublic_url = "http://auth.example:9000"\n'
        f'[network]\nisolated = true\nconnect_to = {{ "auth.example:9000" = "127.0.0.1:{port}" }}\n'
    )
    run = run_suite("--estate", str(estate), "-k", "SMOKE-UP-01")
    assert run.exit_code == 1
    assert run.verdict_line.startswith("UNHEALTHY nowhere: 0 passed, 1 failed")
