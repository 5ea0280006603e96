"""`make check` judges the faults of what has changed."""

import pytest

from lab.faults import load
from selftests.matrix.changed import MOST, ROOT, SAMPLE, checks_of, faults_of


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        ("tests_oidc/test_discovery.py", "OIDC-DISC-02"),
        ("fixtures/topics/routes/rules.py", "FWD-ROUTE-01"),
        ("README.md", None),
    ],
)
def test_a_changed_file_leads_to_its_checks(file, asked):
    found = checks_of({ROOT / file})
    assert asked in found if asked else not found
    assert "SMOKE-TIME-01" not in found


def test_a_check_leads_to_its_faults():
    faults = load()
    found = faults_of({"OIDC-DISC-02", "FWD-ROUTE-01"})
    assert {faults[name].root for name in found} == {"OIDC-DISC-02", "FWD-ROUTE-01"}
    assert len(faults_of({fault.root for fault in faults.values()})) == MOST


def test_without_a_changed_check_there_is_a_sample():
    assert faults_of(set()) == list(SAMPLE)
    assert set(SAMPLE) <= {fault.name for fault in load().values() if not fault.pending}
