"""Faults of the client secrets that applications keep in the cluster (runbook D10, R4, R6)."""

from __future__ import annotations

from datetime import timedelta

from lab.cluster.state import timestamp
from lab.faults import fault
from lab.world import World


@fault(
    "grafana-secret-missing", known_from="runbook D10", turns_red=("OIDC-SECRET-01[grafana]",), blocks=("[grafana]",)
)
def grafana_secret_missing(world: World) -> None:
    """Grafana's Secret was deleted; the running pod still has the value, the next one will not."""
    world.cluster.delete("secrets", "grafana", "grafana-oidc")


@fault("grafana-look-alike-key", known_from="runbook D10", turns_red=("OIDC-SECRET-02[grafana]",))
def grafana_look_alike_key(world: World) -> None:
    """Beside the right key there is a clientSecret in Grafana's Secret, written by hand; nobody reads it."""
    secret = world.cluster.get("secrets", "grafana", "grafana-oidc")
    secret["data"]["clientSecret"] = "bm9ib2R5IHJlYWRzIGl0"
    entry = dict(secret["metadata"]["managedFields"][0])
    entry |= {"manager": "kubectl-edit", "fieldsV1": {"f:data": {"f:clientSecret": {}}}}
    secret["metadata"]["managedFields"].append(entry)


@fault("grafana-without-env-from", known_from="runbook R6", turns_red=("OIDC-SECRET-03[grafana]",))
def grafana_without_env_from(world: World) -> None:
    """A new chart value took envFromSecret away: Grafana's next pod starts without a client secret."""
    template = world.cluster.get("deployments", "grafana", "grafana")["spec"]["template"]
    del template["spec"]["containers"][0]["envFrom"]


@fault("argocd-reference-wrong", known_from="facts/argocd.md", turns_red=("OIDC-SECRET-03[argocd]",))
def argocd_reference_wrong(world: World) -> None:
    """argocd-cm refers to a Secret by its old name; ArgoCD would send the reference itself as its secret."""
    settings = world.cluster.get("configmaps", "argocd", "argocd-cm")["data"]
    settings["oidc.config"] = settings["oidc.config"].replace("$argocd-oidc:", "$argocd-oidc-secret:")


@fault(
    "argocd-secret-unlabelled",
    known_from="recordings/argocd: fault-no-part-of-label",
    turns_red=("OIDC-SECRET-03[argocd]",),
)
def argocd_secret_unlabelled(world: World) -> None:
    """ArgoCD's Secret lost its part-of label: a server that starts does not see it."""
    world.cluster.get("secrets", "argocd", "argocd-oidc")["metadata"]["labels"].pop("app.kubernetes.io/part-of")


@fault("grafana-not-restarted", known_from="runbook R4", turns_red=("OIDC-SECRET-04[grafana]",), warns=True)
def grafana_not_restarted(world: World) -> None:
    """Grafana's Secret was written again an hour ago, and Grafana was not restarted."""
    managers = world.cluster.get("secrets", "grafana", "grafana-oidc")["metadata"]["managedFields"]
    managers[0]["time"] = timestamp(world.cluster.now() - timedelta(hours=1))
