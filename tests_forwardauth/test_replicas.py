"""The gate's replicas, each asked by its own address (runbook D5)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.names import WorkloadRef
from fixtures.model.remedy import Remedy, change, read
from fixtures.topics.replicas.rules import ReplicaAnswer, differing_gates


@check(
    "FWD-GATE-03",
    trouble="The gate's replicas answer differently",
    claim="every replica of the gate gives the same answer",
    runbook="D5",
    blind="whether that answer is right (FWD-GATE-01, FWD-GATE-02)",
    leaves="session",
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
)
def test_replicas_judge_alike(replica_gates: tuple[ReplicaAnswer, ...], estate: Estate) -> None:
    """Each replica has its own memory of outposts and providers; a stale one misleads every second visitor."""
    differing = differing_gates(replica_gates)
    told = "; ".join(
        f"{name}: " + ", ".join(f"{pod} says {value!r}" for pod, value in said.items())
        for name, said in differing.items()
    )
    authentik = estate.authentik
    assert not differing, because(
        f"the replicas of the gate answer a visitor differently: {told}; a change reaches every replica within 15 "
        "seconds, later than that one of them is stuck",
        remedy=_restart(authentik.outpost_ref),
    )


def _restart(workload: WorkloadRef | None) -> Remedy:
    sentence = "a replica without its websocket keeps old settings: start the outpost anew"
    if workload is None:
        return Remedy(sentence)
    ref = (workload.namespace, workload.kind, workload.name)
    return Remedy(
        sentence,
        read("kubectl -n {} logs {}/{} --tail=200", *ref),
        change("kubectl -n {} rollout restart {}/{}", *ref),
    )
