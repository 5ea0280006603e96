"""What deploys the estate has done so."""

from collections.abc import Mapping
from datetime import UTC, datetime

from fixtures.engine.checks import because, check
from fixtures.estate.names import GitopsRef, NamespacedName
from fixtures.exchange.argocd import Application, AppProject
from fixtures.exchange.flux import FluxObject, Source
from fixtures.model.remedy import Remedy, read
from fixtures.model.signals import NotVerified, Signal
from fixtures.topics.gitops.questions import ExpectedApplication
from fixtures.topics.gitops.rules import (
    application_complaints,
    flux_complaints,
    held_back,
    source_complaints,
    why_flux_is_open,
    why_open,
    why_source_is_open,
)


@check(
    "SMOKE-GITOPS-01",
    trouble="What deploys the estate is out of sync or unhealthy",
    claim="each declared ArgoCD Application (never the suite's own) is Synced and Healthy and its last operation "
    "succeeded, or has not run for an hour yet; each declared Kustomization and HelmRelease of Flux's is Ready, and so "
    "is its source (w)",
    runbook="",
    spec="Argo CD: Application status (sync, health, operationState); Flux: status conditions",
    blind="that the cluster is what Git says: a synced Application may rest on a stale cache, and nothing is pruned "
    "where prune is off",
    optional=("project_objects",),
    needs=("cluster",),
)
def test_application_is_in_order(
    gitops_application: ExpectedApplication,
    application_objects: Mapping[NamespacedName, Application],
    flux_objects: Mapping[GitopsRef, FluxObject],
    flux_sources: Mapping[Source, FluxObject],
    project_objects: tuple[AppProject, ...] | Signal,
) -> None:
    """What Git says about SSO is worth something only when it arrives; this explains much that is red elsewhere."""
    ref, title, now = gitops_application.ref, gitops_application.title, datetime.now(UTC)
    look = read("kubectl -n {} describe {} {}", ref.namespace, gitops_application.resource, ref.name)
    found = flux_objects.get(ref) if ref.kind else application_objects.get(ref.plain)
    assert found is not None, because(
        f"there is no {title} in namespace {ref.namespace}",
        remedy=Remedy(
            "make it, or correct gitops in the estate file",
            read("kubectl -n {} get {}", ref.namespace, gitops_application.resource),
        ),
    )
    if isinstance(found, FluxObject):
        complaints, conditions = flux_complaints(found, now) + source_complaints(found, flux_sources, now), ""
        reason = why_flux_is_open(found) or why_source_is_open(found, flux_sources)
    else:
        projects = () if isinstance(project_objects, Signal) else project_objects
        reason = held_back(found, projects)
        complaints = [] if reason else application_complaints(found, now)
        reason = reason or why_open(found, now)
        conditions = "".join(f" ({condition.message})" for condition in found.status.conditions[:2])
    assert not complaints, because(
        f"{title}: {'; '.join(complaints)}{conditions}",
        remedy=Remedy(
            "its status tells which objects differ or fail: sync it, or mend them in Git; a sync that never ends is to "
            "be terminated first",
            look,
        ),
        severity="warning",
    )
    if reason:
        raise NotVerified(f"{title}: {reason}", Remedy("look at it, and at its controller", look), need="cluster")
