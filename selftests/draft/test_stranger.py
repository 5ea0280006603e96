"""What a stranger types who has never seen the estate: the lines that `python -m lab` prints, as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

from selftests.support.lab_process import ROOT, running_lab

MARK = "Draft an estate file"


def typed(usage: str) -> str:
    """The commands of one paragraph of what the lab prints, for a shell that ends at the first that fails."""
    paragraph = usage.partition(MARK)[2].partition("\n\n")[2].partition("\n\n")[0]
    return f"set -e\n{paragraph}"


def in_a_shell(script: str, reports: Path) -> subprocess.CompletedProcess[str]:
    """With the suite's own pytest first on the path, as after `. .venv/bin/activate`; its runs go to `reports`."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env={"PATH": path, "HOME": os.environ.get("HOME", "/"), "PYTEST_ADDOPTS": f"--reports {reports}"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_the_lines_that_the_lab_prints_draft_it_judge_it_and_find_no_drift(tmp_path):
    said = []
    with running_lab(tmp_path / "state", said=said):
        lines = typed("".join(said))
        assert lines.count("\n  pytest ") == 3
        ran = in_a_shell(f"{lines}\n", tmp_path / "reports")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    verdict = ran.stdout.rstrip().splitlines()[-1]
    assert re.match(r"(HEALTHY|PARTIAL) ", verdict), ran.stdout[-2000:]
    assert re.search(r" 0 failed, 0 blocked", verdict)
    asked = re.search(r", (\d+) to decide", verdict)
    assert asked
    passed = re.search(r"(\d+) passed", verdict)
    assert passed
    assert int(passed[1]) > 150
    text = (tmp_path / "state" / "mine.toml").read_text(encoding="utf-8")
    assert text.count("# DECIDE ") == int(asked[1])
    assert text.count("[network]") == 1
