"""The outpost as the cluster reaches it (runbook D9)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy, read


@check(
    "FWD-OUT-03",
    trouble="The outpost does not answer, or cannot reach Authentik",
    claim="the outpost answers its ping and reaches the core's configuration endpoint",
    runbook="D9",
    blind="that it has loaded its providers (FWD-OUT-01, FWD-GATE-01), and NetworkPolicies of its own namespace",
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
)
def test_outpost_is_reached(outpost_ping: Answer, estate: Estate) -> None:
    """Its configuration comes from the core: without it an outpost knows no host and answers nobody."""
    outpost = estate.authentik.outpost
    namespace = outpost.namespace or estate.authentik.namespace
    assert outpost_ping.status == 204, because(
        f"the outpost {outpost.name!r} does not answer its ping with 204: {outpost_ping.summary}",
        remedy=Remedy(
            f"ask {outpost_ping.url} from a pod; the embedded outpost is switched off by "
            "AUTHENTIK_DISABLE_EMBEDDED_OUTPOST",
            read("kubectl -n {} get pods", namespace),
        ),
    )
