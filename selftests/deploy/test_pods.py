"""The Jobs' pods, run as the manifests have them, against the lab: healthy, with faults, and stopped."""

import os
import signal
import subprocess

import pytest

from fixtures.model.redaction import PIECE
from lab.lab import Lab
from selftests.support import blueprints, image
from selftests.support.image import BUILT_WITH
from selftests.support.pods import HARMLESS, PodRun

NIGHTLY, HOOK = "sso-conformance-nightly", "sso-conformance-postsync"
BYTES = 2048
FAULTS = ["authentik-host-stale", "external-secret-renamed-key", "middleware-missing-on-route"]


@pytest.fixture
def node(lab, built):
    """The lab with frank's overlay and the probe identity installed."""
    built.install("frank")
    built.forget_volumes()
    return built


def kept_to_its_place(run: PodRun) -> None:
    assert set(run.refused) <= HARMLESS
    assert len(run.termination_message.encode()) <= BYTES


def names_itself(run: PodRun, workload: str) -> None:
    """Which run it is: its image, the suite's commit, and its Job, whose name ArgoCD makes of the revision."""
    image, commit = BUILT_WITH["IMAGE"], BUILT_WITH["COMMIT"]
    origin = f"image {image}, commit {commit}, Job {workload}-29451234"
    assert run.report["origin"] == origin
    assert f"of {origin}\n" in run.message
    assert f"a run of {origin}\n" in run.log


def leaks(lab: Lab, text: str) -> list[str]:
    drawn = lab.world.secrets
    held = [*blueprints.environment(lab.world).values(), drawn.kubernetes_suite_token, *drawn.client_secrets.values()]
    return [value[:4] for value in held for i in range(len(value) - PIECE + 1) if value[i : i + PIECE] in text]


@pytest.mark.parametrize("workload", [NIGHTLY, HOOK])
def test_a_healthy_estate(workload, node, lab):
    run = node.run("frank", workload)
    assert run.exit_code == 0, run.log[-3000:]
    outcomes = {case["outcome"] for case in run.report["cases"]}
    assert outcomes <= {"passed", "not applicable", "warned", "not verified"}
    assert sum(case["outcome"] == "passed" for case in run.report["cases"]) > 250
    assert run.report["vantage"] == "inside"
    assert run.report["ledger"]["written"] == 0
    assert run.message.startswith(f"{run.report['verdict']} frank: ")
    names_itself(run, workload)
    kept_to_its_place(run)
    assert not leaks(lab, run.log + run.message)
    if node.user is not None:
        assert {path.lstat().st_uid for path in run.reports.rglob("*")} == {65532}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_where_kubectl_describe_shows_it(fault, node, lab):
    lab.apply(fault)
    run = node.run("frank", NIGHTLY)
    assert run.exit_code == 1
    assert run.report["verdict"] == "UNHEALTHY"
    lines = run.message.splitlines()
    assert lines[0].startswith("UNHEALTHY frank: ")
    first = run.report["roots"][0]
    assert first["id"] in run.message
    assert first["cause"].splitlines()[0][:60] in run.message
    assert first["fix"].splitlines()[0][:60] in run.message
    assert lines[0].rpartition(" · ")[0] in run.log
    kept_to_its_place(run)
    assert not leaks(lab, run.log + run.message)


def test_the_hook_waits_for_what_settles_and_ends_red_when_it_does_not(node, lab):
    lab.apply("authentik-host-stale")
    run = node.run("frank", HOOK, waits=2)
    assert run.exit_code == 1
    assert "FWD-HOST-02" in run.message
    assert "did not settle" in run.log
    kept_to_its_place(run)


def test_without_its_credentials_the_pod_starts_and_says_which(node):
    """The Secret is optional: a pod that cannot be created says nothing at all."""
    run = node.run("frank", NIGHTLY, credentials=False)
    assert run.exit_code == 1
    assert run.report["verdict"] == "UNHEALTHY"
    assert "api" in run.report["reason"]
    assert "api-token" in run.log
    kept_to_its_place(run)


def test_without_rights_the_pod_is_red(node, lab):
    lab._between_requests(lambda: lab.world.cluster.delete("clusterroles", "", "sso-conformance"))
    run = node.run("frank", NIGHTLY)
    assert run.exit_code == 1
    assert "cluster" in run.report["reason"]
    kept_to_its_place(run)


def assert_stopped_truthfully(run: PodRun) -> None:
    assert run.exit_code == 143
    assert run.report["verdict"] == "INTERRUPTED"
    assert "SIGTERM" in run.report["reason"]
    assert run.message.startswith("INTERRUPTED frank: ")
    assert "SIGTERM" in run.message
    assert any(case["outcome"] == "not run" for case in run.report["cases"])
    kept_to_its_place(run)


@pytest.mark.parametrize("workload", [NIGHTLY, HOOK])
def test_a_deadline_leaves_a_truthful_report(workload, node, lab):
    """SIGTERM is what comes first at a Job's deadline, an eviction and a drain; SIGKILL after the grace period."""
    lab.latency = 0.05
    with node.start("frank", workload) as pod:
        pod.wait_until_asked(40)
        pod.terminate()
        assert_stopped_truthfully(pod.ended(within_grace=True))


def test_an_eviction_while_it_settles_does_not_wait_for_the_rest(node, lab):
    """As the manifest has it, with five minutes of --settle."""
    lab.apply("authentik-host-stale")
    with node.start("frank", HOOK) as pod:
        pod.wait_until_asked(3, "/api/v3/outposts/instances/")
        pod.terminate()
        assert_stopped_truthfully(pod.ended(within_grace=True))


def test_a_suite_that_answers_no_signal_is_killed_and_says_nothing_green(node, lab):
    """What a node's loss looks like: no report of this run, no message, and an exit code that is not 0."""
    lab.latency = 0.05
    with node.start("frank", NIGHTLY) as pod:
        pod.wait_until_asked(40)
        pod.kill()
        run = pod.ended()
    assert run.exit_code == -signal.SIGKILL
    assert not run.report
    assert not run.message


@pytest.mark.parametrize("form", [["--estate={}"], ["--estate", "{}"]], ids=["one word", "two words"])
def test_the_image_takes_options_as_a_checkout_does(form, node):
    """No package of the suite's own is installed there, whose entry point would see to that."""
    estate = node.writable(node.folder / "given") / "estate.toml"
    estate.write_text('name = "nowhere"\n', encoding="utf-8")
    command = [*node.interpreter, *image.entrypoint()[1:], *(part.format(estate) for part in form)]
    place = node.folder / "image"
    environment = image.environment() | {"PYTHONPATH": str(place / "packages"), "PATH": os.defpath}
    run = subprocess.run(
        command, cwd=place / "app", env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 4
    assert f"{estate}: authentik: this key is required" in run.stdout + run.stderr


def test_an_estate_file_that_says_nothing_sends_nothing(node, lab, monkeypatch):
    """The pod ends with one message, which the fallback to the log shows."""
    monkeypatch.setattr("selftests.support.pods.one", lambda *_: {"data": {"estate.toml": 'name = "nowhere"\n'}})
    before = len(lab.audit)
    run = node.run("frank", NIGHTLY)
    assert run.exit_code == 4
    assert "authentik" in run.termination_message
    assert "Traceback" not in run.log
    assert len(lab.audit) == before
    assert not run.report
