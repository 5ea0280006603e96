"""A pytest whose environment lacks the suite's packages says so in one sentence."""

import subprocess
import sys

from selftests.support.suite_runs import ROOT

# As in an environment in which nobody installed it.
LACKING = "import sys; sys.modules['pydantic'] = None; import pytest; pytest.main(['--lab', '-p', 'no:cacheprovider'])"


def test_it_is_named_with_the_way_out():
    ran = subprocess.run(
        [sys.executable, "-c", LACKING], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 4
    (line,) = ran.stderr.splitlines()
    assert f"{sys.executable} has no pydantic" in line
    assert ". .venv/bin/activate" in line
    assert not ran.stdout
