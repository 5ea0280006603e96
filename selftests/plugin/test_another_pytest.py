"""A pytest whose environment lacks the suite's packages says so in one sentence."""

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize(
    ("module", "said"), [("fixtures", "another one than the suite's"), ("lab.own_python", "lab: ")]
)
def test_an_old_python_is_named(module, said):
    old = f"import sys; sys.version_info = (3, 10, 13); import {module}"
    ran = subprocess.run([sys.executable, "-c", old], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 4
    (line,) = ran.stderr.splitlines()
    assert said in line
    assert f"{sys.executable} is older than 3.11" in line


@pytest.mark.parametrize("below", ["docs", ""])
def test_it_runs_from_any_folder(tmp_path, below):
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "--lab", "-k", "SMOKE-UP-04", "--reports", str(tmp_path)],
        cwd=ROOT / below if below else tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "HEALTHY lab: 1 passed" in ran.stdout
    assert (tmp_path / "latest" / "report.html").is_file()


def test_another_project_s_tests_are_left_alone(tmp_path):
    (tmp_path / "test_other.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0
    assert "1 passed" in ran.stdout
