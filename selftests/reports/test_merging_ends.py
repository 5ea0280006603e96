"""A drain ends the joining of shares: said while it waits, and nothing half written while it writes."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from selftests.support.shares import Folder
from selftests.support.suite_runs import ROOT

# Sends itself the signal when it is about to call that function.
STOPPED = """
import os, signal, sys
from fixtures.sharding import __main__ as merge

def stopped(*given, function=getattr(merge, sys.argv[1]), **named):
    os.kill(os.getpid(), signal.SIGTERM)
    return function(*given, **named)

setattr(merge, sys.argv[1], stopped)
sys.exit(merge.main(sys.argv[2:]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where the shares are."""
    (tmp_path / "shares").mkdir()
    return Folder(tmp_path / "shares")


def stopped_at(function: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The joining that gets a SIGTERM when it is about to call that function of its own."""
    command = [sys.executable, "-c", STOPPED, function, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_drain_while_it_waits_is_said(folder):
    folder.add(1, began=datetime.now(UTC))
    finished = stopped_at("choose", folder.path, "--wait", 60)
    assert finished.returncode == 143
    assert "INTERRUPTED: stopped by SIGTERM" in finished.stderr


def test_a_drain_while_it_writes_leaves_no_half_and_no_good_news(folder, tmp_path):
    folder.add_all()
    given = ("--reports", tmp_path / "joined", "--termination-message", tmp_path / "message")
    finished = stopped_at("write_reports", folder.path, *given)
    assert finished.returncode == 143
    last = finished.stdout.rstrip().splitlines()[-1]
    assert last.startswith("INTERRUPTED frank")
    assert last.endswith("no report")
    assert (tmp_path / "message").read_text().startswith("INTERRUPTED")
    assert not [path for path in (tmp_path / "joined").glob("*/*") if path.is_file()]


def test_without_one_the_same_shares_are_healthy(folder, tmp_path):
    folder.add_all()
    line = [sys.executable, "-m", "fixtures.sharding", str(folder.path), "--reports", str(tmp_path / "joined")]
    finished = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.rstrip().splitlines()[-1].startswith("HEALTHY frank")
