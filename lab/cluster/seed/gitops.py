"""Argo CD: its configuration, and the Applications that deploy the estate."""

from __future__ import annotations

from typing import Final

from lab import names
from lab.cluster.objects import Age, new
from lab.cluster.seed.estate import extra_names
from lab.cluster.state import Cluster, Object
from lab.world import World

NAMESPACE: Final = "argocd"
REPOSITORY: Final = "https://github.com/derio-net/frank.git"
REVISION: Final = "a27ac483b4c1f09ce3a86d2f5e7b90d1c6f4a835"
# Application -> the namespace it deploys to.
APPLICATIONS: Final = {
    "argocd": "argocd",
    "authentik": "authentik",
    "authentik-extras": "authentik",
    "external-secrets": "external-secrets",
    "grafana": "grafana",
    "hubble": "kube-system",
    "infisical": "infisical",
    "longhorn": "longhorn-system",
    "sso-conformance": "sso-conformance",
    "sympozium": "sympozium-system",
    "traefik": "traefik-system",
    "traefik-extras": "traefik-system",
    "whoami": "whoami",
}
OIDC_CONFIG: Final = f"""name: Authentik
issuer: {names.AUTH_URL}/application/o/argocd/
clientID: argocd
clientSecret: $argocd-oidc:oidc.authentik.clientSecret
requestedScopes: ["openid", "profile", "email", "groups", "offline_access"]
"""
# The form of Grafana's documentation ("Configure generic OAuth authentication", role mapping).
GRAFANA_ROLES: Final = (
    "contains(groups[*], 'platform-admins') && 'Admin' || contains(groups[*], 'devops') && 'Editor' || 'Viewer'"
)
POLICY: Final = "g, platform-admins, role:admin\ng, devops, role:admin\ng, developers, role:readonly\n"


def _application(name: str, namespace: str, age: Age) -> Object:
    source = {"repoURL": REPOSITORY, "path": f"apps/{name}/manifests", "targetRevision": "main"}
    destination = {"server": "https://kubernetes.default.svc", "namespace": namespace}
    policy = {"automated": {"selfHeal": True}, "syncOptions": ["ServerSideApply=true"]}
    made = new(
        "argoproj.io/v1alpha1",
        "Application",
        name,
        NAMESPACE,
        created=age.created,
        spec={
            "project": "infrastructure",
            "source": source,
            "destination": destination,
            "syncPolicy": policy,
        },
        status=_application_status(source, destination, age),
    )
    made["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return made


def _application_status(source: Object, destination: Object, age: Age) -> Object:
    return {
        "sync": {
            "status": "Synced",
            "revision": REVISION,
            "comparedTo": {"source": source, "destination": destination},
        },
        "health": {"status": "Healthy", "lastTransitionTime": age.rolled_out},
        "operationState": {
            "phase": "Succeeded",
            "message": "successfully synced (all tasks run)",
            "startedAt": age.ago(days=3, minutes=1),
            "finishedAt": age.rolled_out,
            "operation": {"sync": {"revision": REVISION}},
            "syncResult": {"revision": REVISION, "source": source},
        },
        "conditions": [],
        "reconciledAt": age.ago(minutes=2),
        "sourceType": "Directory",
    }


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put Argo CD's two ConfigMaps, Grafana's, and all Applications (Synced, Healthy, Succeeded)."""
    part_of = {"app.kubernetes.io/part-of": "argocd"}
    settings = {
        "url": f"https://{names.public_host('argocd')}",
        "oidc.config": OIDC_CONFIG,
        "admin.enabled": "true",
    }
    rbac = {"policy.csv": POLICY, "policy.default": "role:readonly", "scopes": "[groups]"}
    grafana = {"grafana.ini": _grafana_ini()}
    for namespace, name, data, labels in (
        (NAMESPACE, "argocd-cm", settings, part_of),
        (NAMESPACE, "argocd-rbac-cm", rbac, part_of),
        ("grafana", "grafana", grafana, {"app.kubernetes.io/name": "grafana"}),
    ):
        created = age.created
        cluster.put(new("v1", "ConfigMap", name, namespace, created=created, labels=labels, data=data))
    for name, namespace in (APPLICATIONS | {name: name for name in extra_names(world)}).items():
        cluster.put(_application(name, namespace, age))


def _grafana_ini() -> str:
    endpoints = f"{names.AUTH_URL}/application/o"
    return f"""[server]
root_url = https://{names.public_host("grafana")}
[auth.generic_oauth]
enabled = true
name = Authentik
client_id = grafana
scopes = openid profile email groups offline_access
auth_url = {endpoints}/authorize/
token_url = {endpoints}/token/
api_url = {endpoints}/userinfo/
role_attribute_path = {GRAFANA_ROLES}
"""
