"""Faults of Traefik 2: its old API group, traefik.containo.us, which version 3 does not see, and its rules."""

from __future__ import annotations

from lab import names
from lab.arrangements import put_object, put_route
from lab.cluster.seed.routes import MIDDLEWARE_NAMESPACE, rule_of
from lab.faults import fault
from lab.shapes.traefik_2 import move, of_the_old_group
from lab.world import World


@fault(
    "old-group-past-the-gate",
    known_from="traefik/traefik v2.11, client-containous.go: both groups are read",
    turns_red=("FWD-ROUTE-01[longhorn]",),
    options=("--lab-shape", "traefik-2"),
    blocks=("FWD-ROUTE-06[longhorn]",),
)
def old_group_past_the_gate(world: World) -> None:
    """An IngressRoute of Traefik's old API group opens a path of Longhorn's host, without the gate."""
    backend = {"name": "longhorn-frontend", "port": 80}
    rule = f"{rule_of('longhorn')} && PathPrefix(`/v1/ws`)"
    world.cluster.put(of_the_old_group(put_route(world, "longhorn-api", "longhorn-system", rule, backend)))
    world.cluster.delete("ingressroutes", "longhorn-system", "longhorn-api")


@fault(
    "old-group-route-not-migrated",
    known_from="doc.traefik.io, migrate/v2-to-v3-details: traefik.containo.us is removed in version 3",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-GATE-06[longhorn]"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def old_group_route_not_migrated(world: World) -> None:
    """Longhorn's route is of Traefik's old API group still, which Traefik 3 does not read."""
    move(world, "ingressroutes", "longhorn-system", "longhorn")


@fault(
    "old-group-gate-not-migrated",
    known_from="the same",
    turns_red=("FWD-ROUTE-02", "FWD-GATE-06"),
    blocks=("FWD",),
)
def old_group_gate_not_migrated(world: World) -> None:
    """The forward-auth middleware is of Traefik's old API group still: to Traefik 3 there is none."""
    move(world, "middlewares", MIDDLEWARE_NAMESPACE, "authentik-forwardauth")


@fault(
    "wildcard-ingress-past-the-gate",
    known_from="traefik/traefik v2.11, pkg/provider/kubernetes/ingress, buildHostRule: a template of version 2",
    turns_red=("FWD-ROUTE-01",),
    options=("--lab-shape", "traefik-2"),
    blocks=("FWD-ROUTE-06",),
)
def wildcard_ingress_past_the_gate(world: World) -> None:
    """An Ingress for all hosts of the domain opens a path on the gated ones too, beside a Traefik 2."""
    path = {
        "path": "/status-page",
        "pathType": "Prefix",
        "backend": {"service": {"name": "grafana", "port": {"number": 80}}},
    }
    rule = {"host": f"*.{names.DOMAIN}", "http": {"paths": [path]}}
    spec = {"ingressClassName": "traefik", "rules": [rule], "tls": [{"hosts": [f"*.{names.DOMAIN}"]}]}
    put_object(world, "networking.k8s.io/v1", "Ingress", "status-page", "grafana", spec=spec)
