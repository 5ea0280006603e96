"""Less is given to the suite: the estate is the runbook's, its file holds back what leads into it."""

from __future__ import annotations

from lab.registry import Table
from lab.shapes import shape
from lab.world import World


def _without_token(estate: Table) -> None:
    del estate["authentik"]["token"]


@shape("no-api-token", describe=_without_token)
def no_api_token(_: World) -> None:
    """Nobody gave the suite a token of Authentik's API."""


def _without_cluster(estate: Table) -> None:
    del estate["cluster"]
    estate["suite"]["vantage"] = "outside"


@shape("no-cluster-access", describe=_without_cluster)
def no_cluster_access(_: World) -> None:
    """A laptop outside the cluster, without a kubeconfig: Services and pods are out of reach as well."""
