"""Ways past the gate that are meant: the estate file names them in other_ways (runbook H4)."""

from __future__ import annotations

from lab import names
from lab.arrangements import put_object
from lab.faults.routes import ingress_past_the_gate, load_balancer_past_the_gate
from lab.registry import Table
from lab.variants import variant
from lab.world import World


def _declare(estate: Table, ref: str, reason: str, *gates: str) -> None:
    """Name a way beside those that the estate file names for these gates already; for all where none is said."""
    for gate in estate["forward_auth"]:
        if not gates or gate["name"] in gates:
            gate["other_ways"] = [*gate.get("other_ways", ()), {"ref": ref, "reason": reason}]


def _way_declared(estate: Table) -> None:
    _declare(estate, "longhorn-system/service/longhorn-ui-lb", "the backup job, on a network of its own", "longhorn")


@variant("load-balancer-declared", of=("load-balancer-past-the-gate",), describe=_way_declared)
def load_balancer_declared(world: World) -> None:
    """A LoadBalancer leads past the gate to Longhorn, and the estate file says why."""
    load_balancer_past_the_gate(world)


def _page_declared(estate: Table) -> None:
    _declare(estate, "sympozium-system/ingress/sympozium", "monitoring reads its health page", "sympozium")


@variant("page-past-the-gate-on-purpose", of=("ingress-past-the-gate",), describe=_page_declared)
def page_past_the_gate_on_purpose(world: World) -> None:
    """Sympozium's own Ingress opens its health page, and the estate file says that it is meant."""
    ingress_past_the_gate(world)


def _page_of_all_declared(estate: Table) -> None:
    _declare(estate, "grafana/ingress/status-page", "monitoring reads it of every host")


@variant("page-of-all-hosts-on-purpose", of=("wildcard-route-past-the-gate",), describe=_page_of_all_declared)
def page_of_all_hosts_on_purpose(world: World) -> None:
    """An Ingress of the domain and of all its hosts opens a status page, and the estate file says that it is meant."""
    service = {"name": "grafana", "port": {"number": 80}}
    page = {"path": "/.well-known/status-page", "pathType": "Exact", "backend": {"service": service}}
    domain = names.public_host("grafana").partition(".")[2]
    rules = [{"host": host, "http": {"paths": [page]}} for host in (f"*.{domain}", domain)]
    spec = {"ingressClassName": "traefik", "rules": rules}
    put_object(world, "networking.k8s.io/v1", "Ingress", "status-page", "grafana", spec=spec)
