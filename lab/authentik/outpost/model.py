"""Outposts, the instances that report in, and what a replica's embedded outpost has loaded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from lab.authentik.providers import ProxyProvider

EMBEDDED: Final = "goauthentik.io/outposts/embedded"
_DEFAULTS: Final[dict[str, Any]] = {
    "log_level": "info",
    "docker_labels": None,
    "authentik_host": "",
    "docker_network": None,
    "container_image": None,
    "docker_map_ports": True,
    "refresh_interval": "minutes=5",
    "kubernetes_replicas": 1,
    "kubernetes_namespace": "default",
    "authentik_host_browser": "",
    "object_naming_template": "ak-outpost-%(name)s",
    "authentik_host_insecure": False,
    "kubernetes_json_patches": None,
    "kubernetes_service_type": "ClusterIP",
    "kubernetes_ingress_path_type": None,
    "kubernetes_image_pull_secrets": [],
    "kubernetes_ingress_class_name": None,
    "kubernetes_disable_x509_strict": False,
    "kubernetes_disabled_components": [],
    "kubernetes_ingress_annotations": {},
    "kubernetes_ingress_secret_name": "authentik-outpost-tls",
    "kubernetes_httproute_annotations": {},
    "kubernetes_httproute_parent_refs": [],
}


def outpost_config(authentik_host: str) -> dict[str, Any]:
    """A whole outpost configuration: Authentik's defaults with this `authentik_host`."""
    return {**_DEFAULTS, "authentik_host": authentik_host}


@dataclass
class OutpostInstance:
    """A running instance as the health endpoint lists it.

    `replica` names the server replica whose pod is its hostname; `hostname` is used when there is none.
    `connected` False: gone for half a minute, still listed with null for what it last said.
    """

    uid: str
    version: str
    replica: int | None = None
    hostname: str = ""
    connected: bool = True


@dataclass
class Outpost:
    """An outpost; `providers` are primary keys, `managed` is EMBEDDED for the server's own."""

    pk: str
    name: str
    config: dict[str, Any]
    providers: list[int] = field(default_factory=list)
    type: str = "proxy"
    managed: str | None = None
    service_connection: str | None = None
    instances: list[OutpostInstance] = field(default_factory=list)

    @property
    def token_identifier(self) -> str:
        """The identifier of the token by which the outpost asks the API."""
        return f"ak-outpost-{self.pk}-api"


@dataclass
class OutpostView:
    """What one process of an outpost has in memory: its configuration and the providers it serves.

    `environment` is where a standalone one sends browsers: its AUTHENTIK_HOST_BROWSER, or else its AUTHENTIK_HOST. The
    embedded one goes by its configuration alone.
    """

    config: dict[str, Any]
    providers: list[ProxyProvider]
    name: str = ""
    environment: str = ""

    @property
    def authentik_host(self) -> str:
        """Where browsers are sent; empty where nothing says it."""
        return self.environment or str(self.config.get("authentik_host") or "")

    @property
    def sole_provider(self) -> ProxyProvider | None:
        """The provider that a standalone outpost with no other serves for whatever host."""
        return self.providers[0] if self.environment and len(self.providers) == 1 else None
