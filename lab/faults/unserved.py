"""Faults of routes that Traefik leaves out, because of where they lead: their hosts are answered with 404.

Known from Traefik 3.7.13 itself, which was given the lab's objects (selftests/contract/traefik).
"""

from __future__ import annotations

from lab.arrangements import leave_out_empty_services, put_object, select_nothing, traefik_container
from lab.cluster.state import Object
from lab.faults import fault
from lab.world import World

_TURNS_RED = ("FWD-ROUTE-01[longhorn]", "FWD-GATE-06[longhorn]")
_BLOCKS = ("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]")


def _backend(world: World) -> Object:
    """Where Longhorn's route leads."""
    route = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")
    backend: Object = route["spec"]["routes"][0]["services"][0]
    return backend


@fault(
    "route-to-no-service",
    known_from="pkg/provider/kubernetes/crd/kubernetes_http.go: kubernetes service not found",
    turns_red=_TURNS_RED,
    blocks=_BLOCKS,
)
def route_to_no_service(world: World) -> None:
    """Longhorn's route names a Service that a release of its chart has renamed."""
    _backend(world)["name"] = "longhorn-ui"


@fault(
    "route-to-no-port",
    known_from="the same function: service port not found",
    turns_red=_TURNS_RED,
    blocks=_BLOCKS,
)
def route_to_no_port(world: World) -> None:
    """Longhorn's route names the container's port, which its Service does not have."""
    _backend(world)["port"] = 8000


@fault(
    "route-to-a-port-in-quotation-marks",
    known_from="pkg/provider/kubernetes/crd/kubernetes.go, getServicePort: text is compared with names alone",
    turns_red=_TURNS_RED,
    blocks=_BLOCKS,
)
def route_to_a_port_in_quotation_marks(world: World) -> None:
    """A template put the number of the port into quotation marks: Traefik looks for a port of that name."""
    _backend(world)["port"] = "80"


@fault(
    "external-name-not-allowed",
    known_from="the same function: externalName services not allowed",
    turns_red=_TURNS_RED,
    blocks=_BLOCKS,
)
def external_name_not_allowed(world: World) -> None:
    """Longhorn is reached in another cluster now, by an ExternalName Service, which Traefik does not take unasked."""
    spec = {"type": "ExternalName", "externalName": "longhorn.storage.example"}
    put_object(world, "v1", "Service", "longhorn-elsewhere", "longhorn-system", spec=spec)
    _backend(world)["name"] = "longhorn-elsewhere"


@fault(
    "empty-service-left-out",
    known_from="the same function: no servers found",
    turns_red=("SMOKE-UP-01[public]", "SMOKE-UP-03", "SMOKE-PODS-04", "FWD-ROUTE-02"),
    other_roots=("SMOKE-UP-03",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def empty_service_left_out(world: World) -> None:
    """No pod is behind Authentik's Service, and Traefik is told to load no route to such a one: 404 in place of 503."""
    leave_out_empty_services(world)
    select_nothing(world, "authentik", "authentik-server")


@fault(
    "ingress-class-gone",
    known_from="pkg/provider/kubernetes/ingress/kubernetes.go, shouldProcessIngress",
    options=("--lab-shape", "ingress"),
    turns_red=("SMOKE-UP-01[public]", "FWD-ROUTE-01"),
    other_roots=("FWD-ROUTE-01",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def ingress_class_gone(world: World) -> None:
    """The IngressClass went with the chart of before: Traefik loads none of the Ingresses that name it."""
    world.cluster.delete("ingressclasses", "", "traefik")


@fault(
    "provider-of-ingresses-off",
    known_from="traefik/traefik-helm-chart, providers.kubernetesIngress.enabled",
    options=("--lab-shape", "ingress"),
    turns_red=("SMOKE-UP-01[public]", "FWD-ROUTE-01"),
    other_roots=("FWD-ROUTE-01",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def provider_of_ingresses_off(world: World) -> None:
    """Traefik's chart was told to read its own kinds alone: no Ingress of the estate is served any more."""
    world.edge.reads_ingresses = False
    args = traefik_container(world)["args"]
    args[:] = [each for each in args if not each.startswith("--providers.kubernetesingress")]
