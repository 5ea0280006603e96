"""The image: its Dockerfile, what is locked for it, and what is let into it."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from selftests.support.image import DOCKERFILE, allowed_in, instruction, locked, needed
from selftests.support.manifests import DEPLOY, ROOT


def test_hadolint_finds_nothing():
    program = Path(sys.executable).parent / "hadolint"
    finished = subprocess.run([program, DOCKERFILE], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stdout


def test_everything_needed_is_locked_and_nothing_else():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = needed({Requirement(text).name for text in project["dependencies"]})
    assert set(locked()) == wanted, "run: python deploy/lock.py"


def test_the_image_has_the_versions_that_were_tried():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pairs = (line.split("==") for line in text.splitlines() if "==" in line)
    tried = {canonicalize_name(name): version for name, version in pairs}
    assert locked() == {name: tried[name] for name in locked()}, "run: python deploy/lock.py"


def test_each_package_has_a_hash():
    """pip then refuses whatever else a registry hands out."""
    text = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9-]+==)", text)[1:]
    assert len(blocks) == len(locked())
    assert all("--hash=sha256:" in block for block in blocks)
    assert '"--require-hashes", "--only-binary=:all:"' in DOCKERFILE.read_text(encoding="utf-8")


def test_it_needs_no_shell_and_no_root():
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", "")
    forms = [
        line.split(maxsplit=1)[1] for line in text.splitlines() if line.startswith(("RUN ", "ENTRYPOINT ", "CMD "))
    ]
    assert forms
    assert all(isinstance(json.loads(form), list) for form in forms)
    uid, _, gid = instruction("USER").partition(":")
    assert int(uid) > 0
    assert int(gid) > 0


@pytest.mark.parametrize("engine", ["buildah", "podman", "docker"])
def test_make_image_builds_with_the_engine_that_is_there(engine, tmp_path):
    """One that notes what it was told; a real buildah 1.28 built it so, from another base."""
    program = tmp_path / engine
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/told\n', encoding="utf-8")
    program.chmod(0o755)
    made = make("IMAGE=registry.example/suite:1", f"ENGINE={program}")
    assert made.returncode == 0, made.stderr
    told = (tmp_path / "told").read_text(encoding="utf-8").splitlines()
    assert told[0] == "build"
    # Docker's BuildKit finds that file by its name, and knows no such option.
    assert ("--ignorefile" in told) == (engine != "docker")
    assert "IMAGE=registry.example/suite:1" in told
    assert any(re.fullmatch(r"COMMIT=[0-9a-f]{12}(-dirty)?", argument) for argument in told)
    assert told[-3:] == ["--tag", "registry.example/suite:1", "."]
    assert f"{engine} push registry.example/suite:1" in made.stdout


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("IMAGE=registry.example/suite:1", "ENGINE="), "no buildah, docker or podman"),
        (("ENGINE=true",), "name the image"),
    ],
)
def test_make_image_says_what_is_missing(options, says):
    made = make(*options)
    assert made.returncode != 0
    assert says in made.stdout


def make(*options: str) -> "subprocess.CompletedProcess[str]":
    command = ["make", "-C", str(ROOT), "image", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_let_in_is_code_and_nothing_private():
    files = {str(path) for path in allowed_in()}
    assert {"conftest.py", "pyproject.toml", "fixtures/sharding/__main__.py", "lab/plugin.py"} <= files
    assert {path.split("/")[0] for path in files if path.startswith("tests_")} == {
        "tests_smoke",
        "tests_oidc",
        "tests_forwardauth",
    }
    strangers = ("selftests/", "reports/", "estates/", "docs/", ".git", ".venv", ".ci")
    assert not [path for path in files if path.startswith(strangers)]
    assert [path for path in files if path.startswith("deploy/")] == ["deploy/requirements.txt"]
