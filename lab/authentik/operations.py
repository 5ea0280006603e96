"""What Authentik's machinery did: versions, workers, blueprints, tasks, schedules and events."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lab.authentik.accounts import stable_uuid
from lab.authentik.records import Blueprint, Event, Schedule, Task, Worker

__all__ = [
    "BLUEPRINT_CONFIG_MAPS",
    "BRAND",
    "Blueprint",
    "Event",
    "Operations",
    "Schedule",
    "Task",
    "Worker",
    "blueprint_path",
]

_EVENTS_KEPT: Final = 5000

BRAND: Final = {
    "pk": stable_uuid("brand", "authentik-default").replace("-", ""),
    "app": "authentik_brands",
    "name": "Default brand",
    "model_name": "brand",
}

# The blueprint ConfigMaps of the estate (file, heading), mounted in the worker under /blueprints/mounted/cm-<name>.
BLUEPRINT_CONFIG_MAPS: Final = {
    "authentik-blueprints-groups": ("groups.yaml", "Groups"),
    "authentik-blueprints-provider-argocd": ("provider-argocd.yaml", "ArgoCD OIDC Provider"),
    "authentik-blueprints-provider-grafana": ("provider-grafana.yaml", "Grafana OIDC Provider"),
    "authentik-blueprints-provider-infisical": ("provider-infisical.yaml", "Infisical OIDC Provider"),
    "authentik-blueprints-proxy-providers": ("proxy-providers.yaml", "Proxy Providers"),
    "authentik-blueprints-sso-conformance": ("sso-conformance.yaml", "SSO conformance probe"),
}


def blueprint_path(config_map: str) -> str:
    """The path by which Authentik names the one file of a mounted ConfigMap, relative to /blueprints."""
    return f"mounted/cm-{config_map}/{BLUEPRINT_CONFIG_MAPS[config_map][0]}"


@dataclass
class Operations:
    """The tables. `events` runs from oldest to newest and forgets the oldest."""

    version_latest: str = "0.0.0"
    history: list[tuple[datetime, str]] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    blueprints: list[Blueprint] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=_EVENTS_KEPT))

    def blueprint(self, path: str) -> Blueprint | None:
        """The instance of the file at that path (relative to /blueprints)."""
        return next((entry for entry in self.blueprints if entry.path == path), None)

    def schedule(self, actor: str) -> Schedule | None:
        """The schedule of that actor."""
        return next((entry for entry in self.schedules if entry.actor == actor), None)
