"""The ServiceAccount's rights: the suite needs each of them, says which one is missing, and uses no other.

The suite runs as that account against a lab whose API server enforces the manifests' own roles.
"""

import copy
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from lab.cluster.questions import Question
from lab.cluster.rbac import allowed, rules_for
from lab.files import SUITE_CONTEXT
from lab.world import World
from selftests.support.frank import Frank
from selftests.support.manifests import DEPLOY, NAMESPACE, OVERLAYS, estate_of, kubectl_program, rendered
from selftests.support.suite_runs import SuiteRun, warm_run, warm_runs

Object = dict[str, Any]
ROLES = ("ClusterRole", "Role")
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{NAMESPACE}"
MINTING = "components/minting/rbac.yaml"
GITOPS = "components/gitops/rbac.yaml"
FORCING = {"argocd": "components/forcing/argocd.yaml", "grafana": "components/forcing/grafana.yaml"}
# A cluster without these kinds answers 404 to who may ask; kubectl only warns that it does not know them.
UNKNOWN = ("tcproutes", "tlsroutes")
GITOPS_KEY = 'gitops = ["argocd/authentik"]'


@dataclass(frozen=True)
class Right:
    """One verb of one rule of one role."""

    role: str
    namespace: str
    resource: str
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f" in {self.namespace}" if self.namespace else "")


def objects(component: str) -> list[Object]:
    """A component's manifests; kustomize adds nothing to these but a label."""
    return list(yaml.safe_load_all((DEPLOY / component).read_text(encoding="utf-8")))


def rights(manifests: list[Object]) -> list[Right]:
    return [
        Right(obj["metadata"]["name"], obj["metadata"].get("namespace", ""), resource, verb)
        for obj in manifests
        if obj["kind"] in ROLES
        for rule in obj["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    ]


INSTALLED = rights([*rendered("frank"), *objects(GITOPS)])


@pytest.fixture(scope="module")
def runs() -> Iterator[Any]:
    """Runs the suite in a fresh process whose imports are done."""
    with warm_runs(1) as pool:
        yield lambda *arguments: pool.submit(warm_run, *arguments).result()


@pytest.fixture(scope="module")
def frank(served_lab, tmp_path_factory):
    return Frank(served_lab, tmp_path_factory.mktemp("frank"))


@pytest.fixture
def installed(frank, lab):
    """frank's overlay with a component that its estate file does not need, and an estate file that does."""
    frank.install(*objects(GITOPS))
    frank.describe(lambda text: text.replace("\n[authentik]\n", f"\n{GITOPS_KEY}\n\n[authentik]\n", 1))
    return frank


@pytest.fixture(scope="module")
def baseline() -> dict[str, str]:
    """The outcome of each case with all rights; filled by the first run."""
    return {}


def of_the_cluster() -> str:
    """All checks that ask the Kubernetes API, as -k takes them."""
    load_catalogue()
    return " or ".join(entry.id for entry in catalogue.values() if "cluster" in entry.needs)


def without(frank: Frank, right: Right) -> Object:
    """Take one verb out of the role that gives it; returns the role as it was."""
    kind = "roles" if right.namespace else "clusterroles"
    before = frank.cluster.get(kind, right.namespace, right.role)
    role = copy.deepcopy(before)
    (rule,) = (rule for rule in role["rules"] if right.resource in rule["resources"])
    rule["verbs"].remove(right.verb)
    frank.put(role)
    return before


def answered(installed: Frank, fix: str) -> str:
    """What kubectl says to the question at the end of a way out, as the suite itself: the lab knows no --as."""
    line = fix.rpartition("; then: ")[2]
    assert line.startswith("kubectl auth can-i ")
    command = shlex.split(line.replace(f"--as {ACCOUNT}", f"--context {SUITE_CONTEXT}"))
    environment = {
        "KUBECONFIG": str(installed.kubeconfig),
        "HOME": str(installed.kubeconfig.parent),
        "PATH": os.defpath,
    }
    finished = subprocess.run(
        [kubectl_program(), *command[1:]], env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    return finished.stdout.strip()


def changed(run: SuiteRun, before: dict[str, str]) -> list[Object]:
    """The cases whose outcome is another one now."""
    return [case for case in run.report["cases"] if case["outcome"] != before[case["name"]]]


def judged(installed: Frank, runs, baseline) -> dict[str, str]:
    if not baseline:
        run = runs(*installed.options, "-k", of_the_cluster())
        assert run.report["verdict"] in ("HEALTHY", "DEGRADED", "PARTIAL"), run.stdout
        assert not [case for case in run.report["cases"] if case["need"] == "cluster"]
        baseline.update(run.outcomes)
    return baseline


def test_the_whole_suite_uses_all_of_its_rights_and_no_other(installed, runs):
    installed.cluster.audit.clear()
    run = runs(*installed.options)
    assert run.exit_code == 0, run.stdout[-3000:]
    assert len(run.named("passed")) > 250
    asked = [entry for entry in installed.cluster.audit if entry.user == ACCOUNT and entry.resource]
    refused = [entry for entry in asked if entry.status in (401, 403)]
    assert not refused
    used = {(f"{e.resource}/{e.subresource}".rstrip("/"), e.verb) for e in asked}
    assert used == {(right.resource, right.verb) for right in INSTALLED}
    assert all(entry.metadata_only for entry in asked if entry.resource == "secrets")


@pytest.mark.parametrize("right", INSTALLED, ids=str)
def test_each_right_is_needed_and_its_absence_named(right, installed, runs, baseline):
    before = judged(installed, runs, baseline)
    role = without(installed, right)
    run = runs(*installed.options, "-k", of_the_cluster())
    assert run.report["verdict"] == "UNHEALTHY"
    assert "cluster" in run.report["reason"]
    assert run.exit_code == 1
    lost = changed(run, before)
    assert lost
    for case in lost:
        assert (case["outcome"], case["need"]) == ("not verified", "cluster"), case["name"]
        assert f"no right to {right.verb} on {right.resource} of " in case["cause"]
        assert f"for {ACCOUNT}" in case["cause"]
        assert f"resources: [{right.resource}]" in case["fix"]
        assert f"verbs: [{right.verb}]" in case["fix"]
    fix = lost[0]["fix"]
    assert answered(installed, fix) == "no"
    installed.put(role)
    if right.resource not in UNKNOWN:
        assert answered(installed, fix) == "yes"
    expected = checks_in_comment(right)
    assert expected, f"no comment says what it is for: {right}"
    assert all(any(case["id"].startswith(check) for case in lost) for check in expected), expected


def checks_in_comment(right: Right) -> list[str]:
    """The checks that the comment above a rule names, or their areas."""
    (text,) = (text for text in roles_as_written() if _is_role(yaml.safe_load(text), right))
    before, _, _ = text.partition(f"    resources: [{right.resource}]\n")
    comment = before[before.rindex("  # ") :]
    return re.findall(r"\b(?:SMOKE|OIDC|FWD)-[A-Z]+(?:-\d+)?", comment)


def roles_as_written() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*.yaml")]
    return [part for text in texts for part in text.split("\n---\n") if "\nrules:\n  #" in part]


def _is_role(loaded: Object, right: Right) -> bool:
    metadata = loaded["metadata"]
    return (metadata["name"], metadata.get("namespace", "")) == (right.role, right.namespace)


@pytest.mark.parametrize("verb", ["create", "get"])
def test_minting_needs_its_component(verb, installed, runs):
    """The one installation that may exec: its estate file says so, and it has the component."""
    manifests = objects(MINTING)
    installed.install(*manifests)
    given = re.compile(r"^token = .*$", re.MULTILINE)
    installed.describe(lambda text: given.sub("token = { mint = true }", text, count=1))
    minting = (*installed.options, "-k", "SMOKE-API-01")
    assert runs(*minting).named("passed") == {"SMOKE-API-01"}

    (right,) = (right for right in rights(manifests) if right.verb == verb)
    without(installed, right)
    run = runs(*minting)
    (case,) = run.report["cases"]
    assert run.exit_code == 1
    assert (case["outcome"], case["need"]) == ("not verified", "cluster")
    assert "no right to get and create on pods/exec of v1 in namespace authentik" in case["cause"]
    assert "deploy/components/minting" in case["fix"]


def test_forcing_a_sync_needs_its_component(installed, runs):
    forcing = (*installed.options, "--allow-writes", "-k", "SMOKE-WRITE-02")
    run = runs(*forcing)
    (case,) = run.report["cases"]
    assert (case["outcome"], case["need"]) == ("not verified", "cluster")
    assert "no right to patch on externalsecrets of external-secrets.io/v1 named " in case["cause"]
    assert "add to deploy/components/forcing, in a Role in namespace " in case["fix"]
    assert "left behind" not in run.stdout

    installed.install(*(obj for path in FORCING.values() for obj in objects(path)))
    run = runs(*forcing)
    assert run.named("passed") == {"SMOKE-WRITE-02"}, run.stdout
    assert run.report["ledger"]["left_behind"] == []


def test_only_external_secrets_of_the_estate_may_be_forced(frank):
    named = {
        f"{namespace}/{name}"
        for namespace, path in FORCING.items()
        for obj in objects(path)
        for rule in obj.get("rules") or ()
        for name in rule["resourceNames"]
    }
    secrets = [app["secret"] for app in estate_of("frank")["oidc"] if "secret" in app]
    assert named == {secret["name"] for secret in secrets if secret.get("external_secret")}


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
    rules = list(rules_for(cluster, account, ""))
    for namespace in {namespace for namespace, _ in secrets}:
        rules += rules_for(cluster, account, namespace)
    ours = [rule for rule in rules if "resources" in rule and "reviews" not in rule["resources"][0]]
    assert {verb for rule in ours for verb in rule["verbs"]} == {"get", "list"}


def test_all_overlays_give_the_same_rights():
    assert {frozenset(rights(rendered(overlay))) for overlay in OVERLAYS} == {frozenset(rights(rendered("frank")))}


def seeded(world: World, name: str) -> set[tuple[str, str, str]]:
    kinds = ("clusterroles", "roles")
    return places([obj for kind in kinds for obj in world.cluster.list(kind) if obj["metadata"]["name"] == name])


def places(manifests: list[Object]) -> set[tuple[str, str, str]]:
    return {(right.namespace, right.resource, right.verb) for right in rights(manifests)}


def test_the_lab_s_own_account_has_these_rights(lab):
    """`pytest --lab` is then a trial of the manifests' rights, too."""
    assert seeded(lab.world, NAMESPACE) == places([*rendered("frank"), *objects(GITOPS)])


def test_and_with_leave_to_write_those_of_the_components_for_that():
    components = [obj for path in (MINTING, *FORCING.values()) for obj in objects(path)]
    assert seeded(World(allow_writes=True), f"{NAMESPACE}-writes") == places(components)
