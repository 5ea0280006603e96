"""The ServiceAccount's rights: the suite needs each of them, says which one is missing, and uses no other.

The suite runs as that account against a lab whose API server enforces the roles of a generated overlay. Which rights
each shape of the lab takes, test_shapes.py shows; what no shape has, test_granted.py.
"""

import copy
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import yaml

from lab.cluster.questions import Question
from lab.cluster.rbac import allowed, rules_for
from lab.world import World
from selftests.support.installing import Site
from selftests.support.lab_process import tool
from selftests.support.manifests import NAMESPACE, OVERLAYS, ROOT, made, objects_of, rendered
from selftests.support.rights import (
    ACCOUNT,
    AS_OBJECTS_NAME_THEM,
    OF_OTHERS,
    Object,
    Right,
    of_the_cluster,
    rights,
    used_by,
)
from selftests.support.suite_runs import SuiteRun, run_suite

# A cluster without these kinds answers 404 to who may ask; kubectl only warns that it does not know them.
UNKNOWN = ("tcproutes", "tlsroutes")
FRANK = ROOT / "estates" / "frank.toml"
Estate = dict[str, Any]


def overlay(folder: Path, change: Any, *options: str) -> Path:
    """An overlay of frank's estate file after a change."""
    estate = tomllib.loads(FRANK.read_text(encoding="utf-8"))
    change(estate)
    folder.mkdir(exist_ok=True)
    (folder / "estate.toml").write_text(tomli_w.dumps(estate), encoding="utf-8")
    given = ("--estate", str(folder / "estate.toml"), "--image", "registry.example/sso-conformance:1")
    return made(folder / "overlay", *given, *options)


def with_gitops(estate: Estate) -> None:
    estate["gitops"] = ["argocd/authentik"]


@pytest.fixture(scope="module")
def made_overlay(tmp_path_factory) -> Path:
    return overlay(tmp_path_factory.mktemp("gitops"), with_gitops)


@pytest.fixture(scope="module")
def site(served_lab, made_overlay, tmp_path_factory):
    return Site(served_lab, tmp_path_factory.mktemp("site"), made_overlay)


@pytest.fixture
def installed(site, lab):
    """frank's estate with `gitops`, so that every rule of a run that only looks is there."""
    site.install()
    return site


INSTALLED = [
    *sorted(rights(rendered("frank"))),
    *(Right("list", resource, "", "") for resource in ("applications", "appprojects")),
]


@pytest.fixture(scope="module")
def baseline() -> dict[str, str]:
    """The outcome of each case with all rights; filled by the first run."""
    return {}


def without(site: Site, right: Right) -> Object:
    """Take one verb out of the role that gives it; returns the role as it was."""
    kind = "roles" if right.namespace else "clusterroles"
    before = site.cluster.get(kind, right.namespace, NAMESPACE)
    role = copy.deepcopy(before)
    (rule,) = (
        rule
        for rule in role["rules"]
        if any(
            (each.resource, each.verb) == (right.resource, right.verb) for each in rights([role | {"rules": [rule]}])
        )
    )
    rule["verbs"].remove(right.verb)
    site.put(role)
    return before


def answered(installed: Site, remedy: Object) -> str:
    """What kubectl says to the question of a way out, typed as it stands."""
    (line,) = (command["line"] for command in remedy["commands"] if not command["changes"])
    # It names the suite's own kubeconfig and context here, and who asks for himself need not say as whom.
    assert " auth can-i " in line
    assert "--as" not in line
    environment = {"HOME": str(installed.kubeconfig.parent), "PATH": os.defpath}
    finished = subprocess.run(
        [tool("kubectl"), *shlex.split(line)[1:]], env=environment, capture_output=True, text=True, timeout=30,
        check=False,
    )  # fmt: skip
    return finished.stdout.strip()


def changed(run: SuiteRun, before: dict[str, str]) -> list[Object]:
    """The cases whose outcome is another one now."""
    return [case for case in run.report["cases"] if case["outcome"] != before[case["name"]]]


def judged(installed: Site, baseline) -> dict[str, str]:
    if not baseline:
        run = run_suite(*installed.options, "-k", of_the_cluster())
        assert run.report["verdict"] in ("HEALTHY", "DEGRADED", "PARTIAL"), run.stdout
        assert not [case for case in run.report["cases"] if case["need"] == "cluster"]
        baseline.update(run.outcomes)
    return baseline


def test_the_whole_suite_uses_all_of_its_rights_and_no_other(installed):
    installed.cluster.audit.clear()
    run = run_suite(*installed.options)
    assert run.exit_code == 0, run.stdout[-3000:]
    assert len(run.named("passed")) > 250
    asked = [entry for entry in installed.cluster.audit if entry.user == ACCOUNT and entry.resource]
    assert not [entry for entry in asked if entry.status in (401, 403)]
    granted = rights(installed.objects)
    assert sorted(granted) == sorted(INSTALLED)
    assert {right for entry in asked for right in used_by(entry, granted)} == granted - AS_OBJECTS_NAME_THEM
    assert all(entry.metadata_only for entry in asked if entry.resource == "secrets")


@pytest.mark.parametrize(
    "right", [right for right in INSTALLED if right not in AS_OBJECTS_NAME_THEM | OF_OTHERS], ids=str
)
def test_each_right_is_needed_and_its_absence_named(right, installed, baseline):
    before = judged(installed, baseline)
    role = without(installed, right)
    run = run_suite(*installed.options, "-k", of_the_cluster())
    assert run.report["verdict"] == "UNHEALTHY"
    assert "cluster" in run.report["reason"]
    assert run.exit_code == 1
    lost = changed(run, before)
    assert lost
    for case in lost:
        assert (case["outcome"], case["need"]) == ("not verified", "cluster"), case["name"]
        assert f"no right to {right.verb} on {right.plural} of " in case["cause"]
        assert f"for {ACCOUNT}" in case["cause"]
        assert f"resources: [{right.plural}]" in case["fix"]
        assert f"verbs: [{right.verb}]" in case["fix"]
        assert "python -m deploy.overlay" in case["fix"]
    remedy = lost[0]["remedy"]
    assert answered(installed, remedy) == "no"
    installed.put(role)
    if right.resource not in UNKNOWN:
        assert answered(installed, remedy) == "yes"
    expected = checks_in_comment(installed, right)
    assert expected, f"no comment says what it is for: {right}"
    assert all(any(case["id"].startswith(check) for case in lost) for check in expected), expected


def checks_in_comment(installed: Site, right: Right) -> list[str]:
    """The checks, or their areas, that the comment above a rule names in the file that is applied."""
    written = (installed.overlay / "hook" / "rights.yaml").read_text(encoding="utf-8").split("\n---\n")
    roles = [text for text in written if "\nrules:\n" in text]
    (text,) = (text for text in roles if yaml.safe_load(text)["metadata"].get("namespace", "") == right.namespace)
    group = right.resource.removeprefix(right.plural).removeprefix(".")
    of_group = f"  - apiGroups: [{group}]\n" if group else ""
    before, found, _ = text.partition(f"{of_group}    resources: [{right.plural}]\n")
    assert found
    return re.findall(r"\b(?:SMOKE|OIDC|FWD)-[A-Z]+(?:-\d+)?", before[before.rindex("  # ") :])


@pytest.mark.parametrize("verb", ["create", "get"])
def test_minting_is_granted_to_who_says_so(verb, site, lab, tmp_path):
    """The one estate whose pods may exec."""

    def minting(estate: Estate) -> None:
        estate["authentik"]["token"] = {"mint": True}

    minted = Site(lab, tmp_path / "site", overlay(tmp_path, minting))
    minted.install()
    asked = (*minted.options, "-k", "SMOKE-API-01")
    assert run_suite(*asked).named("passed") == {"SMOKE-API-01"}

    (right,) = (each for each in rights(minted.objects) if (each.resource, each.verb) == ("pods/exec", verb))
    assert (right.namespace, right.name) == ("authentik", "")
    without(minted, right)
    run = run_suite(*asked)
    (case,) = run.report["cases"]
    assert run.exit_code == 1
    assert (case["outcome"], case["need"]) == ("not verified", "cluster")
    assert "no right to get and create on pods/exec of v1 in namespace authentik" in case["cause"]
    assert "token = { mint = true }" in case["fix"]


def test_forcing_a_sync_is_granted_to_who_allows_writes(installed, lab, tmp_path):
    run = run_suite(*installed.options, "--allow-writes", "-k", "SMOKE-WRITE-02")
    (case,) = run.report["cases"]
    assert (case["outcome"], case["need"]) == ("not verified", "cluster")
    assert "no right to patch on externalsecrets of external-secrets.io/v1 named " in case["cause"]
    assert "--allow-writes" in case["fix"]
    assert "left behind" not in run.stdout

    writing = Site(lab, tmp_path / "site", overlay(tmp_path, with_gitops, "--allow-writes"))
    writing.install()
    run = run_suite(*writing.options, "--allow-writes", "-k", "SMOKE-WRITE-02 or SMOKE-WRITE-03")
    assert run.named("passed") == {"SMOKE-WRITE-02", "SMOKE-WRITE-03"}, run.stdout
    assert run.report["ledger"]["left_behind"] == []
    more = rights(writing.objects) - rights(installed.objects)
    assert {str(right) for right in more} == {
        "create pods/exec in authentik",
        "get pods/exec in authentik",
        "patch externalsecrets in argocd named argocd-oidc",
        "patch externalsecrets in grafana named grafana-oidc",
    }


def test_no_other_secret_and_nothing_that_changes(installed):
    """What a stolen token of this account could do: look, and read the Secrets that it was given by name."""
    cluster = installed.cluster
    account = next(identity for identity in cluster.identities.values() if identity.name == ACCOUNT)

    def may(verb: str, plural: str, namespace: str, name: str = "", subresource: str = "", group: str = "") -> bool:
        return allowed(cluster, account, Question(verb, "/", group, "v1", plural, namespace, name, subresource))

    secrets = [(obj["metadata"]["namespace"], obj["metadata"]["name"]) for obj in cluster.list("secrets")]
    readable = {place for place in secrets if may("get", "secrets", *place)}
    assert readable == {("argocd", "argocd-oidc"), ("grafana", "grafana-oidc")}
    assert len(secrets) > len(readable)
    assert not any(may("list", "secrets", namespace) for namespace, _ in secrets)
    assert not may("list", "secrets", "")
    assert not may("get", "pods", "authentik", "server-0", "exec")
    assert not may("create", "pods", "authentik", "server-0", "exec")
    assert may("get", "pods", "authentik", "server-0", "log")
    assert not may("get", "pods", "grafana", "grafana-0", "log")
    rules = list(rules_for(cluster, account, ""))
    for namespace in {namespace for namespace, _ in secrets}:
        rules += rules_for(cluster, account, namespace)
    ours = [rule for rule in rules if "resources" in rule and "reviews" not in rule["resources"][0]]
    assert {verb for rule in ours for verb in rule["verbs"]} == {"get", "list"}


def test_all_overlays_give_the_same_rights():
    assert {frozenset(rights(rendered(name))) for name in OVERLAYS} == {frozenset(rights(rendered("frank")))}


def seeded(world: World, name: str) -> set[Right]:
    kinds = ("clusterroles", "roles")
    return rights([obj for kind in kinds for obj in world.cluster.list(kind) if obj["metadata"]["name"] == name])


def test_the_lab_s_own_account_has_these_rights(lab, made_overlay):
    """`pytest --lab` is then a trial of the rights of an installation, too."""
    frank = objects_of(made_overlay)
    assert seeded(lab.world, NAMESPACE) == rights(frank)


def test_and_with_leave_to_write_those_for_that(tmp_path, made_overlay):
    frank, writing = made_overlay, overlay(tmp_path, with_gitops, "--allow-writes")
    more = rights(objects_of(writing)) - rights(objects_of(frank))
    assert seeded(World(allow_writes=True), f"{NAMESPACE}-writes") == more
