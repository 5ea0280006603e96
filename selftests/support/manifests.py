"""deploy/ as a cluster gets it: what kustomize renders, and the hook as ArgoCD names it."""

import functools
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from deploy.overlay import main
from selftests.support.lab_process import tool

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ESTATE = ROOT / "estates" / "frank.toml"
NAMESPACE = "sso-conformance"
HOOK = "sso-conformance-postsync"
# What frank's overlay is made with. The second one is made for the self-tests alone.
IMAGE = "ghcr.io/derio-net/sso-conformance:0.1.0"
OPTIONS = [
    *("--estate", str(ESTATE), "--image", IMAGE, "--store", "infisical"),
    *("--access", "sympozium", "--notify", "telegram"),
    *("--with", "viewer", "--with", "scrape", "--with", "rules", "--with", "network-policy"),
]
OVERLAYS = {"frank": OPTIONS, "frank-sharded": [*OPTIONS, "--with", "sharded"]}
# ArgoCD: what it generates for a name, gitops-engine's sync_context.go (3.2 to 3.6): revision, phase, start.
GENERATED = "4f2c1d0-postsync-1764230000"
SECONDS = 60
_MADE = tempfile.TemporaryDirectory(prefix="sso-overlays-")
# PyYAML's own in Python takes ten times as long.
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

Object = dict[str, Any]


@functools.cache
def folder_of(name: str) -> Path:
    """An overlay's folder: the project's own, or one that is made now."""
    own = DEPLOY / "overlays" / name
    return own if own.exists() else made(Path(_MADE.name) / name, *OVERLAYS[name])


def made(folder: Path, *options: str) -> Path:
    """The folder that `python -m deploy.overlay` makes."""
    assert main(["--to", str(folder), *options]) == 0
    return folder


def overlay(folder: Path, *parts: str, more: Iterable[str] = ()) -> Path:
    """An overlay of frank's estate with these parts of an installation, in `folder`."""
    chosen = [text for part in parts for text in ("--with", part)]
    return made(folder, "--estate", str(ESTATE), "--image", "registry.example/suite:1", *chosen, *more)


@functools.cache
def rendered_text(folder: Path) -> str:
    """What `kubectl kustomize FOLDER` prints."""
    command = [tool("kubectl"), "kustomize", str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert finished.returncode == 0, finished.stderr
    assert not finished.stderr, finished.stderr
    return finished.stdout


def rendered(overlay: str) -> list[Object]:
    """The objects that the cluster has of an overlay after a sync of both Applications."""
    return objects_of(folder_of(overlay))


def objects_in(text: str) -> list[Object]:
    """The objects that a YAML text of manifests holds."""
    return list(yaml.load_all(text, LOADER))


def objects_of(folder: Path) -> list[Object]:
    """What kustomize renders of a folder, and the hook's Job with the name that ArgoCD gives it."""
    (job,) = objects_in((folder / "hook" / "job.yaml").read_text(encoding="utf-8"))
    job["metadata"]["name"] = job["metadata"]["generateName"] + GENERATED
    return [*objects_in(rendered_text(folder)), job]


def one(overlay: str, kind: str, name: str) -> Object:
    """The object of that kind and name; a Job of a generated name goes by what that begins with."""
    found = [obj for obj in rendered(overlay) if obj["kind"] == kind and name_of(obj) == name]
    assert len(found) == 1, f"{overlay} has {len(found)} {kind} {name}"
    return found[0]


def name_of(obj: Object) -> str:
    """An object's name, without what was generated of it."""
    metadata = obj["metadata"]
    return str(metadata.get("generateName", "")).removesuffix("-") or str(metadata["name"])


def place_of(obj: Object) -> tuple[str, str, str]:
    """Where an API server has an object: its plural with the group, its namespace and its name."""
    group = obj["apiVersion"].rpartition("/")[0]
    plural = obj["kind"].lower().removesuffix("y") + ("ies" if obj["kind"].endswith("y") else "s")
    return f"{plural}.{group}".rstrip("."), obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def pod_templates(overlay: str) -> dict[str, Object]:
    """The pod template of each workload, by the workload's name."""
    return {name_of(obj): template for obj in rendered(overlay) if (template := pod_template(obj))}


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
