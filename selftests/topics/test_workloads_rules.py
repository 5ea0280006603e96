"""Judging workloads, containers and versions; and how the cases of cluster objects are called."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.estate.names import NamespacedName
from fixtures.exchange.other_workloads import of_another_controller
from fixtures.exchange.selectors import LabelSelector
from fixtures.exchange.workloads import ContainerStatus, Pod, Workload
from fixtures.model.moments import go_duration, in_words, moment
from fixtures.topics.workloads.expected import case_names
from fixtures.topics.workloads.rules import (
    RunningContainer,
    containers,
    crash_complaint,
    image_version,
    look_at_end,
    main_container,
    mounted_config_maps,
    read_version,
    recent_restarts,
    rollout_complaints,
    why_rollout_is_open,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def workload(generation, status, pod=None, **spec):
    """A workload in namespace n, with one container unless its pod's spec is given."""
    pod = pod or {"containers": [{"name": "c"}]}
    return Workload.read(
        {
            "metadata": {"name": "w", "namespace": "n", "generation": generation},
            "spec": {"selector": {"matchLabels": {"app": "w"}}, "template": {"spec": pod}, **spec},
            "status": status,
        }
    )


def deployment(generation=3, replicas=2, **status):
    counts = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
    return workload(generation, {"observedGeneration": 3, **counts, "conditions": [], **status}, replicas=replicas)


def test_a_deployment_in_order_has_no_complaints():
    progressing = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    assert rollout_complaints(deployment(conditions=[progressing]), "deployment", None) == []
    assert rollout_complaints(deployment(), "deployment", 2) == []


@pytest.mark.parametrize(
    ("obj", "declared", "says"),
    [
        (deployment(generation=4), None, "not looked at"),
        (deployment(), 3, "asks for 2 replicas, the estate file for 3"),
        (deployment(replicas=0), None, "scaled to 0"),
        (deployment(updatedReplicas=1), None, "1 of 2 replicas have its newest form"),
        (deployment(readyReplicas=1), None, "1 of 2 replicas are ready"),
        (deployment(availableReplicas=0), None, "0 of 2 replicas are ready"),
        (deployment(replicas=1, updatedReplicas=1), None, "1 replicas of an older form"),
        (
            deployment(conditions=[{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]),
            None,
            "stuck (ProgressDeadlineExceeded",
        ),
        (
            deployment(conditions=[{"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]),
            None,
            "exceeded quota",
        ),
        (workload(1, None, replicas=1), None, "not looked at"),
    ],
)
def test_a_deployment_that_is_not_in_order(obj, declared, says):
    assert says in "; ".join(rollout_complaints(obj, "deployment", declared))


def stateful(strategy=None, **status):
    counts = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2}
    return workload(1, counts | status, replicas=2, updateStrategy=strategy or {"type": "RollingUpdate"})


def test_stateful_sets_keep_old_pods_on_purpose_only():
    moving = {"currentRevision": "a", "updateRevision": "b", "updatedReplicas": 1}
    assert rollout_complaints(stateful(currentRevision="a", updateRevision="a"), "statefulset", None) == []
    assert rollout_complaints(stateful(**moving), "statefulset", None)
    assert rollout_complaints(stateful({"type": "OnDelete"}, **moving), "statefulset", None) == []
    partitioned = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    assert rollout_complaints(stateful(partitioned, **moving), "statefulset", None) == []


def test_a_daemon_set_counts_nodes():
    status = {"observedGeneration": 1, "desiredNumberScheduled": 3, "updatedNumberScheduled": 3, "numberReady": 3}
    assert rollout_complaints(workload(1, status | {"numberAvailable": 3}), "daemonset", None) == []
    unavailable = workload(1, status | {"numberAvailable": 2})
    assert rollout_complaints(unavailable, "daemonset", None) == ["2 of 3 replicas are ready"]


def test_selectors_with_expressions():
    def picked(**selector):
        return LabelSelector.model_validate(selector).fits({"app": "grafana", "tier": "web"})

    assert picked(matchLabels={"app": "grafana"})
    assert not picked(matchLabels={"app": "argocd"})
    rule = {"key": "tier", "operator": "In", "values": ["web"]}
    assert picked(matchExpressions=[rule])
    assert not picked(matchExpressions=[rule | {"operator": "NotIn"}])
    assert not picked(matchExpressions=[{"key": "tier", "operator": "DoesNotExist"}])


def container(started=NOW - 30 * DAY, **status):
    return RunningContainer("grafana-1", ContainerStatus.model_validate({"name": "grafana"} | status), started)


def pod(status=None, **spec):
    return Pod.read({"metadata": {"name": "p"}, "spec": {"containers": [], **spec}, "status": status})


def end(ago, reason="Error"):
    return {"terminated": {"reason": reason, "exitCode": 1, "finishedAt": (NOW - ago).isoformat()}}


def test_the_log_of_the_container_that_ended_is_shown():
    ended, again = (container(lastState=end(DAY), restartCount=times) for times in (0, 3))
    assert (
        look_at_end("monitoring", again).steps[-1].line == "kubectl -n monitoring logs --previous grafana-1 -c grafana"
    )
    assert look_at_end("monitoring", ended).steps[-1].line == "kubectl -n monitoring logs grafana-1 -c grafana"
    # What never ran has no log.
    assert [step.line.split()[3] for step in look_at_end("monitoring", container()).steps] == ["describe"]


@pytest.mark.parametrize("reason", ["CrashLoopBackOff", "ImagePullBackOff", "CreateContainerConfigError"])
def test_a_container_that_cannot_start_is_a_crash(reason):
    assert reason in crash_complaint(container(state={"waiting": {"reason": reason}}), NOW, DAY)


def test_out_of_memory_counts_within_the_window_only():
    assert "OOMKilled" in crash_complaint(container(lastState=end(timedelta(hours=1), "OOMKilled")), NOW, DAY)
    assert not crash_complaint(container(lastState=end(timedelta(days=9), "OOMKilled")), NOW, DAY)
    assert not crash_complaint(container(lastState=end(timedelta(hours=1))), NOW, DAY)
    assert not crash_complaint(container(state={"waiting": {"reason": "ContainerCreating"}}), NOW, DAY)


def test_restarts_count_within_the_window():
    assert recent_restarts(container(restartCount=0, state={"running": {}}), NOW, DAY) == 0
    assert recent_restarts(container(restartCount=2, lastState=end(timedelta(hours=1))), NOW, DAY) == 2
    assert recent_restarts(container(restartCount=2, lastState=end(timedelta(days=9))), NOW, DAY) == 0
    assert recent_restarts(container(NOW - timedelta(hours=2), restartCount=2), NOW, DAY) == 2


def test_init_containers_count_too():
    status = {"initContainerStatuses": [{"name": "init"}], "containerStatuses": [{"name": "main"}]}
    pods = (pod(status),)
    assert [entry.name for entry in containers(pods)] == ["init", "main"]
    assert [entry.name for entry in containers(pods, "main")] == ["main"]


@pytest.mark.parametrize(
    ("image", "version"),
    [
        ("ghcr.io/goauthentik/server:2026.5.0-rc1", "2026.5.0rc1"),
        ("registry:5000/goauthentik/server:v2026.2.1@sha256:0123", "2026.2.1"),
    ],
)
def test_versions_are_compared_as_versions(image, version):
    assert image_version(image) == read_version(version) is not None


@pytest.mark.parametrize(
    "image", ["server", "server:latest", "registry:5000/server", "server@sha256:0123", "server:gh-main"]
)
def test_a_tag_that_is_no_version_is_unreadable(image):
    assert image_version(image) is None


def test_the_main_container_is_found_beside_sidecars():
    sidecar = {"name": "istio-proxy", "image": "istio/proxyv2"}
    server = {"name": "server", "image": "mirror/idp:1"}
    renamed = {"name": "app", "image": "ghcr.io/goauthentik/server:1"}
    for found in ([sidecar, server], [sidecar, renamed], [sidecar]):
        assert main_container(pod(containers=found), "server").name == found[-1]["name"]


def test_config_maps_are_mounted_alone_or_projected():
    projected = {"sources": [{"configMap": {"name": "b"}}, {"secret": {"name": "s"}}]}
    volumes = [
        {"name": "one", "configMap": {"name": "a"}},
        {"name": "two", "projected": projected},
        {"name": "unused", "configMap": {"name": "c"}},
        {"name": "none", "emptyDir": {}},
    ]
    mounts = [{"name": name, "mountPath": f"/{name}"} for name in ("one", "two", "none")]
    found = workload(1, None, {"containers": [{"name": "c", "volumeMounts": mounts}], "volumes": volumes})
    assert mounted_config_maps(found) == {"a": "/one", "b": "/two"}


def test_cases_carry_the_application_and_are_distinct():
    named = [
        (NamespacedName("grafana", "grafana"), "grafana"),
        (NamespacedName("monitoring", "victoria"), "metrics"),
        (NamespacedName("a", "redis"), ""),
        (NamespacedName("b", "redis"), ""),
        (NamespacedName("b", "redis"), ""),
    ]
    assert case_names(named) == ["grafana", "metrics-victoria", "a-redis", "b-redis-1", "b-redis-2"]


def test_times_and_spans_are_read():
    assert moment("2026-11-24T12:00:00.123456789Z") == NOW.replace(microsecond=123456)
    assert moment("2026-11-24T12:00:00") == NOW
    assert moment(None) is None
    assert go_duration("1h0m0s") == timedelta(hours=1)
    assert go_duration("1.5h") == timedelta(minutes=90)
    assert go_duration("0") == timedelta()
    assert go_duration("soon") is None
    assert go_duration("5m and more") is None
    assert go_duration("9" * 400 + "h") is None
    assert go_duration("9" * 19 + "h") is None
    spans = (20, 600, 10800, 400000)
    assert [in_words(s) for s in spans] == ["20 s", "10 min", "3 h", "5 d"]
    assert [in_words(timedelta(seconds=s)) for s in spans] == [in_words(s) for s in spans]


TEMPLATE = {"metadata": {"labels": {"app": "w"}}, "spec": {"containers": [{"name": "c"}]}}
OWN = {"selector": {"matchLabels": {"app": "w"}}, "template": TEMPLATE}
COUNTS = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
ROLLOUT = "rollout.argoproj.io"
PAUSED = {"phase": "Paused", "message": "CanaryPauseStep", "updatedReplicas": 1}
BY_PARTITION = {"updatedReplicas": 1, "currentRevision": "w-1", "updateRevision": "w-2"}
INVALID = {"type": "InvalidSpec", "status": "True", "message": "selector is missing"}


def of_others(status, templates=(), **spec):
    content = {"metadata": {"name": "w", "namespace": "n", "generation": 2}, "spec": spec or {"replicas": 2, **OWN}}
    return of_another_controller(content | {"status": status}, ROLLOUT, dict(templates))


@pytest.mark.parametrize(
    ("status", "complaint", "why"),
    [
        (COUNTS, "", ""),
        ({**COUNTS, "phase": "Healthy", "observedGeneration": "2"}, "", ""),
        # A blue-green rollout keeps the form of before for a while.
        ({**COUNTS, "phase": "Healthy", "replicas": 4}, "", ""),
        # A CloneSet below its partition, a canary that waits for a person.
        ({**COUNTS, **BY_PARTITION}, "", "between two forms, with 1 of 2"),
        ({**COUNTS, **PAUSED}, "", "Paused (CanaryPauseStep), with 1 of 2"),
        ({**COUNTS, **PAUSED, "availableReplicas": 1}, "1 of 2 replicas are ready", "Paused"),
        ({**COUNTS, "phase": "Degraded", "message": "aborted"}, "its rollout is Degraded (aborted)", "Degraded"),
        ({**COUNTS, "observedGeneration": "1"}, "not looked at its newest form", ""),
        # Before 1.0 a hash stood there.
        ({**COUNTS, "observedGeneration": "6f5b9c"}, "", ""),
        ({"phase": "Degraded", "message": "no", "conditions": [INVALID]}, "cannot be made (selector", "does not say"),
        # Zeros are left out: the condition says that the counts are meant.
        ({"conditions": [{"type": "Available", "status": "False"}]}, "0 of 2 replicas are ready", ""),
        # Of an advanced DaemonSet.
        ({"desiredNumberScheduled": 3, "numberReady": 2, "numberAvailable": 2}, "2 of 3 replicas are ready", ""),
        # What tells nothing is neither in order nor broken.
        ({}, "", "does not say how many replicas are ready"),
        ({"ready": True}, "", "does not say how many replicas are ready"),
    ],
)
def test_what_another_controller_says_of_its_workload(status, complaint, why):
    found = of_others(status)
    assert found.is_read
    complaints = "; ".join(rollout_complaints(found, ROLLOUT, None))
    assert complaint in complaints, complaints
    assert bool(complaint) == bool(complaints)
    open_by = why_rollout_is_open(found, ROLLOUT)
    assert why in open_by, open_by
    assert complaint or bool(why) == bool(open_by)


def test_a_workload_may_leave_its_template_to_a_deployment():
    deployment = {"metadata": {"name": "d", "namespace": "n"}, "spec": {"replicas": 0, **OWN}}
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}
    found = of_others(COUNTS, {"d": deployment}, replicas=2, workloadRef=reference)
    assert found.spec.selector.fits({"app": "w"})
    assert [each.name for each in found.spec.template.spec.containers] == ["c"]
    assert rollout_complaints(found, ROLLOUT, None) == []


@pytest.mark.parametrize(
    "spec",
    [
        {"template": TEMPLATE},  # Knative's Service: its revisions have Deployments of their own
        {"selector": {"matchLabels": {"app": "w"}}, "template": {"podSpec": {}}},
        {"selector": "app=w", "template": TEMPLATE},
        {"workloadRef": {"kind": "Deployment", "name": "gone"}},
        {"workloadRef": {"kind": "PodTemplate", "name": "d"}},
        {"workloadRef": "d"},
    ],
)
def test_whose_pods_are_told_by_nothing_is_not_read(spec):
    assert not of_others(COUNTS, **spec).is_read
