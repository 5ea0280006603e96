"""The image's variant with a browser, and the part of an installation that takes it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from selftests.support.image import LOCKED, locked, needed
from selftests.support.manifests import DEPLOY, ROOT, objects_in, overlay, rendered_text

VARIANT = DEPLOY / "Dockerfile.browser"


def locked_besides() -> dict[str, str]:
    lines = (DEPLOY / "requirements-browser.txt").read_text(encoding="utf-8").splitlines()
    return {found[1]: found[2] for line in lines if (found := LOCKED.match(line))}


def test_what_the_browser_needs_is_locked_and_no_part_of_the_plain_image():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = needed({Requirement(text).name for text in project["optional-dependencies"]["browser"]})
    assert set(locked_besides()) == wanted, "run: python deploy/lock.py"
    assert not {"playwright", "greenlet"} & set(locked())
    assert set(project["optional-dependencies"]["browser"]) <= set(project["optional-dependencies"]["dev"])


def test_versions_are_those_that_were_tried():
    tried = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert {f"{name}=={version}" for name, version in locked_besides().items()} <= set(tried)


def test_the_variant_fetches_no_browser_of_playwrights_and_runs_without_root():
    program = Path(sys.executable).parent / "hadolint"
    finished = subprocess.run([program, VARIANT], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stdout
    text = VARIANT.read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] == "65532:65532"
    assert "playwright install" not in text


@pytest.mark.parametrize("more", [(), ("BROWSER=1",)], ids=["plain", "browser"])
def test_make_builds_it_where_it_is_asked_for(more):
    line = ["make", "--dry-run", "image", "IMAGE=registry/you/suite:1", "ENGINE=docker", *more]
    finished = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    built = re.findall(r"--file (\S+) --tag (\S+)", finished.stdout.replace("\\\n", ""))
    variant = [("deploy/Dockerfile.browser", "registry/you/suite:1-browser")] if more else []
    assert built == [("deploy/Dockerfile", "registry/you/suite:1"), *variant]
    assert ("--build-arg SUITE=registry/you/suite:1 " in finished.stdout) == bool(more)


@pytest.mark.parametrize("parts", [(), ("sharded",)], ids=["nightly", "sharded"])
def test_the_night_looks_with_a_browser_where_that_is_chosen(parts, tmp_path):
    def suite(*chosen):
        folder = overlay(tmp_path / "-".join(("night", *chosen)), *chosen)
        objects = [each for each in objects_in(rendered_text(folder / "night")) if each["kind"] == "CronJob"]
        night = next(each for each in objects if each["metadata"]["name"].endswith(("-nightly", "-shares")))
        pod = night["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        return pod, pod["containers"][0]

    _, plain = suite(*parts)
    pod, with_it = suite(*parts, "browser")
    assert with_it["args"] == [*plain["args"], "--browser"]
    assert with_it["securityContext"] == plain["securityContext"]
    assert with_it["resources"]["limits"]["memory"] == "1536Mi"
    assert [volume["emptyDir"] for volume in pod["volumes"] if volume["name"] == "tmp"] == [{"sizeLimit": "512Mi"}]
