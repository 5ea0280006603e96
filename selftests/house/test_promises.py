"""What a check leaves behind and needs, as its questions declare it, is what it promises."""

from dataclasses import replace

import pytest

from fixtures.catalogue.explaining import refuse_broken_promises
from fixtures.engine.checks import catalogue
from fixtures.model.errors import CatalogueError
from selftests.support.suite_runs import run_suite


def test_every_check_keeps_its_promise():
    refuse_broken_promises()
    assert len(catalogue) > 100


@pytest.mark.parametrize(
    ("check_id", "changes", "says"),
    [
        ("FWD-GATE-01", {"leaves": "none"}, "leaves='session'"),
        ("OIDC-DISC-01", {"leaves": "session"}, "leaves='none'"),
        ("OIDC-PROV-01", {"needs": ()}, "needs=('api',)"),
        ("OIDC-DISC-01", {"needs": ("cluster",)}, "needs=()"),
    ],
)
def test_more_or_less_than_promised_is_refused(check_id, changes, says, monkeypatch):
    refuse_broken_promises()
    monkeypatch.setitem(catalogue, check_id, replace(catalogue[check_id], **changes))
    with pytest.raises(CatalogueError) as refused:
        refuse_broken_promises()
    assert check_id in str(refused.value)
    assert says in str(refused.value).partition("its questions come to")[2]


def test_a_run_with_a_broken_promise_ends_before_anything_is_sent(tmp_path):
    (tmp_path / "breaking.py").write_text(
        "from dataclasses import replace\n"
        "from fixtures.catalogue.explaining import load_catalogue\n"
        "from fixtures.engine.checks import catalogue\n"
        "def pytest_sessionstart():\n"
        "    load_catalogue()\n"
        "    catalogue['FWD-GATE-01'] = replace(catalogue['FWD-GATE-01'], leaves='none')\n"
    )
    run = run_suite("--lab", "-p", "breaking", environment={"PYTHONPATH": str(tmp_path)})
    assert run.exit_code == 4
    assert "check FWD-GATE-01 promises leaves='none'" in run.stderr
    assert "Traceback" not in run.stderr
