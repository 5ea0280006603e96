"""Authentik in the cluster: two server replicas, one worker, their Services, the mounted blueprints."""

from __future__ import annotations

from typing import Final

from lab import names
from lab.authentik.operations import BLUEPRINT_CONFIG_MAPS
from lab.cluster.objects import Age, new
from lab.cluster.seed.estate import Component, Front, plant_component
from lab.cluster.seed.workloads import Workload
from lab.cluster.state import Cluster, Object
from lab.world import World

NAMESPACE: Final = "authentik"
WORKER_IP: Final = "10.42.2.22"
_LIVE, _READY = "/-/health/live/", "/-/health/ready/"
_FLOW: Final = "!Find [authentik_flows.flow, [slug, {}]]"

_CALLBACKS: Final = {
    "argocd": ("ArgoCD", "/auth/callback"),
    "grafana": ("Grafana", "/login/generic_oauth"),
    "infisical": ("Infisical", "/api/v1/sso/oidc/callback"),
}
_GROUPS: Final = ("platform-admins", "devops", "developers")


def _entry(model: str, identifiers: str, attrs: str) -> str:
    return f"  - model: {model}\n    identifiers: {{{identifiers}}}\n    attrs: {attrs}\n"


def _groups() -> str:
    return "".join(_entry("authentik_core.group", f"name: {name}", "{is_superuser: false}") for name in _GROUPS)


def _oidc(slug: str) -> str:
    title, path = _CALLBACKS[slug]
    redirect = f'{{matching_mode: strict, url: "https://{names.public_host(slug)}{path}"}}'
    attrs = (
        f"{{authorization_flow: {_FLOW.format('default-provider-authorization-implicit-consent')}, "
        f"invalidation_flow: {_FLOW.format('default-provider-invalidation-flow')}, "
        f"client_type: confidential, client_id: {slug}, redirect_uris: [{redirect}]}}"
    )
    provider = _entry("authentik_providers_oauth2.oauth2provider", f"name: {title}", attrs)
    return provider + _entry("authentik_core.application", f"slug: {slug}", f"{{name: {title}}}")


def _proxies() -> str:
    model = "authentik_providers_proxy.proxyprovider"
    flow = _FLOW.format("default-provider-invalidation-flow")
    return "".join(
        _entry(
            model,
            f"name: {slug}",
            f'{{mode: forward_single, invalidation_flow: {flow}, external_host: "https://{names.public_host(slug)}"}}',
        )
        for slug in names.GATED_APPLICATIONS
    )


def _blueprint(name: str, heading: str) -> str:
    head = f"version: 1\nmetadata:\n  name: {heading}\nentries:\n"
    _, _, slug = name.rpartition("provider-")
    if slug in _CALLBACKS:
        return head + _oidc(slug)
    if name.endswith("proxy-providers"):
        return head + _proxies()
    if name.endswith("groups"):
        return head + _groups()
    return head + _entry("authentik_core.group", "name: sso-conformance", "{is_superuser: false}")


def _config_maps(age: Age) -> list[Object]:
    labels = {"app.kubernetes.io/component": "blueprint"}
    return [
        new(
            "v1",
            "ConfigMap",
            name,
            NAMESPACE,
            created=age.created,
            labels=labels,
            data={key: _blueprint(name, title)},
        )
        for name, (key, title) in BLUEPRINT_CONFIG_MAPS.items()
    ]


def _secret_variable(name: str, key: str) -> Object:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "authentik-secrets", "key": key}}}


def _env() -> tuple[Object, ...]:
    return (
        {"name": "AUTHENTIK_HOST", "value": names.AUTH_URL},
        _secret_variable("AUTHENTIK_SECRET_KEY", "secret_key"),
        _secret_variable("AUTHENTIK_BOOTSTRAP_PASSWORD", "bootstrap_password"),
        _secret_variable("AUTHENTIK_POSTGRESQL__PASSWORD", "postgresql_password"),
    )


def _labels(component: str, version: str) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "authentik",
        "app.kubernetes.io/instance": "authentik",
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "authentik",
        "app.kubernetes.io/version": version,
    }


def _workload(component: str, version: str, ips: tuple[str, ...], keys: tuple[str, ...]) -> Workload:
    server = component == "server"
    ports = (("http", 9000), ("https", 9443), ("metrics", 9300)) if server else (("http", 9000), ("metrics", 9300))
    return Workload(
        NAMESPACE,
        f"authentik-{component}",
        f"ghcr.io/goauthentik/server:{version}",
        ips,
        keys,
        container=component,
        ports=ports,
        labels=_labels(component, version),
        env=_env(),
        env_from=({"secretRef": {"name": "authentik"}},),
        args=(component,),
        probe=(_LIVE, _READY),
        service_account="authentik",
        volumes=() if server else _volumes(),
        mounts=() if server else _mounts(),
    )


def _volumes() -> tuple[Object, ...]:
    return tuple(
        {"name": f"blueprints-cm-{name}", "configMap": {"name": name, "defaultMode": 420}}
        for name in BLUEPRINT_CONFIG_MAPS
    )


def _mounts() -> tuple[Object, ...]:
    return tuple(
        {"name": f"blueprints-cm-{name}", "mountPath": f"/blueprints/mounted/cm-{name}"}
        for name in BLUEPRINT_CONFIG_MAPS
    )


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put Authentik's objects into the cluster; `server_pods` and `worker_pods` keep its pods' names."""
    for config_map in _config_maps(age):
        cluster.put(config_map)
    version = world.authentik.version
    replicas = tuple(f"authentik-server/{number}" for number in range(len(names.SERVER_POD_IPS)))
    server = _workload("server", version, names.SERVER_POD_IPS, replicas)
    inside = Front("authentik-server", (("http", 80, "http"), ("https", 443, "https")))
    outside = Front(
        "authentik-server-lb",
        (("http", 9000, "http"), ("https", 9443, "https")),
        names.DIRECT_ADDRESS.partition(":")[0],
    )
    members = plant_component(cluster, Component("", server, (inside, outside)), age)
    cluster.server_pods = [pod["metadata"]["name"] for pod in members]
    worker = Component("", _workload("worker", version, (WORKER_IP,), ()))
    cluster.worker_pods = [pod["metadata"]["name"] for pod in plant_component(cluster, worker, age)]
