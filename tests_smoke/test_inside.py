"""Authentik as the cluster reaches it (runbook D9)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy, read
from fixtures.topics.services.rules import is_configuration, look_at_service


@check(
    "SMOKE-UP-03",
    trouble="Authentik is not reached through its Service",
    claim="the configuration endpoint answers JSON through the in-cluster Service (the Service's own port; 9000 is the "
    "container's)",
    runbook="D9",
    blind="namespaces that a NetworkPolicy keeps from asking: the question comes from where the suite runs",
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
)
def test_configuration_through_the_service(service_configuration: Answer, estate: Estate) -> None:
    """Outposts and the ingress's forward auth reach Authentik this way, and no other."""
    answer = service_configuration
    assert is_configuration(answer), because(
        f"{answer.url} does not answer with Authentik's configuration: {answer.summary}",
        remedy=look_at_service(estate, answer.url),
    )
    assert isinstance(answer.object["capabilities"], list), because(
        f"{answer.url} answers JSON that is not Authentik's configuration",
        remedy=Remedy(
            "see who answers there in Authentik's place",
            read("kubectl -n {} get services,endpointslices", estate.authentik.namespace),
        ),
    )
