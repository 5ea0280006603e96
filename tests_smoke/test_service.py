"""The Service in front of Authentik's replicas (runbook S1, H4)."""

from fixtures.engine.checks import because, check
from fixtures.topics.replicas.rules import differing_configuration


@check(
    "SMOKE-PODS-04",
    claim="the Service has a ready endpoint per server replica, and each replica answers the same",
    runbook="S1 H4",
    blind="what a replica keeps in memory besides; its gate is asked by FWD-GATE-03",
)
def test_replicas_answer_alike(server_replicas, replica_answers, estate):
    """Half of all requests go to the other replica: what only it does wrong shows up half of the time."""
    namespace, pods = estate.authentik.namespace, ", ".join(each.pod for each in replica_answers)
    assert len(replica_answers) == len(server_replicas) > 0
    differing = differing_configuration(replica_answers)
    assert not differing, because(
        f"the server replicas ({pods}) do not agree about {', '.join(differing)} of their configuration: they run "
        "different versions, or with different settings",
        remedy=f"kubectl -n {namespace} get pods -o wide; then kubectl -n {namespace} rollout restart "
        f"deploy/{estate.authentik.server}",
    )
