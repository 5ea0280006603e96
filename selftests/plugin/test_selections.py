"""A selection that matches nothing is a mistyped one: one sentence, exit 4, and no run."""

import pytest

from fixtures.plugin.collecting import nearest
from selftests.support.suite_runs import run_suite

COLLECTED = {"OIDC-DISC-02[grafana]", "FWD-GATE-01[longhorn]", "SMOKE-API-01"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("grafanna", "grafana"),
        ("longhorn and FWD-GATE-11", "FWD-GATE-01"),
        ("longhorn and FWD-GATE", ""),
        ("runbook(secton='D5')", "section"),
        ("OIDC-DISK-02", "OIDC-DISC-02"),
        ("smoek", "smoke"),
        ("runbook(section='D55')", "D5"),
        ("zzzzzz", ""),
        ("not and or", ""),
    ],
)
def test_what_comes_nearest_is_named(written, meant):
    assert nearest(written, COLLECTED) == meant


@pytest.mark.parametrize(
    ("option", "written", "meant"),
    [
        ("-k", "grafanna", "grafana"),
        ("-k", "d3", "-m \"runbook(section='D3')\""),
        ("-m", "runbook(section='D55')", "D5"),
    ],
)
def test_nothing_is_run_and_no_report_left(option, written, meant):
    run = run_suite("--lab", option, written)
    assert run.exit_code == 4
    said = f"{written}: no check, application or section matches, did you mean {meant}? pytest --catalogue"
    assert said in run.stderr
    assert run.files == {}
    assert "generated" not in run.stdout
