"""What is deployed runs: workloads, containers, versions (runbook S1)."""

from datetime import UTC, datetime, timedelta

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import rollout_status
from fixtures.exchange.workloads import Pod
from fixtures.model.kinds import ROLLOUT_PAUSED
from fixtures.model.moments import in_words
from fixtures.model.remedy import Remedy, change, read, showing
from fixtures.model.signals import NotVerified
from fixtures.topics.workloads.expected import ExpectedWorkload, authentik_images, pods_of, readable
from fixtures.topics.workloads.rules import (
    Workloads,
    absence,
    containers,
    crash_complaint,
    image_version,
    is_paused,
    look_at_end,
    read_version,
    recent_restarts,
    rollout_complaints,
    why_rollout_is_open,
)


@check(
    "SMOKE-PODS-01",
    trouble="Not all replicas are up to date and ready",
    claim="every declared workload has all replicas updated and ready, no rollout stuck; none paused (w)",
    runbook="S1",
    blind="that what runs does its work; a pod is as ready as its readiness probe says",
    needs=("cluster",),
)
def test_workload_runs(workload: ExpectedWorkload, workload_objects: Workloads) -> None:
    """`kubectl get pods` shows running pods also while a rollout is stuck behind them."""
    ref = workload.ref
    absent, look = absence(ref)
    assert ref in workload_objects, because(absent, remedy=look)
    found = readable(ref, workload_objects[ref])
    complaints, named = rollout_complaints(found, ref.kind, workload.replicas), f"{ref.kind} {ref.name}"
    steps = rollout_status(ref), read("kubectl -n {} get pods,events", ref.namespace)
    remedy = Remedy("the events say why its pods do not become ready", *steps)
    paused = is_paused(found, ref.kind)
    if paused:
        remedy = Remedy(
            "ask who paused it, and why: all that was changed of it since begins to run when it is resumed",
            showing(ref.namespace, ref.kind, ref.name),
            *steps,
            change("kubectl -n {} rollout resume {}/{}", ref.namespace, ref.kind, ref.name),
        )
    assert not complaints, because(f"{named} in namespace {ref.namespace}: {'; '.join(complaints)}", remedy=remedy)
    assert not paused, because(
        f"the rollout of {named} in namespace {ref.namespace} is paused: no new image and no restart reaches its pods",
        remedy=remedy,
        severity="warning",
        kind=ROLLOUT_PAUSED,
    )
    if why := why_rollout_is_open(found, ref.kind):
        raise NotVerified(
            f"{named} in namespace {ref.namespace}: {why}",
            "finish its rollout, or wait until it has",
            need="cluster",
        )


@check(
    "SMOKE-PODS-02",
    trouble="Containers crash or run out of memory",
    claim="no container crash-loops or was OOM-killed; restarts within the window (w)",
    runbook="S1",
    blind="what happened before a pod was made anew, and what no restart tells (a hanging process without a probe)",
    needs=("cluster",),
)
def test_containers_stay_up(
    workload: ExpectedWorkload, workload_objects: Workloads, pod_objects: tuple[Pod, ...], estate: Estate
) -> None:
    """A replica that comes back each time passes every other question, most of the time."""
    now, window = datetime.now(UTC), timedelta(hours=estate.bounds.restart_window_hours)
    pods = pods_of(estate, workload.ref, workload_objects, pod_objects)
    found = list(containers(pods, workload.container))
    namespace = workload.ref.namespace
    assert found, because(
        f"no pod of {workload.ref.name} tells of a container {workload.container or ''}".rstrip()
        + ": none was started",
        remedy=Remedy(
            "correct the container in [[workloads]] of the estate file, or in the workload",
            read(
                "kubectl -n {} get pods -o 'custom-columns=NAME:.metadata.name,CONTAINERS:.spec.containers[*].name'",
                namespace,
            ),
        ),
    )
    crashes = [(entry, complaint) for entry in found if (complaint := crash_complaint(entry, now, window))]
    assert not crashes, because(
        "; ".join(complaint for _, complaint in crashes), remedy=look_at_end(namespace, crashes[0][0])
    )
    often = [entry for entry in found if recent_restarts(entry, now, window) >= estate.bounds.restart_warn]
    told = (
        f"container {entry.name} of pod {entry.pod} restarted within {in_words(window)} "
        f"({entry.status.restart_count} times in all; its last end: {entry.last_end})"
        for entry in often
    )
    assert not often, because("; ".join(told), remedy=look_at_end(namespace, often[0]), severity="warning")


@check(
    "SMOKE-PODS-03",
    trouble="Authentik's pods run different versions",
    claim="server, worker and outposts run one version, the one the API reports",
    runbook="S1",
    blind="images whose tag was moved to another build; instances of an outpost that run elsewhere (FWD-OUT-01)",
    needs=("api", "cluster"),
)
def test_one_version(
    workload_objects: Workloads, pod_objects: tuple[Pod, ...], server_version: str, estate: Estate
) -> None:
    """Half an upgrade works until a migration or a changed message between server and worker meets the other half."""
    expected, images = read_version(server_version), authentik_images(estate, workload_objects, pod_objects)
    wrong = [image for image in images if image_version(image.image) not in (None, expected)]
    assert not wrong or expected is None, because(
        f"the API says {server_version}, but " + ", ".join(f"{pod} runs {image}" for pod, image in wrong),
        remedy=Remedy(
            "finish the upgrade",
            read(
                "kubectl -n {} get pods -o 'custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image'",
                estate.authentik.namespace,
            ),
        ),
    )
    unread = [image for image in images if image_version(image.image) is None]
    if unread or expected is None:
        what = ", ".join(f"{pod} runs {image}" for pod, image in unread) or f"the API says {server_version!r}"
        raise NotVerified(
            f"no version can be read: {what}",
            "give the images a version as their tag; one that is pinned by its digest may have it as well, "
            f"name:{expected or 'version'}@sha256:…: the digest alone decides what runs, and the tag says what it is",
            need="cluster",
        )
