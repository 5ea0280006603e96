"""Faults of what deploys the estate."""

from __future__ import annotations

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
