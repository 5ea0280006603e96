"""The manifests: well-formed, accepted by an API server, restricted, and in step with the estate file."""

import copy
import subprocess
import sys
import tomllib
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import SchemaNotFoundError

from fixtures.estate.suite import Bounds
from fixtures.plugin.ending import CLOSING_WHEN_STOPPED
from selftests.support.manifests import (
    DEPLOY,
    GENERATED,
    HOOK,
    NAMESPACE,
    OVERLAYS,
    ROOT,
    estate_of,
    folder_of,
    made,
    name_of,
    one,
    place_of,
    pod_templates,
    rendered,
)

VERSION = "1.35"
# To schedule a pod and pull its image; and to write a report.
STARTING, WRITING = 120, 5
# Their schemas are their own projects', and not Kubernetes'.
CUSTOM = {"ExternalSecret", "PrometheusRule", "ServiceMonitor", "Application"}


def test_franks_overlay_is_what_the_command_makes():
    """Nobody edits it: after a change of deploy/ or of estates/frank.toml the command is typed again."""
    kept = DEPLOY / "overlays" / "frank"
    before = texts(kept)
    made(kept, *OVERLAYS["frank"])
    assert len(before) > 10
    assert texts(kept) == before


def texts(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def test_yamllint_finds_nothing():
    command = [
        sys.executable,
        "-m",
        "yamllint",
        "--strict",
        "--config-file",
        str(DEPLOY / "yamllint.yaml"),
        str(DEPLOY),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_has_kubernetes_own_form(overlay):
    unknown = set()
    for obj in rendered(overlay):
        try:
            kubernetes_validate.validate(obj, VERSION, strict=True)
        except SchemaNotFoundError:
            unknown.add(obj["kind"])
    assert unknown <= CUSTOM


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_one_apply_installs_it(overlay, api, kubectl):
    folder = str(folder_of(overlay))
    before = copy.deepcopy(api.world.cluster.objects)
    tried = kubectl("apply", "--server-side", "--dry-run=server", "-k", folder)
    assert tried.returncode == 0, tried.stderr
    assert api.world.cluster.objects == before

    _forget_own_rights(api)
    applied = kubectl("apply", "--server-side", "-k", folder)
    assert applied.returncode == 0, applied.stderr
    of_kustomize = [obj for obj in rendered(overlay) if obj["kind"] != "Job"]
    assert len(applied.stdout.splitlines()) == len(of_kustomize)
    for wanted in of_kustomize:
        found = api.world.cluster.find(*place_of(wanted))
        assert found is not None, wanted["metadata"]["name"]
        for part in ("spec", "rules", "data"):
            assert (found.get(part) or None) == wanted.get(part), wanted["metadata"]["name"]

    again = kubectl("apply", "--server-side", "-k", folder)
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_hooks_job_is_accepted_under_the_name_that_argocd_gives_it(overlay, api, kubectl):
    job = one(overlay, "Job", HOOK)
    assert job["metadata"]["name"] == f"{HOOK}-{GENERATED}"
    # The Job's controller writes it into a label of the pods.
    assert len(job["metadata"]["name"]) <= 63
    for options in (["--dry-run=server"], []):
        applied = kubectl("apply", "--server-side", *options, "-f", "-", stdin=yaml.safe_dump(job))
        assert applied.returncode == 0, applied.stderr
    assert api.world.cluster.get("jobs.batch", NAMESPACE, job["metadata"]["name"])["spec"] == job["spec"]


def test_by_hand_each_run_of_the_hook_is_a_job_of_its_own_too(api, kubectl):
    assert kubectl("apply", "--server-side", "-k", str(folder_of("frank"))).returncode == 0
    file = str(folder_of("frank") / "hook" / "job.yaml")
    created = [kubectl("create", "-f", file, "-o", "name") for _ in range(2)]
    assert [each.returncode for each in created] == [0, 0], created[0].stderr
    first, second = (each.stdout.strip() for each in created)
    assert first != second
    assert all(name.startswith(f"job.batch/{HOOK}-") for name in (first, second))


@pytest.mark.parametrize("folder", ["argocd", "authentik"])
def test_the_sides_of_argocd_and_authentik_are_accepted(folder, api, kubectl):
    place = str(folder_of("frank") / folder)
    for options in (["--dry-run=server"], []):
        applied = kubectl("apply", "--server-side", *options, "-k", place)
        assert applied.returncode == 0, applied.stderr
    if folder == "authentik":
        return
    trigger = api.world.cluster.get("configmaps", "argocd", "argocd-notifications-cm")["data"]
    assert "trigger.on-sso-conformance-failed" in trigger


def _forget_own_rights(api) -> None:
    """The lab's own copy of the suite's rights: what is applied stands for itself."""
    for kind in ("clusterroles", "clusterrolebindings"):
        api.world.cluster.delete(kind, "", NAMESPACE)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_fits_the_restricted_profile(overlay):
    """Pod Security Standards, profile restricted: otherwise a Job only shows the event FailedCreate, and hangs."""
    labels = one(overlay, "Namespace", NAMESPACE)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    templates = pod_templates(overlay)
    assert templates
    for name, template in templates.items():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec), name
        kinds = {kind for volume in spec["volumes"] for kind in set(volume) - {"name"}}
        assert kinds <= {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}, name
        for container in [*spec["containers"], *spec.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, name
            assert context["capabilities"] == {"drop": ["ALL"]}, name
            assert context["readOnlyRootFilesystem"] is True, name
            assert container["resources"]["limits"]["memory"], name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_run_may_end_once_and_is_bounded(overlay):
    """A second pod would log in again with what may be a wrong password; a Job without a deadline can hang for ever."""
    jobs = [obj for obj in rendered(overlay) if obj["kind"] in ("Job", "CronJob")]
    assert jobs
    for obj in jobs:
        spec = obj["spec"].get("jobTemplate", obj)["spec"]
        assert spec.get("backoffLimit") == 0 or spec.get("backoffLimitPerIndex") == 0
        assert 0 < spec["activeDeadlineSeconds"] <= 3600
        pod = spec["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        assert pod["containers"][0]["terminationMessagePolicy"] == "FallbackToLogsOnError"
        if obj["kind"] == "CronJob":
            assert obj["spec"]["concurrencyPolicy"] == "Forbid"
            assert obj["spec"]["timeZone"]
            assert obj["spec"]["startingDeadlineSeconds"] > 0


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_suites_own_deadline_passes_before_the_jobs(overlay):
    """Then its report names what hung. After the Job's the kubelet waits for the grace period, and kills."""
    bounds = estate_of(overlay).get("bounds", {})
    own = bounds.get("run_deadline_seconds", Bounds().run_deadline_seconds)
    for obj in (obj for obj in rendered(overlay) if obj["kind"] in ("Job", "CronJob")):
        spec = obj["spec"].get("jobTemplate", obj)["spec"]
        pod = spec["template"]["spec"]
        arguments = [text.partition("=") for text in pod["containers"][0]["args"]]
        waits = sum(float(value) for name, _, value in arguments if name in ("--settle", "--wait"))
        asks = 0 if "command" in pod["containers"][0] else own
        assert spec["activeDeadlineSeconds"] >= waits + asks + STARTING, name_of(obj)
        assert pod["terminationGracePeriodSeconds"] >= CLOSING_WHEN_STOPPED + WRITING


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_a_run_in_the_cluster_needs_is_required(overlay):
    """A token or a right that is missing must be red there: nobody reads what a Job could not verify."""
    assert set(estate_of(overlay)["suite"]["require"]) == {"api", "client", "cluster", "inside", "user"}
    assert estate_of(overlay)["suite"]["vantage"] == "inside"
    assert estate_of(overlay)["cluster"] == {"in_cluster": True}


def test_the_clusters_estate_file_is_estates_frank_toml():
    """Equal but for where the suite stands, and where its credentials lie."""
    ours = estate_of("frank")
    theirs = tomllib.loads((ROOT / "estates" / "frank.toml").read_text(encoding="utf-8"))
    for estate in (ours, theirs):
        del estate["cluster"], estate["suite"]
        for table, key in (
            ("authentik", "token"),
            ("probe_user", "password"),
            ("excluded_user", "password"),
            ("service_account", "app_password"),
            ("client", "client_secret"),
        ):
            assert set(estate[table].pop(key)) <= {"file", "env"}
    assert ours == theirs


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_credential_of_the_estate_is_in_the_secret(overlay):
    secret = one(overlay, "ExternalSecret", "sso-conformance-credentials")
    given = {entry["secretKey"] for entry in secret["spec"]["data"]}
    named = {Path(path).name for path in _files(estate_of(overlay))}
    assert named == given
    for template in pod_templates(overlay).values():
        volumes = {volume["name"]: volume for volume in template["spec"]["volumes"]}
        if "credentials" in volumes:
            assert volumes["credentials"]["secret"]["secretName"] == "sso-conformance-credentials"
            assert volumes["credentials"]["secret"]["optional"] is True


def _files(table: object) -> list[str]:
    if not isinstance(table, dict):
        return []
    own = [table["file"]] if isinstance(table.get("file"), str) else []
    return own + [path for value in table.values() for path in _files(value)]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_secrets_may_be_read_where_the_estate_names_them(overlay):
    allowed = {
        f"{obj['metadata']['namespace']}/{name}"
        for obj in rendered(overlay)
        for rule in obj.get("rules") or ()
        if "secrets" in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
    }
    assert allowed == {app["secret"]["name"] for app in estate_of(overlay)["oidc"] if "secret" in app}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_may_be_written_watched_or_executed(overlay):
    verbs = {verb for obj in rendered(overlay) for rule in obj.get("rules") or () for verb in rule["verbs"]}
    assert verbs == {"get", "list"}
