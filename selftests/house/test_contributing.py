"""What the guides add is added as it stands there: they are followed step by step in a copy of the checkout."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("fixtures", "lab", "estates", "tests_smoke", "tests_oidc", "tests_forwardauth")
SECONDS = 120


def block_with(text, guide="CONTRIBUTING.md"):
    """The Python block of the guide that holds `text`."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / guide).read_text(), re.DOTALL)
    (found,) = [block for block in blocks if text in block]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy with the guides' check, fault and shape in it."""
    place = tmp_path_factory.mktemp("checkout")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, place / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, place / name)
    for module, block in (
        ("tests_oidc/test_discovery.py", block_with("@check(")),
        ("lab/faults/discovery.py", block_with("@fault(")),
        ("lab/shapes/cluster.py", block_with("@shape(", "docs/lab.md")),
    ):
        with (place / module).open("a") as file:
            file.write("\n\n" + block)
    return place


def run(checkout, *arguments):
    # Not the installed suite: its plugin comes from this checkout.
    command = [sys.executable, "-m", "pytest", "-p", "no:sso-conformance", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_the_new_check_is_green(checkout):
    done = run(checkout, "--lab", "-k", "OIDC-DISC-12")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().splitlines()[-1].startswith("HEALTHY lab: 3 passed")


def test_the_new_fault_turns_it_red_alone(checkout):
    done = run(checkout, "--lab", "--lab-fault", "end-session-missing")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 root cause:" in done.stdout
    assert "1. OIDC-DISC-12[grafana]" in done.stdout
    assert "names no end-session endpoint" in done.stdout


def test_the_new_shape_is_healthy(checkout):
    done = run(checkout, "--lab", "--lab-shape", "without-argocd-applications", "-k", "SMOKE-GITOPS or FWD-GATE-01")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.rstrip().splitlines()[-1]
    assert said.startswith("HEALTHY lab: 4 passed")
    assert "1 not applicable" in said
