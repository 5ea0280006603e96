"""Faults of the Kubernetes API as the suite sees it (runbook S1)."""

from __future__ import annotations

from starlette.responses import PlainTextResponse

from lab.cluster.answers import Refusal
from lab.faults import fault
from lab.faults.rewriting import at, where
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


@fault(
    "external-secrets-not-converted",
    known_from="External Secrets Operator, an update by which the pods of its webhook were lost",
    turns_red=("SMOKE-ESO-01",),
    blocks=("SMOKE-ESO",),
)
def external_secrets_not_converted(world: World) -> None:
    """No pod of External Secrets Operator's webhook runs: the Kubernetes API cannot convert its objects."""
    message = (
        "conversion webhook for external-secrets.io/v1beta1, Kind=ExternalSecret failed: Post "
        '"https://external-secrets-webhook.external-secrets.svc:443/convert?timeout=30s": no endpoints available for '
        'service "external-secrets-webhook"'
    )
    refusal = Refusal(500, "InternalError", message).answer()
    world.cluster.tampering.append(where(at("/apis/external-secrets.io/v1/"), lambda _request, _response: refusal))
