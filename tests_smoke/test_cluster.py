"""The Kubernetes API answers the suite (runbook S1)."""

from fixtures.engine.checks import because, check
from fixtures.model.remedy import Remedy, read


@check(
    "SMOKE-CLUSTER-01",
    trouble="The Kubernetes API does not answer, or refuses us",
    claim="the Kubernetes API answers and accepts the suite's credentials",
    runbook="S1",
    blind="that the credentials have every right that the other checks need; each of them names the rule it misses",
    needs=("cluster",),
)
def test_cluster_answers(cluster_version: str) -> None:
    """Every check of pods, Secrets and routes stands on it."""
    assert cluster_version.startswith("v"), because(
        f"what answers at the Kubernetes API's address gives no version of Kubernetes, but {cluster_version!r}",
        remedy=Remedy(
            "see whether the API server answers; then correct [cluster] in the estate file",
            read("kubectl get --raw /version"),
        ),
    )
