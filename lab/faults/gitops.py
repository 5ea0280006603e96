"""Faults of what deploys the estate."""

from __future__ import annotations

from datetime import timedelta

from lab.cluster.state import timestamp
from lab.faults import fault
from lab.world import World


@fault("argocd-out-of-sync", known_from="facts/argocd.md", turns_red=("SMOKE-GITOPS-01[traefik-extras]",), warns=True)
def argocd_out_of_sync(world: World) -> None:
    """The routes' Application has a change that was never applied, because its last sync failed."""
    status = world.cluster.get("applications", "argocd", "traefik-extras")["status"]
    status["sync"]["status"] = "OutOfSync"
    message = "one or more synchronization tasks completed unsuccessfully"
    status["operationState"] |= {"phase": "Failed", "message": message}
    status["conditions"] = [{"type": "SyncError", "message": "Failed last sync attempt to [a27ac48]"}]


@fault("argocd-degraded", known_from="facts/argocd.md", turns_red=("SMOKE-GITOPS-01[grafana]",), warns=True)
def argocd_degraded(world: World) -> None:
    """Grafana's Application is synced, but what it deploys is Degraded."""
    world.cluster.get("applications", "argocd", "grafana")["status"]["health"]["status"] = "Degraded"


@fault("argocd-application-missing", known_from="runbook H2", turns_red=("SMOKE-GITOPS-01[authentik-extras]",))
def argocd_application_missing(world: World) -> None:
    """The Application that brings the blueprints was deleted: nothing that changes in Git arrives any more."""
    world.cluster.delete("applications", "argocd", "authentik-extras")


@fault(
    "argocd-sync-that-never-ends", known_from="field/reports.md 38", turns_red=("SMOKE-GITOPS-01[grafana]",), warns=True
)
def argocd_sync_that_never_ends(world: World) -> None:
    """Grafana's Application waits for its hook since yesterday: newer commits are not synced, and the rest is fine."""
    state = world.cluster.get("applications", "argocd", "grafana")["status"]["operationState"]
    started = timestamp(world.cluster.now() - timedelta(days=1, hours=3))
    state |= {"phase": "Running", "message": "waiting for completion of hook batch/Job/smoke", "startedAt": started}
    state.pop("finishedAt")


@fault(
    "flux-cannot-apply",
    known_from="fluxcd.io: Kustomization status, Ready False where a revision could not be applied",
    turns_red=("SMOKE-GITOPS-01[apps]",),
    warns=True,
    options=("--lab-shape", "deployed-by-flux"),
)
def flux_cannot_apply(world: World) -> None:
    """Flux's Kustomization cannot build the newest revision: nothing that changes in Git arrives any more."""
    ready = world.cluster.get("kustomizations", "flux-system", "apps")["status"]["conditions"][0]
    ready |= {"status": "False", "reason": "BuildFailed", "message": "kustomize build failed: no such file"}


@fault(
    "flux-source-cannot-be-read",
    known_from="fluxcd.io: GitRepository status, FetchFailed; what it stored before stays, and its Kustomization Ready",
    turns_red=("SMOKE-GITOPS-01[apps]",),
    warns=True,
    options=("--lab-shape", "deployed-by-flux"),
)
def flux_source_cannot_be_read(world: World) -> None:
    """Flux's key for the repository was revoked: what was deployed stays Ready, and no newer commit arrives."""
    ready = world.cluster.get("gitrepositories", "flux-system", "home")["status"]["conditions"][0]
    ready |= {"status": "False", "reason": "GitOperationFailed", "message": "failed to checkout: not authorized"}
