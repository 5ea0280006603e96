"""What the guides add is added as it stands there: they are followed step by step in a copy of the checkout."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("fixtures", "lab", "estates", "deploy", "docs", "selftests", "tests_smoke", "tests_oidc", "tests_forwardauth")
# What Python compiled is copied and need not be compiled again; what pytest did names its files for good, these ones.
NOT_COPIED = shutil.ignore_patterns("*-pytest-*.pyc", "*.pyc.*")
SECONDS = 300
# Of what looks at each file by itself, the new check's: the others are the same as here.
HOUSE = "(house and not test_remedies) or test_discovery"


def block_with(text, guide="CONTRIBUTING.md"):
    """The Python block of the guide that holds `text`."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / guide).read_text(), re.DOTALL)
    (found,) = [block for block in blocks if text in block]
    return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy with the guides' check, fault and shape in it; none where somebody has followed them here already."""
    if "OIDC-DISC-12" in (ROOT / "tests_oidc" / "test_discovery.py").read_text():
        pytest.skip("the guide's check is in this checkout already")
    place = tmp_path_factory.mktemp("checkout")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, place / folder, ignore=NOT_COPIED)
    for name in ("conftest.py", "pyproject.toml", "CONTRIBUTING.md", "README.md", "Makefile", "constraints.txt"):
        shutil.copy(ROOT / name, place / name)
    for module, block in (
        ("tests_oidc/test_discovery.py", block_with("@check(")),
        ("lab/faults/discovery.py", block_with("@fault(")),
        ("lab/variants/protocol.py", block_with("@variant(")),
        ("lab/shapes/cluster.py", block_with("@shape(", "docs/lab.md")),
    ):
        with (place / module).open("a") as file:
            file.write("\n\n" + block)
    return place


def test_the_question_that_the_guide_shows_is_asked_so():
    assert block_with("@observation(") in (ROOT / "fixtures" / "topics" / "discovery" / "questions.py").read_text()


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
    assert "1 root cause behind 1 failed case:" in done.stdout
    assert "1. OIDC-DISC-12[grafana] No end-session endpoint is offered" in done.stdout
    assert "names no end-session endpoint" in done.stdout


def test_all_that_looks_at_checks_takes_the_new_one(checkout):
    """It survives being kept: documents, promises, architecture, and the part of the matrix that is about it."""
    for module in ("fixtures.catalogue.generated", "selftests.matrix.proof"):
        made = subprocess.run(
            [sys.executable, "-m", module], cwd=checkout, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert made.returncode == 0, made.stdout + made.stderr
    done = run(
        checkout, "-c", "selftests/pytest.ini", "selftests/house", "selftests/matrix/test_faults.py",
        "selftests/matrix/test_variants.py", "--ignore", "selftests/house/test_contributing.py",
        "-k", f"{HOUSE} or end-session or every_check or each_is_a_variant or each_changes",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "end-session" in (checkout / "docs" / "PROOF.md").read_text()


def test_the_new_shape_is_healthy(checkout):
    done = run(checkout, "--lab", "--lab-shape", "without-argocd-applications", "-k", "SMOKE-GITOPS or FWD-GATE-01")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.rstrip().splitlines()[-1]
    assert said.startswith("HEALTHY lab: 4 passed")
    assert "1 not applicable" in said


def test_the_files_that_the_makefile_names_are_there():
    named = re.findall(r"\$\(addprefix (\S+?),((?:[^()\\]|\\\n)+)\)", (ROOT / "Makefile").read_text())
    paths = [folder + name for folder, names in named for name in names.replace("\\\n", " ").split()]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
