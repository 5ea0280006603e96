"""Faults that only show inside the cluster: Services, single replicas, the outpost's own address."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lab.arrangements import select_nothing
from lab.cluster.state import Object
from lab.faults import fault
from lab.faults.rewriting import at, becomes_page, replacing, where
from lab.world import World

_CONFIGURATION = "/api/v3/root/config/"
_PING = "/outpost.goauthentik.io/ping"


@fault(
    "service-answers-a-page",
    known_from="a mesh that wants mutual TLS",
    turns_red=("SMOKE-UP-03",),
    blocks=("FWD-OUT-03",),
)
def service_answers_a_page(world: World) -> None:
    """What stands before Authentik's Service answers plain requests inside the cluster with a page of its own."""

    def by_service(request: Request, _: Response) -> bool:
        return request.url.path == _CONFIGURATION and request.headers.get("host", "").startswith("authentik-server.")

    world.authentik.tampering.append(where(by_service, becomes_page(426, "Upgrade Required")))


@fault(
    "outpost-does-not-answer-its-ping",
    known_from="a rule for all of /outpost.goauthentik.io",
    turns_red=("FWD-OUT-03",),
)
def outpost_does_not_answer_its_ping(world: World) -> None:
    """The embedded outpost's router does not know its own ping any more."""
    world.authentik.tampering.append(where(at(_PING), becomes_page(404, "Not Found")))


@fault(
    "server-pod-behind-no-service",
    known_from="a label changed by hand",
    turns_red=("SMOKE-PODS-04",),
    blocks=("FWD-GATE-03", "FWD-PASS-05"),
)
def server_pod_behind_no_service(world: World) -> None:
    """One of the two server pods lost the label that the Service selects by, and gets no requests."""
    for piece in world.cluster.list("endpointslices", "authentik"):
        if piece["metadata"]["labels"]["kubernetes.io/service-name"] == "authentik-server":
            del piece["endpoints"][1:]


@fault(
    "replicas-of-two-configurations",
    known_from="a rollout that is stuck half-way",
    turns_red=("SMOKE-PODS-04",),
    blocks=("FWD-GATE-03", "FWD-PASS-05"),
)
def replicas_of_two_configurations(world: World) -> None:
    """One server replica runs with other settings than the other."""

    def by_second(request: Request, _: Response) -> bool:
        # Asked by the Service's name either may answer, and nobody is to notice by luck.
        own_address = request.headers.get("host", "").startswith("10.42.")
        return request.url.path == _CONFIGURATION and own_address and request.scope["replica"] == 1

    tampering = world.authentik.tampering
    other = where(by_second, replacing('"cache_timeout_flows":300', '"cache_timeout_flows":30'))
    tampering.append(other)

    def begins(pod: Object) -> None:
        """With the settings that its Deployment has now."""
        if pod["metadata"]["name"] == world.cluster.server_pods[1] and other in tampering:
            tampering.remove(other)

    world.cluster.starts.append(begins)


@fault(
    "outpost-replica-is-behind",
    known_from="a websocket that broke unnoticed",
    turns_red=("FWD-GATE-03[longhorn]",),
    blocks=("FWD-PASS-05[longhorn]",),
)
def outpost_replica_is_behind(world: World) -> None:
    """One replica's outpost has not heard that Longhorn's provider maps another scope, and asks for less."""
    authentik = world.authentik
    view = authentik.view(1)
    authentik.replicas[1].seen = replace(view, providers=[_earlier(provider) for provider in view.providers])


def _earlier(provider: Any) -> Any:  # noqa: ANN401
    if provider.name.lower() != "longhorn":
        return provider
    before = copy(provider)
    before.property_mappings = provider.property_mappings[:-1]
    return before


@fault(
    "server-service-selects-nothing",
    known_from="a chart's label that changed with its release: the Service kept the selector of before",
    turns_red=("SMOKE-UP-01[public]", "SMOKE-UP-03", "SMOKE-PODS-04", "FWD-ROUTE-02"),
    # Outside, all that is seen is the proxy's 503.
    other_roots=("SMOKE-UP-03",),
    blocks=("FWD", "OIDC", "SMOKE"),
)
def server_service_selects_nothing(world: World) -> None:
    """Authentik's pods run and are ready, but their Service selects other labels: nothing is behind it."""
    select_nothing(world, "authentik", "authentik-server")
