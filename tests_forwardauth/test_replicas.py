"""The gate's replicas, each asked by its own address (runbook D5, H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import WorkloadRef
from fixtures.estate.places import patching
from fixtures.exchange.answers import Answer
from fixtures.exchange.services import Service, Services
from fixtures.model.kinds import SESSIONS_APART
from fixtures.model.outcomes import Root
from fixtures.model.remedy import Remedy, change, read
from fixtures.model.signals import Blocked, Broken, NotVerified, Signal
from fixtures.topics.gate.session_rules import failed_login
from fixtures.topics.gate.sessions import GateSession
from fixtures.topics.replicas.rules import ReplicaAnswer, differing_gates, knowing, refuse_unheard
from fixtures.topics.routes.addresses import asked_service
from fixtures.topics.routes.proxy import Proxy


@check(
    "FWD-GATE-03",
    trouble="The gate's replicas answer differently",
    claim="every replica of the gate gives the same answer",
    runbook="D5",
    blind="whether that answer is right (FWD-GATE-01, FWD-GATE-02)",
    leaves="session",
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
    optional=("gate_contact",),
)
def test_replicas_judge_alike(
    replica_gates: tuple[ReplicaAnswer, ...],
    gate_contact: Answer | Signal,
    gate: ForwardAuthApplication,
    estate: Estate,
) -> None:
    """Each replica has its own memory of outposts and providers; a stale one misleads every second visitor."""
    refuse_unheard(replica_gates, gate_contact)
    differing = differing_gates(replica_gates)
    told = "; ".join(
        f"{name}: " + ", ".join(f"{pod} says {value!r}" for pod, value in said.items())
        for name, said in differing.items()
    )
    # What runs an outpost of the gate's own the estate file does not say.
    run = None if gate.outpost else estate.authentik.outpost_ref
    assert not differing, because(
        f"the replicas of the gate answer a visitor differently: {told}; a change reaches every replica within 15 "
        "seconds, later than that one of them is stuck",
        remedy=_restart(run),
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


@check(
    "FWD-PASS-05",
    trouble="A login counts at one replica of the gate alone",
    claim="a login at the gate counts at each of its replicas, or visitors stay with the one that knows them",
    runbook="H4",
    blind="replicas that are not ready at the moment, and what a mesh keeps together",
    leaves="own",
    needs=("cluster", "inside", "user"),
)
def test_sessions_count_at_every_replica(
    session_at_replicas: tuple[ReplicaAnswer, ...],
    gate_contact: Answer,
    gate_session: GateSession,
    gate: ForwardAuthApplication,
    estate: Estate,
    proxy: Proxy,
    services: Services,
) -> None:
    """A standalone outpost's sessions are files of one pod: who meets another one is asked for a login again."""
    refuse_unheard(session_at_replicas, gate_contact)
    known = knowing(session_at_replicas)
    if not known.passing:
        raise _no_session(gate, gate_session)
    asked = asked_service(gate, estate, proxy.middlewares, services)
    keeps = asked is not None and asked.keeps_clients
    told = f"a session of the gate of {gate.name} is known to {', '.join(known.passing)}"
    told += f" and not to {', '.join(known.asking)}" if known.asking else ", and took several logins"
    apart = gate_session.went_round or bool(known.asking)
    if apart and (asked is None or (keeps and proxy.pods != 1)):
        raise NotVerified(
            f"{told}: whether visitors stay with one of them, or meet both, cannot be told",
            "nothing to add: where people are asked for a login again and again, let one replica judge",
        )
    assert keeps or not apart, because(
        f"{told}, and nothing keeps a visitor with one of them: every other request is sent to a login",
        remedy=_together(asked, proxy.pods),
        kind=SESSIONS_APART,
    )


def _no_session(gate: ForwardAuthApplication, session: GateSession) -> Signal:
    if isinstance(arrival := session.arrival, Broken):
        return Blocked(Root("FWD-PASS-01", gate.name, arrival.kind, arrival.cause, arrival.remedy))
    if wrong := failed_login(session.username, arrival, gate):
        return Blocked(Root("FWD-PASS-01", gate.name, wrong.kind, wrong.what, wrong.remedy))
    return NotVerified(
        f"no replica lets the session pass that a login at the gate of {gate.name} began",
        "nothing to add: how that login ended is FWD-PASS-01's",
    )


def _together(asked: Service | None, proxies: int) -> Remedy:
    sentence = (
        "a standalone outpost keeps its sessions in files of its pod: let one replica judge (kubernetes_replicas where "
        "Authentik's worker deploys it), or the embedded outpost, whose sessions are in the database"
    )
    if asked is None:
        return Remedy(sentence)
    ref = asked.ref
    shown = read("kubectl -n {} get service {} -o yaml", ref.namespace, ref.name)
    if proxies != 1:
        return Remedy(sentence, shown)
    sticky = patching(ref.namespace, "service", ref.name, {"spec": {"sessionAffinity": "ClientIP"}})
    return Remedy(f"{sentence}; or, as the proxy has one pod, let the Service keep it with one replica", shown, sticky)
