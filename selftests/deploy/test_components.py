"""The components by themselves and all together, in installations of nobody's that stand outside of this checkout."""

import subprocess

import pytest
import yaml

from deploy.installation import PARTS
from selftests.support.lab_process import tool
from selftests.support.manifests import (
    DEPLOY,
    HOOK,
    ROOT,
    objects_in,
    objects_of,
    overlay,
    place_of,
    rendered_text,
)

COMPONENTS = {path.parent.name for path in (DEPLOY / "components").glob("*/kustomization.yaml")}
ESTATE = ROOT / "estates" / "frank.toml"
# Their own is the whole of an overlay: nothing beside them names a namespace.
OTHER = "single-sign-on"


def test_each_component_is_there_to_be_chosen():
    assert set(PARTS) == COMPONENTS - {"hook", "nightly"}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_adds_something(part, tmp_path):
    needed = PARTS[part].needs
    with_it, without = overlay(tmp_path / "with", *needed, part), overlay(tmp_path / "without", *needed)
    assert rendered_text(with_it / "night") != rendered_text(without / "night")
    assert rendered_text(with_it) != rendered_text(without)
    kind = PARTS[part].kind
    brought = [obj for obj in objects_of(with_it) if kind and place_of(obj)[0] == kind]
    assert bool(brought) == bool(kind)


def test_all_of_them_are_accepted_together(tmp_path, api, kubectl):
    folder = overlay(tmp_path / "all", *(part for part in PARTS if part != "sharded"))
    for options in (["--dry-run=server"], [], []):
        applied = kubectl("apply", "--server-side", *options, "-k", str(folder))
        assert applied.returncode == 0, applied.stderr


def test_another_namespace_is_another_installation(tmp_path):
    """Beside one of the usual name: no object of the two is the same, and nothing of one names the other."""
    parts = [part for part in PARTS if part != "sharded"]
    usual = overlay(tmp_path / "usual", *parts)
    other = overlay(tmp_path / "other", *parts, more=("--namespace", OTHER))
    mine, others = objects_of(other), objects_of(usual)
    assert not {place_of(obj) for obj in mine} & {place_of(obj) for obj in others}
    assert len(mine) == len(others)
    argocd = [objects_in(rendered_text(folder / "argocd")) for folder in (usual, other)]
    names = [{obj["metadata"]["name"] for obj in objects if obj["kind"] == "Application"} for objects in argocd]
    assert names == [{"sso-conformance", "sso-conformance-night"}, {OTHER, f"{OTHER}-night"}]
    written = yaml.safe_dump_all([*mine, *argocd[1]])
    for form in ("namespace: sso-conformance\n", 'namespace="sso-conformance"', "-n sso-conformance "):
        assert form not in written
    for obj in mine:
        for subject in obj.get("subjects") or ():
            assert subject["namespace"] == OTHER
        if "Role" in obj["kind"] or obj["kind"] == "Namespace":
            assert obj["metadata"]["name"] == OTHER


def test_a_hook_of_kustomize_s_differs_in_nothing_but_its_name_and_who_deletes_it(tmp_path):
    plain = next(obj for obj in objects_of(overlay(tmp_path / "plain")) if obj["kind"] == "Job")
    folder = overlay(tmp_path / "kustomize", more=("--kustomize-hook",)) / "hook"
    (job,) = (obj for obj in objects_in(rendered_text(folder)) if obj["kind"] == "Job")
    assert job["metadata"]["name"] == HOOK
    policy = "argocd.argoproj.io/hook-delete-policy"
    policies = [each["metadata"]["annotations"].pop(policy) for each in (plain, job)]
    assert policies == ["HookSucceeded", "BeforeHookCreation"]
    assert plain["spec"].pop("ttlSecondsAfterFinished") >= 600
    assert plain["spec"] == job["spec"]
    for name in ("labels", "annotations", "namespace"):
        assert plain["metadata"][name] == job["metadata"][name]


def test_a_hook_of_a_fixed_name_can_be_told_the_revision(tmp_path):
    """As ArgoCD writes commonAnnotations into the source's kustomization."""
    folder = overlay(tmp_path / "kustomize", more=("--kustomize-hook",)) / "hook"
    with (folder / "kustomization.yaml").open("a", encoding="utf-8") as stream:
        stream.write("commonAnnotations: {sso-conformance/revision: 4f2c1d0}\n")
    objects = subprocess.run([tool("kubectl"), "kustomize", folder], capture_output=True, text=True, check=True).stdout
    (job,) = (obj for obj in objects_in(objects) if obj["kind"] == "Job")
    template = job["spec"]["template"]
    assert template["metadata"]["annotations"] == {"sso-conformance/revision": "4f2c1d0"}
    paths = [each.get("valueFrom", {}).get("fieldRef", {}) for each in template["spec"]["containers"][0]["env"]]
    assert {"fieldPath": "metadata.annotations['sso-conformance/revision']"} in paths
