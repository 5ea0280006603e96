"""docs/in-cluster.md: what it says to type is typed against the lab, after a hook that failed there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from deploy.installation import PARTS
from deploy.overlay import parser
from fixtures.plugin.known_failures import VARIABLE
from selftests.support.image import allowed_in
from selftests.support.installing import Site
from selftests.support.lab_process import in_shell, tool
from selftests.support.manifests import (
    HOOK,
    NAMESPACE,
    OVERLAYS,
    ROOT,
    made,
    objects_in,
    objects_of,
    one,
    pod_template,
    rendered_text,
)
from selftests.support.suite_runs import run_suite

PAGE = ROOT / "docs" / "in-cluster.md"
FAULT = "middleware-missing-on-route"
PIP = (
    "python -m pip install --require-hashes --only-binary=:all: --target /tmp/suite/packages -r deploy/requirements.txt"
)
ARCHIVE = (
    "git archive HEAD conftest.py pyproject.toml fixtures lab tests_smoke tests_oidc tests_forwardauth"
    " | tar -x -C /tmp/suite"
)
# What the lab is no cluster for, and who tries it instead.
ELSEWHERE = {
    "kubectl -n sso-conformance create job now --from=cronjob/sso-conformance-nightly": "kubectl sends it as protobuf",
    "kubectl -n sso-conformance logs -f job/now": "the lab follows no logs",
    "kubectl -n sso-conformance delete job now": "there is none",
    "kubectl -n sso-conformance port-forward svc/sso-conformance-reports 8080:80": "it does not end by itself",
    "mkdir -p /tmp/suite": "below",
    PIP: "needs a registry; selftests/deploy/test_image.py says what is locked",
    ARCHIVE: "below",
    "pytest --shard 2/4": "selftests/reports/test_sharding.py",
    "python -m fixtures.sharding reports --parts 4": "selftests/reports/test_merging.py",
}


# What other lines of the page need.
BEFORE = ("kubectl apply --server-side -k deploy/overlays/frank/authentik",)


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
    # Each line may be the first that a worker types.
    for line in BEFORE:
        ended = in_shell(frank.kubeconfig.parent, f"cd {ROOT} && {line}")
        assert ended.returncode == 0, ended.stderr
    yield frank.kubeconfig.parent
    served_lab.heal()


def _finish_hook(frank: Site, log: str, message: str) -> None:
    """What the Job's controller and the kubelet leave."""
    made_of = one("frank", "Job", HOOK)
    name, template = made_of["metadata"]["name"], made_of["spec"]["template"]
    labels = {"batch.kubernetes.io/job-name": name}
    job = frank.cluster.get("jobs.batch", NAMESPACE, name)
    frank.cluster.put(job | {"spec": job["spec"] | {"selector": {"matchLabels": labels}}})
    terminated = {"exitCode": 1, "reason": "Error", "message": message}
    status = {"name": "suite", "ready": False, "restartCount": 0, "state": {"terminated": terminated}}
    metadata = {"name": f"{name}-x7k2p", "namespace": NAMESPACE, "labels": template["metadata"]["labels"] | labels}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    frank.cluster.put(pod | {"status": {"phase": "Failed", "containerStatuses": [status]}})
    for line in log.splitlines():
        frank.cluster.log(NAMESPACE, metadata["name"], line)


def test_there_is_something_to_type():
    assert len(lines()) > 20
    assert set(ELSEWHERE) <= set(lines())


@pytest.mark.parametrize("line", [line for line in dict.fromkeys(lines()) if line not in ELSEWHERE])
def test_a_line_of_the_page_works_as_it_stands(line, state):
    line = line.replace("estates/mine.toml", "estates/frank.toml").replace("my-overlay", str(state / "my-overlay"))
    options = f"-p no:cacheprovider --reports {state / 'reports'}"
    here = f"cd {ROOT} && export PATH={Path(sys.executable).parent}:$PATH PYTEST_ADDOPTS='{options}'"
    ended = in_shell(state, f"{here}\n{line}")
    assert ended.returncode == 0 or (line.startswith("pytest -k") and ended.returncode == 1), ended.stderr
    assert ended.stdout.strip() or "No resources found" in ended.stderr


@pytest.mark.parametrize(
    "line", ["logs -l sso-conformance/run=postsync --tail=-1", "describe pods -l sso-conformance/run=postsync"]
)
def test_the_failed_hook_says_what_to_type_next(line, state):
    (typed,) = [one for one in lines() if one.endswith(line)]
    shown = in_shell(state, typed).stdout
    assert "FWD-ROUTE-01" in shown
    assert "UNHEALTHY frank: " in shown
    assert "-n sympozium-system edit ingressroute sympozium" in shown


def yaml_blocks():
    return re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_flux_is_given_all_but_what_it_cannot_apply(tmp_path):
    """A Job has no name of its own (`generateName`), and Applications are ArgoCD's."""
    flux, _ = map(yaml.safe_load, yaml_blocks())
    made(tmp_path / flux["spec"]["path"], *OVERLAYS["frank"])
    kinds = [obj["kind"] for obj in objects_in(rendered_text(tmp_path / flux["spec"]["path"]))]
    assert "CronJob" in kinds
    assert not {"Job", "Application"} & {*kinds}


def test_an_overlay_upon_the_night_renders(tmp_path):
    _, text = yaml_blocks()
    made(tmp_path / "my-overlay", *OVERLAYS["frank"])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kustomization.yaml").write_text(text, encoding="utf-8")
    objects = {obj["kind"]: obj for obj in objects_in(rendered_text(tmp_path / "mine"))}
    assert objects["CronJob"]["spec"]["schedule"] == "40 1 * * *"
    assert objects["PersistentVolumeClaim"]["spec"]["storageClassName"] == "fast"


def test_known_failures_stand_beside_the_estate_for_the_hook_and_the_night(tmp_path):
    known = tmp_path / "known.toml"
    text = '[[known]]\nid = "FWD-OUT-01"\nreason = "…"\nowner = "me"\nuntil = 2099-01-01\n'
    known.write_text(text, encoding="utf-8")
    folder = made(tmp_path / "overlay", *OVERLAYS["frank"], "--known-failures", str(known))
    objects = objects_of(folder)
    (estate,) = [obj for obj in objects if obj["kind"] == "ConfigMap"]
    assert estate["data"]["known.toml"] == text
    templates = [pod_template(obj) for obj in objects if obj["kind"] in ("Job", "CronJob")]
    assert len(templates) == 2
    for spec in (template["spec"] for template in templates):
        (value,) = [each["value"] for each in spec["containers"][0]["env"] if each["name"] == VARIABLE]
        folders = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
        names = {volume["name"]: volume["configMap"]["name"] for volume in spec["volumes"] if "configMap" in volume}
        assert names == {"estate": estate["metadata"]["name"]}
        assert value == f"{folders['estate']}/known.toml"


def test_without_a_container_engine_the_files_are_the_image_s(tmp_path):
    """As far as they are committed: git archives nothing else."""
    command = ARCHIVE.replace("/tmp/suite", str(tmp_path))
    subprocess.run(["bash", "-ec", command], cwd=ROOT, check=True, timeout=60)
    there = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    tracked = subprocess.run(["git", "ls-tree", "-r", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    image = {str(path) for path in allowed_in()} & set(tracked.stdout.decode().splitlines())
    assert image - {"deploy/requirements.txt"} <= there
    assert len(image) > 300


def test_each_option_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    options = {name for action in parser()._actions for name in action.option_strings if name.startswith("--")}
    assert len(options) > 10
    assert not [name for name in options - {"--help"} if name not in text]


def test_each_number_of_the_page_has_a_row_that_says_where_it_was_seen():
    text = PAGE.read_text(encoding="utf-8")
    told = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert told == {int(number) for number, _ in rows} - {14}
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert all(re.search(r"measured|read", seen) for _, seen in rows)


def test_each_part_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert not [name for name in PARTS if f"`{name}`" not in text]


def test_each_alarm_is_on_the_page():
    rules = one("frank", "PrometheusRule", NAMESPACE)["spec"]["groups"][0]["rules"]
    assert not [rule["alert"] for rule in rules if rule["alert"] not in PAGE.read_text(encoding="utf-8")]
