"""Authentik as the cluster reaches it (runbook D9)."""

from fixtures.engine.checks import because, check


@check(
    "SMOKE-UP-03",
    claim="the configuration endpoint answers JSON through the in-cluster Service (the Service's own port; 9000 is the "
    "container's)",
    runbook="D9",
    blind="namespaces that a NetworkPolicy keeps from asking: the question comes from where the suite runs",
)
def test_configuration_through_the_service(service_configuration, estate):
    """Outposts and the ingress's forward auth reach Authentik this way, and no other."""
    assert isinstance(service_configuration.object["capabilities"], list), because(
        f"{service_configuration.url} answers JSON that is not Authentik's configuration",
        remedy=f"kubectl -n {estate.authentik.namespace} get services,endpointslices: who answers there?",
    )
