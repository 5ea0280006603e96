"""When the alarms ring, and when not: their expressions, over what kube-state-metrics would say."""

import pytest

from selftests.support.manifests import NAMESPACE, rendered
from selftests.support.promql import Moment, sample

NOW = 1_800_000_000.0
HOUR = 3600
NIGHT = 24 * HOUR
RED, HOOK, NOT_PROVEN, ABSENT = (
    "SSOConformanceRed",
    "SSOConformancePostSyncRed",
    "SSOConformanceNotProven",
    "SSOConformanceAbsent",
)
# Overlay, and the CronJob whose Jobs have the last word.
NIGHTLY = [("frank", "sso-conformance-nightly"), ("frank-sharded", "sso-conformance-merge")]


def job(name: str, hours_ago: float, *, failed: bool | None, namespace: str = NAMESPACE):
    """A Job's metrics; `failed` is None while it runs."""
    labels = {"namespace": namespace, "job_name": name}
    found = [sample("kube_job_created", NOW - hours_ago * HOUR, **labels)]
    if failed:
        # kube-state-metrics has a series for each reason; the one that it was is 1.
        found += [
            sample("kube_job_status_failed", float(reason == "BackoffLimitExceeded"), reason=reason, **labels)
            for reason in ("BackoffLimitExceeded", "DeadlineExceeded", "Evicted")
        ]
    return found + ([sample("kube_job_status_failed", 0.0, **labels)] if failed is False else [])


def cronjob(name: str, created: float, succeeded: float | None):
    labels = {"namespace": NAMESPACE, "cronjob": name}
    found = [sample("kube_cronjob_created", NOW - created * HOUR, **labels)]
    last = sample("kube_cronjob_status_last_successful_time", NOW - (succeeded or 0) * HOUR, **labels)
    return found + ([last] if succeeded is not None else [])


def ringing(overlay: str, *metrics, gone=()) -> dict[str, list[dict[str, str]]]:
    """The alarms that ring, each with the labels of what it rings for; `gone` are metrics of a Job deleted since."""
    moment = Moment(NOW, dict(sample for group in metrics for sample in group), dict(gone))
    (rules,) = [obj["spec"]["groups"][0]["rules"] for obj in rendered(overlay) if obj["kind"] == "PrometheusRule"]
    found = {rule["alert"]: [dict(labels) for labels in moment.evaluate(rule["expr"])] for rule in rules}
    return {name: elements for name, elements in found.items() if elements}


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_all_is_quiet_after_a_good_night(overlay, name):
    metrics = [cronjob(name, 900, 7), job(f"{name}-29451234", 7, failed=False)]
    metrics += [job("sso-conformance-postsync", 50, failed=False)]
    assert not ringing(overlay, *metrics)


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_a_red_night_rings_and_names_its_job(overlay, name):
    older = job(f"{name}-29449794", 31, failed=False)
    found = ringing(overlay, cronjob(name, 900, 31), older, job(f"{name}-29451234", 7, failed=True))
    assert found[RED] == [{"namespace": NAMESPACE, "job_name": f"{name}-29451234"}]
    assert set(found) == {RED, NOT_PROVEN}


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_a_good_night_ends_the_alarm_though_the_red_jobs_are_kept(overlay, name):
    kept = [job(f"{name}-2944979{day}", 31 + 24 * day, failed=True) for day in range(3)]
    assert not ringing(overlay, cronjob(name, 900, 7), *kept, job(f"{name}-29451234", 7, failed=False))


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_nothing_proven_rings_after_a_night_and_what_a_run_may_take(overlay, name):
    assert not ringing(overlay, cronjob(name, 900, 25.9))
    assert ringing(overlay, cronjob(name, 900, 26.1)) == {NOT_PROVEN: [{"namespace": NAMESPACE, "cronjob": name}]}


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_never_having_succeeded_counts_from_the_installation(overlay, name):
    assert not ringing(overlay, cronjob(name, 3, None))
    assert set(ringing(overlay, cronjob(name, 27, None))) == {NOT_PROVEN}


@pytest.mark.parametrize("overlay", [overlay for overlay, _ in NIGHTLY])
def test_nothing_at_all_rings(overlay):
    assert set(ringing(overlay)) == {ABSENT}


# As ArgoCD names it in a plain directory, in an Application of several sources, and the kustomize component.
HOOKS = ["sso-conformance-postsync-4f2c1d0-postsync-1799996400", "sso-conformance-postsync--postsync-1799996400"]


@pytest.mark.parametrize("name", [*HOOKS, "sso-conformance-postsync"])
def test_a_red_hook_rings_by_itself(name):
    night = cronjob("sso-conformance-nightly", 900, 7)
    found = ringing("frank", night, job(name, 1, failed=True))
    assert found == {HOOK: [{"namespace": NAMESPACE, "job_name": name}]}


@pytest.mark.parametrize("name", HOOKS)
def test_a_green_hook_ends_the_alarm_though_argocd_deletes_its_job_and_keeps_the_red_one(name):
    night, red = cronjob("sso-conformance-nightly", 900, 7), job(f"{name}9", 3, failed=True)
    assert not ringing("frank", night, red, job(name, 0.1, failed=None))
    assert not ringing("frank", night, red, gone=job(name, 1, failed=False))
    older = job(name, 5, failed=False)
    assert set(ringing("frank", night, red, gone=older)) == {HOOK}


def test_of_several_red_hooks_the_newest_rings():
    night = cronjob("sso-conformance-nightly", 900, 7)
    found = ringing("frank", night, job(f"{HOOKS[0]}1", 3, failed=True), job(f"{HOOKS[0]}2", 2, failed=True))
    assert found == {HOOK: [{"namespace": NAMESPACE, "job_name": f"{HOOKS[0]}2"}]}


def test_shares_alone_do_not_ring():
    """One red share is in the joined verdict, which has its own Job."""
    night = cronjob("sso-conformance-merge", 900, 7)
    assert not ringing("frank-sharded", night, job("sso-conformance-shares-29451234", 7, failed=True))


def test_others_jobs_do_not_ring():
    night = cronjob("sso-conformance-nightly", 900, 7)
    elsewhere = job("sso-conformance-nightly-29451234", 7, failed=True, namespace="staging")
    assert not ringing("frank", night, elsewhere, job("backup-29451234", 1, failed=True))


@pytest.mark.parametrize(("overlay", "name"), NIGHTLY)
def test_while_the_next_night_runs_the_last_word_is_kept(overlay, name):
    """The newest Job has said nothing yet: the expression is quiet, and the alarm is kept for what a run may take."""
    night = [job(f"{name}-29449794", 24, failed=True), job(f"{name}-29451234", 0.1, failed=None)]
    assert RED not in ringing(overlay, cronjob(name, 900, 25), *night)
    objects = rendered(overlay)
    (rules,) = [obj["spec"]["groups"][0]["rules"] for obj in objects if obj["kind"] == "PrometheusRule"]
    (red,) = [rule for rule in rules if rule["alert"] == RED]
    specs = [obj["spec"]["jobTemplate"]["spec"] for obj in objects if obj["kind"] == "CronJob"]
    assert int(red["keep_firing_for"].removesuffix("m")) * 60 > max(spec["activeDeadlineSeconds"] for spec in specs)
