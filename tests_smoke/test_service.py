"""The Service in front of Authentik's replicas (runbook S1, H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.names import NamespacedName
from fixtures.estate.places import restart_server
from fixtures.exchange.services import Services
from fixtures.model.kinds import Kind, no_service, nothing_behind
from fixtures.model.remedy import Remedy, read
from fixtures.topics.replicas.rules import ReplicaAnswer, differing_configuration, look_at_replica
from fixtures.topics.services.rules import is_configuration
from fixtures.topics.workloads.expected import deployed
from fixtures.topics.workloads.rules import Workloads


@check(
    "SMOKE-PODS-04",
    trouble="A server replica gets no traffic, or answers differently",
    claim="the Service has a ready endpoint per server replica, and each replica answers the same",
    runbook="S1 H4",
    blind="what a replica keeps in memory besides; its gate is asked by FWD-GATE-03",
    needs=("cluster", "inside"),
)
def test_replicas_answer_alike(
    replica_answers: tuple[ReplicaAnswer, ...], services: Services, workload_objects: Workloads, estate: Estate
) -> None:
    """Half of all requests go to the other replica: what only it does wrong shows up half of the time."""
    authentik, pods = estate.authentik, ", ".join(each.pod for each in replica_answers)
    wanted = authentik.server_replicas or deployed(estate, authentik.server_ref, workload_objects).spec.replicas
    assert len(replica_answers) >= max(wanted, 1), because(
        f"behind the Service {authentik.service} are {len(replica_answers)} of {wanted} server replicas, ready: "
        f"{pods or 'none'}; the others get no requests",
        remedy=Remedy(
            "compare the Service's selector with the pods' labels",
            read("kubectl -n {} get pods --show-labels", authentik.namespace),
            read("kubectl -n {} get endpointslices -o wide", authentik.namespace),
            read("kubectl -n {} get service {} -o yaml", authentik.namespace, authentik.service),
        ),
        kind=_kind(authentik.service_ref, services, nobody=not replica_answers),
    )
    for pod, answer in replica_answers:
        assert is_configuration(answer), because(
            f"the server replica {pod} is ready, but does not answer with its configuration: {answer.summary}",
            remedy=look_at_replica(estate, pod),
        )
    differing = differing_configuration(replica_answers)
    assert not differing, because(
        f"the server replicas ({pods}) do not agree about {', '.join(differing)} of their configuration: they run "
        "different versions, or with different settings",
        remedy=Remedy(
            "replicas of one version and one environment answer alike: start them anew",
            read("kubectl -n {} get pods -o wide", authentik.namespace),
            restart_server(estate),
        ),
    )


def _kind(ref: NamespacedName, services: Services, *, nobody: bool) -> Kind | None:
    if ref not in services:
        return no_service(ref)
    return nothing_behind(ref) if nobody else None
