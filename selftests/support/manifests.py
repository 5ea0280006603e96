"""deploy/ as kustomize renders it."""

import functools
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
OVERLAYS = sorted(path.parent.name for path in (DEPLOY / "overlays").glob("*/kustomization.yaml"))
NAMESPACE = "sso-conformance"
SECONDS = 60

Object = dict[str, Any]


def kubectl_program() -> str:
    """kubectl, which has kustomize in it; without one the test is skipped, but never in CI."""
    program = shutil.which("kubectl")
    if program is None:
        assert os.environ.get("CI") != "true", "kubectl has to be installed in CI"
        pytest.skip("kubectl is not installed")
    return program


@functools.cache
def rendered_text(folder: Path) -> str:
    """What `kubectl kustomize FOLDER` prints."""
    command = [kubectl_program(), "kustomize", str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert finished.returncode == 0, finished.stderr
    assert not finished.stderr, finished.stderr
    return finished.stdout


def rendered(overlay: str) -> list[Object]:
    """The objects of an overlay."""
    return list(yaml.safe_load_all(rendered_text(DEPLOY / "overlays" / overlay)))


def one(overlay: str, kind: str, name: str) -> Object:
    """The object of that kind and name; a ConfigMap's name is compared without its hash."""
    found = [obj for obj in rendered(overlay) if obj["kind"] == kind and _named(obj, name)]
    assert len(found) == 1, f"{overlay} has {len(found)} {kind} {name}"
    return found[0]


def _named(obj: Object, name: str) -> bool:
    own: str = obj["metadata"]["name"]
    return own == name or (obj["kind"] == "ConfigMap" and own.rpartition("-")[0] == name)


def pod_templates(overlay: str) -> dict[str, Object]:
    """The pod template of each workload, by the workload's name."""
    return {obj["metadata"]["name"]: template for obj in rendered(overlay) if (template := pod_template(obj))}


def pod_template(obj: Object) -> Object | None:
    """What an object's pods are made of; None where it makes none."""
    spec = obj.get("spec") or {}
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    template: Object | None = spec.get("template") if obj["apiVersion"] in ("batch/v1", "apps/v1") else None
    return template


def estate_of(overlay: str) -> Object:
    """The estate file that an overlay's pods judge."""
    text: str = one(overlay, "ConfigMap", "sso-conformance-estate")["data"]["estate.toml"]
    return tomllib.loads(text)
