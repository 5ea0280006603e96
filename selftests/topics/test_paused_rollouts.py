"""Deployments whose rollout somebody paused by hand."""

import pytest

from fixtures.exchange.workloads import Workload
from fixtures.topics.workloads.rules import is_paused, rollout_complaints

PROGRESS = {"type": "Progressing", "status": "Unknown", "reason": "DeploymentPaused"}


def deployment(*, updated=2, **spec):
    """Of two replicas, so many of which have its newest form."""
    counts = {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": updated}
    pods = {"selector": {"matchLabels": {"app": "w"}}, "template": {"spec": {"containers": [{"name": "c"}]}}}
    return Workload.read(
        {
            "metadata": {"name": "w", "namespace": "n", "generation": 3},
            "spec": {"replicas": 2, **pods, **spec},
            "status": {"observedGeneration": 3, **counts, "conditions": [PROGRESS]},
        }
    )


@pytest.mark.parametrize(
    ("updated", "complaints"), [(2, []), (0, ["0 of 2 replicas have its newest form, for its rollout is paused"])]
)
def test_a_paused_deployment_keeps_its_older_form(updated, complaints):
    """As its controller says it (kubernetes/kubernetes, pkg/controller/deployment): no ReplicaSet has the new one."""
    found = deployment(updated=updated, paused=True)
    assert is_paused(found, "deployment")
    assert rollout_complaints(found, "deployment", None) == complaints


def test_others_are_not_paused():
    assert not is_paused(deployment(), "deployment")
    assert not is_paused(deployment(paused=False), "deployment")
    # Another controller's tells of it by its phase.
    assert not is_paused(deployment(paused=True), "rollout.argoproj.io")
    assert "paused" not in rollout_complaints(deployment(updated=1), "deployment", None)[0]
