"""What deploys the estate has done so."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fixtures.engine.checks import because, check
from fixtures.estate.names import NamespacedName
from fixtures.exchange.argocd import Application
from fixtures.model.remedy import Remedy, read
from fixtures.model.signals import NotVerified
from fixtures.topics.gitops.questions import ExpectedApplication
from fixtures.topics.gitops.rules import application_complaints, why_open


@check(
    "SMOKE-GITOPS-01",
    trouble="An ArgoCD Application is out of sync or unhealthy",
    claim="each declared ArgoCD Application (never the suite's own) is Synced and Healthy and its last operation "
    "succeeded, or has not run for an hour yet (w)",
    runbook="",
    spec="Argo CD: Application status (sync, health, operationState)",
    blind="that the cluster is what Git says: a synced Application may rest on a stale cache, and nothing is pruned "
    "where prune is off",
    needs=("cluster",),
)
def test_application_is_in_order(
    gitops_application: ExpectedApplication, application_objects: Mapping[NamespacedName, Application]
) -> None:
    """What Git says about SSO is worth something only when it arrives; this explains much that is red elsewhere."""
    ref = gitops_application.ref
    assert ref in application_objects, because(
        f"there is no ArgoCD Application {ref.name} in namespace {ref.namespace}",
        remedy=Remedy(
            "create it, or correct gitops in the estate file",
            read("kubectl -n {} get applications.argoproj.io", ref.namespace),
        ),
    )
    application, now = application_objects[ref], datetime.now(UTC)
    complaints = application_complaints(application, now)
    conditions = "".join(f" ({condition.message})" for condition in application.status.conditions[:2])
    look = read("kubectl -n {} describe applications.argoproj.io {}", ref.namespace, ref.name)
    assert not complaints, because(
        f"ArgoCD Application {ref.name}: {'; '.join(complaints)}{conditions}",
        remedy=Remedy(
            "its status shows which objects differ or fail: sync it, or fix them in Git; a sync that never ends is to "
            "be terminated first",
            look,
        ),
        severity="warning",
    )
    if reason := why_open(application, now):
        raise NotVerified(
            f"ArgoCD Application {ref.name}: {reason}",
            Remedy("look at it, and at ArgoCD's application controller", look),
            need="cluster",
        )
