"""docs/in-cluster.md: what it says to type is typed against the lab, after a hook that failed there."""

import os
import re
import sys
from pathlib import Path

import pytest
import yaml

from fixtures.plugin.known_failures import VARIABLE
from selftests.support.installing import Site
from selftests.support.lab_process import in_shell, tool
from selftests.support.manifests import DEPLOY, NAMESPACE, ROOT, one, rendered_text
from selftests.support.suite_runs import run_suite

PAGE = ROOT / "docs" / "in-cluster.md"
HOOK, FAULT = "sso-conformance-postsync", "middleware-missing-on-route"
# What the lab is no cluster for, and who tries it instead.
ELSEWHERE = {
    "kubectl -n sso-conformance create job now --from=cronjob/sso-conformance-nightly": "kubectl sends it as protobuf",
    "kubectl -n sso-conformance logs -f job/now": "the lab follows no logs",
    "kubectl -n sso-conformance delete job now": "there is none",
    "kubectl -n sso-conformance port-forward svc/sso-conformance-reports 8080:80": "it does not end by itself",
    "pytest --shard 2/4": "selftests/reports/test_sharding.py",
    "python -m fixtures.sharding reports --parts 4": "selftests/reports/test_merging.py",
}


def lines() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def state(served_lab, tmp_path_factory) -> Path:
    """The lab's files; frank is installed, its hook has failed, and its pod is still there."""
    tool("kubectl")
    frank = Site(served_lab, tmp_path_factory.mktemp("frank"))
    frank.install()
    message = tmp_path_factory.mktemp("pod") / "message"
    served_lab.apply(FAULT)
    run = run_suite(*frank.options, "-k", "FWD-ROUTE-01 and sympozium", f"--termination-message={message}")
    assert run.exit_code == 1
    served_lab._between_requests(lambda: _finish_hook(frank, run.stdout, message.read_text()))
    yield frank.kubeconfig.parent
    served_lab.heal()


def _finish_hook(frank: Site, log: str, message: str) -> None:
    """What the Job's controller and the kubelet leave."""
    labels = {"batch.kubernetes.io/job-name": HOOK}
    job = frank.cluster.get("jobs.batch", NAMESPACE, HOOK)
    frank.cluster.put(job | {"spec": job["spec"] | {"selector": {"matchLabels": labels}}})
    template = one("frank", "Job", HOOK)["spec"]["template"]
    terminated = {"exitCode": 1, "reason": "Error", "message": message}
    status = {"name": "suite", "ready": False, "restartCount": 0, "state": {"terminated": terminated}}
    metadata = {"name": f"{HOOK}-x7k2p", "namespace": NAMESPACE, "labels": template["metadata"]["labels"] | labels}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    frank.cluster.put(pod | {"status": {"phase": "Failed", "containerStatuses": [status]}})
    for line in log.splitlines():
        frank.cluster.log(NAMESPACE, metadata["name"], line)


def test_there_is_something_to_type():
    assert len(lines()) > 20
    assert set(ELSEWHERE) <= set(lines())


@pytest.mark.parametrize("line", [line for line in dict.fromkeys(lines()) if line not in ELSEWHERE])
def test_a_line_of_the_page_works_as_it_stands(line, state):
    here = f"cd {ROOT} && export PATH={Path(sys.executable).parent}:$PATH PYTEST_ADDOPTS='-p no:cacheprovider'"
    ended = in_shell(state, f"{here}\n{line}")
    assert ended.returncode == 0 or (line.startswith("pytest -k") and ended.returncode == 1), ended.stderr
    assert ended.stdout.strip() or "No resources found" in ended.stderr


@pytest.mark.parametrize("line", ["kubectl -n sso-conformance logs job/sso-conformance-postsync", "describe pods"])
def test_the_failed_hook_says_what_to_type_next(line, state):
    (typed,) = [one for one in lines() if one.endswith(line)]
    shown = in_shell(state, typed).stdout
    assert "FWD-ROUTE-01" in shown
    assert "UNHEALTHY frank: " in shown
    assert "kubectl -n sympozium-system edit ingressroute sympozium" in shown


def test_the_overlay_with_known_failures_renders(tmp_path):
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    frank = os.path.relpath(DEPLOY / "overlays" / "frank", tmp_path.resolve())
    (tmp_path / "kustomization.yaml").write_text(text.replace("../frank", frank), encoding="utf-8")
    (tmp_path / "known.toml").write_text("[[known]]\n", encoding="utf-8")
    objects = list(yaml.safe_load_all(rendered_text(tmp_path)))
    (estate,) = [obj for obj in objects if obj["kind"] == "ConfigMap"]
    assert set(estate["data"]) == {"estate.toml", "known.toml"}
    (nightly,) = [obj for obj in objects if obj["kind"] == "CronJob"]
    spec = nightly["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (variable,) = spec["containers"][0]["env"]
    assert variable["name"] == VARIABLE
    folders = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    names = {volume["name"]: volume["configMap"]["name"] for volume in spec["volumes"] if "configMap" in volume}
    assert names == {"estate": estate["metadata"]["name"]}
    assert variable["value"] == f"{folders['estate']}/known.toml"


def test_each_component_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    names = [path.name for path in (DEPLOY / "components").iterdir()]
    assert names
    assert not [name for name in names if f"components/{name}`" not in text and f"`{name}`" not in text]


def test_each_alarm_is_on_the_page():
    rules = one("frank", "PrometheusRule", NAMESPACE)["spec"]["groups"][0]["rules"]
    assert not [rule["alert"] for rule in rules if rule["alert"] not in PAGE.read_text(encoding="utf-8")]
