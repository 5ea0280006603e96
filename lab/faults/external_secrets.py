"""Faults on the way of a client secret into the cluster (runbook R4, R5, R6)."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

from lab.cluster.external_secrets import sync
from lab.cluster.state import Object, timestamp
from lab.faults import fault
from lab.world import World


def _not_ready(obj: Object, reason: str, message: str) -> None:
    obj["status"]["conditions"][0] |= {"status": "False", "reason": reason, "message": message}


@fault(
    "external-secret-missing", known_from="runbook R4", turns_red=("SMOKE-ESO-01[grafana-oidc]",), blocks=("[grafana]",)
)
def external_secret_missing(world: World) -> None:
    """Nobody has applied Grafana's ExternalSecret again; the Secret that it made stays, and is never rotated."""
    world.cluster.delete("externalsecrets", "grafana", "grafana-oidc")


@fault(
    "external-secret-error",
    known_from="facts/estate.md: incident of 2026-07-25",
    turns_red=("SMOKE-ESO-01[argocd-oidc]",),
)
def external_secret_error(world: World) -> None:
    """The key of ArgoCD's client secret was removed upstream: SecretSyncedError, though ArgoCD shows green."""
    _not_ready(
        world.cluster.get("externalsecrets", "argocd", "argocd-oidc"),
        "SecretSyncedError",
        "could not get secret data from provider",
    )


@fault("external-secrets-stale", known_from="facts/traefik-eso-k8s.md", turns_red=("SMOKE-ESO-01",))
def external_secrets_stale(world: World) -> None:
    """The operator hangs: every ExternalSecret still says Ready, and none was refreshed for five hours."""
    for entry in world.cluster.list("externalsecrets"):
        entry["status"]["refreshTime"] = timestamp(world.cluster.now() - timedelta(hours=5))


@fault("secret-store-invalid", known_from="runbook R4", turns_red=("SMOKE-ESO-02",))
def secret_store_invalid(world: World) -> None:
    """The store's credentials expired since the last refresh: its validation fails, the Secrets still look right."""
    store = world.cluster.get("clustersecretstores", "", "infisical")
    _not_ready(store, "InvalidProviderConfig", "unable to authenticate: 401 Unauthorized")


@fault(
    "store-for-other-namespaces",
    known_from="external-secrets, pkg/controllers/secretstore/clientmanager: errClusterStoreMismatch",
    turns_red=("SMOKE-ESO-02[grafana-oidc]",),
)
def store_for_other_namespaces(world: World) -> None:
    """Somebody lists whom the store is for, and forgets Grafana's namespace: nothing there is refreshed any more, which
    its ExternalSecret says at its next refresh."""
    store = world.cluster.get("clustersecretstores", "", "infisical")
    named = {entry["metadata"]["namespace"] for entry in world.cluster.list("externalsecrets")} - {"grafana"}
    store["spec"]["conditions"] = [{"namespaces": sorted(named)}, {"namespaceRegexes": ["^grafana-"]}]


@fault(
    "external-secret-of-a-generator",
    known_from="external-secrets.io: sourceRef.generatorRef makes a new value at each refresh",
    turns_red=("SMOKE-ESO-02[grafana-oidc]",),
)
def external_secret_of_a_generator(world: World) -> None:
    """Somebody lets a generator make Grafana's client secret: no store is read any more, and Authentik knows none of
    what comes next."""
    spec = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")["spec"]
    del spec["data"], spec["secretStoreRef"]
    made = {"apiVersion": "generators.external-secrets.io/v1alpha1", "kind": "Password", "name": "grafana-oidc"}
    spec["dataFrom"] = [{"sourceRef": {"generatorRef": made}}]


@fault("secret-store-of-one-key-invalid", known_from="external-secrets.io", turns_red=("SMOKE-ESO-02[grafana-oidc]",))
def secret_store_of_one_key_invalid(world: World) -> None:
    """Grafana's ExternalSecret has a store of its own for its one key, whose credentials expired."""
    store = deepcopy(world.cluster.get("clustersecretstores", "", "infisical"))
    store["metadata"]["name"] = "vault"
    _not_ready(store, "InvalidProviderConfig", "unable to authenticate: permission denied")
    world.cluster.put(store)
    spec = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")["spec"]
    spec["data"][0]["sourceRef"] = {"storeRef": {"kind": "ClusterSecretStore", "name": "vault"}}


@fault(
    "external-secret-renamed-key",
    known_from="runbook R6, D10",
    turns_red=("SMOKE-ESO-03[grafana-oidc]", "OIDC-SECRET-01[grafana]", "OIDC-SECRET-02[grafana]"),
    root="OIDC-SECRET-01",
    other_roots=("SMOKE-ESO-03", "OIDC-SECRET-02"),
    blocks=("[grafana]",),
)
def external_secret_renamed_key(world: World) -> None:
    """Somebody renamed Grafana's key to client_secret in the ExternalSecret, and the operator wrote it so."""
    entry = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")
    entry["spec"]["data"][0]["secretKey"] = "client_secret"
    sync(world.cluster, entry)


@fault("external-secret-other-target", known_from="runbook R6", turns_red=("SMOKE-ESO-03[argocd-oidc]",))
def external_secret_other_target(world: World) -> None:
    """ArgoCD's ExternalSecret makes a Secret of another name since a refactoring; the old one stays behind."""
    world.cluster.get("externalsecrets", "argocd", "argocd-oidc")["spec"]["target"]["name"] = "argocd-oidc-secret"


@fault(
    "external-secret-changed-and-not-synced",
    known_from="external-secrets: shouldRefresh of the controller, and syncedResourceVersion",
    turns_red=("SMOKE-ESO-01[grafana-oidc]",),
)
def external_secret_changed_and_not_synced(world: World) -> None:
    """Grafana's ExternalSecret is refreshed when it changes alone; it was changed, and the operator has not looked."""
    entry = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")
    entry["spec"]["refreshPolicy"] = "OnChange"
    entry["metadata"]["generation"] = 2
