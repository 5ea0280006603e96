"""Faults of what the cluster gives Authentik's pods: environment and mounted blueprints."""

from __future__ import annotations

from lab import seeded
from lab.faults import fault
from lab.world import World

_FORGOTTEN = "authentik-blueprints-provider-grafana"


@fault(
    "host-variable-of-the-old-domain",
    known_from="the move of the domain, August 2026",
    turns_red=("FWD-HOST-01[server]", "FWD-HOST-01[worker]"),
    warns=True,
)
def host_variable_of_the_old_domain(world: World) -> None:
    """AUTHENTIK_HOST on server and worker still names the old domain."""
    for name in ("authentik-server", "authentik-worker"):
        for variable in seeded.container(world, "authentik", name)["env"]:
            if variable["name"] == "AUTHENTIK_HOST":
                variable["value"] = "https://auth.old.derio.net"


@fault("blueprint-not-mounted", known_from="a blueprint missing in values.configMaps", turns_red=("SMOKE-BP-02",))
def blueprint_not_mounted(world: World) -> None:
    """The ConfigMap with Grafana's blueprint is there, but the worker does not mount it."""
    spec = seeded.pod_spec(world, "authentik", "authentik-worker")
    volume = f"blueprints-cm-{_FORGOTTEN}"
    spec["volumes"] = [each for each in spec["volumes"] if each["name"] != volume]
    container = spec["containers"][0]
    container["volumeMounts"] = [each for each in container["volumeMounts"] if each["name"] != volume]
