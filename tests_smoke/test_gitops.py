"""What deploys the estate has done so."""

from fixtures.engine.checks import because, check


@check(
    "SMOKE-GITOPS-01",
    claim="each declared ArgoCD Application (never the suite's own) is Synced and Healthy and its last operation "
    "succeeded (w)",
    runbook="",
    spec="Argo CD: Application status (sync, health, operationState)",
    blind="that the cluster is what Git says: a synced Application may rest on a stale cache, and nothing is pruned "
    "where prune is off",
)
def test_application_is_in_order(gitops_application, application_object):
    """What Git says about SSO is worth something only when it arrives; this explains much that is red elsewhere."""
    status, ref = application_object.get("status", {}), gitops_application.ref
    sync = status.get("sync", {}).get("status", "Unknown")
    health = status.get("health", {}).get("status", "Unknown")
    operation = status.get("operationState", {})
    conditions = [entry.get("message", "") for entry in status.get("conditions") or ()]
    complaints = [
        f"it is {sync}, not Synced" if sync != "Synced" else "",
        f"it is {health}, not Healthy" if health != "Healthy" else "",
        f"its last operation is {operation.get('phase')}: {operation.get('message', '')}"
        if operation.get("phase", "Succeeded") not in ("Succeeded", "Running")
        else "",
    ]
    told = "; ".join([complaint for complaint in complaints if complaint])
    assert not told, because(
        f"ArgoCD Application {ref.name}: {told}" + "".join(f" ({message})" for message in conditions[:2]),
        remedy=f"argocd app get {ref.name}; kubectl -n {ref.namespace} describe applications.argoproj.io {ref.name}",
        severity="warning",
    )
