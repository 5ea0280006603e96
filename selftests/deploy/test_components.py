"""The components by themselves and all together, also those that no overlay of the project's has."""

import os

import pytest
import yaml

from selftests.support.cluster_api import api, kubectl, running_api
from selftests.support.manifests import DEPLOY, rendered_text

__all__ = ["api", "kubectl", "running_api"]

COMPONENTS = sorted(path.parent.name for path in (DEPLOY / "components").glob("*/kustomization.yaml"))
# These change or serve what another one brings; hook and nightly bring pods.
NEEDS = {"viewer": ["nightly"], "scrape": ["nightly", "viewer"], "rules": ["nightly"]}
TOGETHER = [name for name in COMPONENTS if name != "sharded"]


def overlay(folder, components):
    """An overlay as somebody else would write it: the base, and these components in this order."""
    parts = [os.path.relpath(DEPLOY / "components" / name, folder.resolve()) for name in components]
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(DEPLOY / "base", folder.resolve())],
        "components": parts,
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_adds_something_to_the_base(component, tmp_path):
    with_it, without = tmp_path / "with", tmp_path / "without"
    for folder, components in ((with_it, [component]), (without, [])):
        folder.mkdir()
        overlay(folder, [*NEEDS.get(component, []), *components])
    assert rendered_text(with_it) != rendered_text(without)


def test_all_of_them_are_accepted_together(tmp_path, api, kubectl):
    order = ["hook", "nightly", *(name for name in TOGETHER if name not in ("hook", "nightly"))]
    folder = str(overlay(tmp_path, order))
    for options in (["--dry-run=server"], [], []):
        applied = kubectl("apply", "--server-side", *options, "-k", folder)
        assert applied.returncode == 0, applied.stderr
    roles = [obj["metadata"]["name"] for obj in api.world.cluster.list("roles")]
    assert {"sso-conformance-minting", "sso-conformance-secrets"} <= set(roles)
