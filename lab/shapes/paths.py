"""Applications that share a host, each below a path of its own."""

from __future__ import annotations

from typing import Final

from lab import names, seeded
from lab.cluster.objects import Age, new
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE, OPEN, TRAEFIK, ingress_route
from lab.registry import Table
from lab.shapes import shape
from lab.world import World

HOST: Final = f"ops.{names.DOMAIN}"
BELOW: Final = "/longhorn"
_STRIPS: Final = "strip-longhorn"


def _below_a_path(estate: Table) -> None:
    longhorn = next(app for app in estate["forward_auth"] if app["name"] == "longhorn")
    longhorn["url"] = f"https://{HOST}{BELOW}"


@shape("gate-below-a-path", describe=_below_a_path)
def gate_below_a_path(world: World) -> None:
    """Longhorn and its gate live below a path of a host that others, without a gate, have the other paths of."""
    cluster = world.cluster
    provider = seeded.gate(world, "longhorn")
    provider.external_host = f"https://{HOST}{BELOW}"
    provider.follow_external_host()
    created = Age(world.clock.now()).created
    strips = {"stripPrefix": {"prefixes": [BELOW]}}
    cluster.put(new(TRAEFIK, "Middleware", _STRIPS, MIDDLEWARE_NAMESPACE, created=created, spec=strips))
    (rule,) = cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"]
    rule["match"] = f"Host(`{HOST}`) && PathPrefix(`{BELOW}`)"
    # The gate sees the whole path, the application what is left of it.
    rule["middlewares"].append({"name": _STRIPS, "namespace": MIDDLEWARE_NAMESPACE})
    beside = ingress_route("ops", "grafana", HOST, OPEN, {"name": "grafana", "port": 80}, created=created)
    beside["spec"]["routes"][0]["match"] = f"Host(`{HOST}`) && PathPrefix(`/status`)"
    cluster.put(beside)
