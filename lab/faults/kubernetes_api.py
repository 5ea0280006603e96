"""Faults of the Kubernetes API as the suite sees it (runbook S1)."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from lab.faults import fault
from lab.world import World


@fault(
    "cluster-credentials-expired",
    known_from="a ServiceAccount that was made anew",
    turns_red=("SMOKE-CLUSTER-01",),
    blocks=("FWD", "OIDC-DISC-03", "OIDC-SECRET", "OIDC-TOKEN-03", "SMOKE"),
)
def cluster_credentials_expired(world: World) -> None:
    """The suite's token for the Kubernetes API is not valid any more: 401."""
    del world.cluster.identities[world.secrets.kubernetes_suite_token]


@fault(
    "cluster-api-down",
    known_from="one control-plane node, rebooting",
    turns_red=("SMOKE-CLUSTER-01",),
    blocks=("FWD", "OIDC-DISC-03", "OIDC-SECRET", "OIDC-TOKEN-03", "SMOKE"),
)
def cluster_api_down(world: World) -> None:
    """The Kubernetes API takes no connection; what runs goes on running."""
    world.edge.silent.add("kubernetes")


@fault(
    "cluster-without-etcd",
    known_from="etcd without a leader",
    turns_red=("SMOKE-CLUSTER-01",),
    blocks=("FWD", "OIDC-DISC-03", "OIDC-SECRET", "OIDC-TOKEN-03", "SMOKE"),
)
def cluster_without_etcd(world: World) -> None:
    """The Kubernetes API answers 500: etcd has no leader."""
    refusal = PlainTextResponse("etcdserver: no leader", 500)
    world.cluster.tampering.append(lambda _request, _response: refusal)
