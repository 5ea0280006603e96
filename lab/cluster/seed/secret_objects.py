"""Secrets, the ExternalSecrets that make them, and the store they come from."""

from __future__ import annotations

import base64
from typing import Final

from lab.cluster.external_secrets import Mapping, external_secret, synced_secret
from lab.cluster.objects import Age, new
from lab.cluster.state import Cluster, Object
from lab.world import World

GRAFANA_KEY: Final = "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"
ARGOCD_KEY: Final = "oidc.authentik.clientSecret"


def _mappings(world: World) -> list[tuple[str, Mapping]]:
    """Application and what External Secrets makes for it."""
    part_of = {"app.kubernetes.io/part-of": "argocd"}
    return [
        ("grafana", Mapping("grafana", "grafana-oidc", GRAFANA_KEY, "GRAFANA_OIDC_CLIENT_SECRET")),
        ("argocd", Mapping("argocd", "argocd-oidc", ARGOCD_KEY, "ARGOCD_OIDC_CLIENT_SECRET", part_of)),
        *((name, Mapping(name, "oidc-client", "OIDC_CLIENT_SECRET", _upstream(name))) for name in world.extra_oidc),
    ]


def _upstream(name: str) -> str:
    return f"{name.upper().replace('-', '_')}_OIDC_CLIENT_SECRET"


def _store(age: Age) -> Object:
    def credential(key: str) -> Object:
        return {"name": "infisical-credentials", "namespace": "external-secrets", "key": key}

    keys = {"clientId": credential("clientId"), "clientSecret": credential("clientSecret")}
    scope = {"projectSlug": "frank-cluster-iwpg", "environmentSlug": "prod", "secretsPath": "/"}
    infisical = {
        "hostAPI": "http://infisical.infisical.svc.cluster.local:8080/api",
        "auth": {"universalAuthCredentials": keys},
        "secretsScope": scope,
    }
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "Valid",
        "message": "store validated",
        "lastTransitionTime": age.rolled_out,
    }
    return new(
        "external-secrets.io/v1",
        "ClusterSecretStore",
        "infisical",
        created=age.created,
        spec={"provider": {"infisical": infisical}},
        status={"capabilities": "ReadOnly", "conditions": [ready]},
    )


def _opaque(namespace: str, name: str, values: dict[str, str], age: Age) -> Object:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    created = age.created
    return new("v1", "Secret", name, namespace, created=created, manager="sops", data=data, type="Opaque")


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put the store, the ExternalSecrets and all Secrets; the upstream values go to `cluster.upstream`."""
    cluster.put(_store(age))
    for application, mapping in _mappings(world):
        value = world.secrets.client_secret(application)
        cluster.upstream[mapping.remote_key] = value
        made = cluster.put(external_secret(mapping, created=age.created, refreshed=age.ago(minutes=12)))
        cluster.put(synced_secret(made, {mapping.key: value}, time=age.ago(days=30)))
    own = {key: world.secrets.client_secret(f"authentik {key}") for key in ("secret_key", "postgresql_password")}
    bootstrap = {"bootstrap_password": world.secrets.user_password}
    cluster.put(_opaque("authentik", "authentik-secrets", own | bootstrap, age))
    settings = {"AUTHENTIK_LOG_LEVEL": "info", "AUTHENTIK_POSTGRESQL__HOST": "authentik-postgresql"}
    cluster.put(_opaque("authentik", "authentik", settings, age))
    credentials = {"clientId": "lab", "clientSecret": world.secrets.client_secret("infisical credentials")}
    cluster.put(_opaque("external-secrets", "infisical-credentials", credentials, age))
