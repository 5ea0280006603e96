"""What server, worker and outposts write about themselves (runbook S2, D1, D8)."""

from collections.abc import Sequence

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.model.kinds import no_provider_of
from fixtures.model.outcomes import Severity
from fixtures.model.remedy import Remedy, read
from fixtures.model.signals import NotVerified
from fixtures.topics.logs.advice import advice
from fixtures.topics.logs.catalogue import Part
from fixtures.topics.logs.rules import Log, findings

BLIND = (
    "lines beyond bounds.log_lines or older than bounds.log_window_minutes, errors that Authentik does not log "
    "(a blueprint that fails), and what this run itself caused"
)


def judge(log: Log, parts: Sequence[Part], estate: Estate) -> None:
    """Errors fail, then warnings warn; each message holds all of its kind, and the advice for the first.

    Raises NotVerified where nothing was found, and a pod that runs did not show its log.
    """
    outpost = f"outpost {estate.authentik.outpost.name}"
    window = f"within {estate.bounds.log_window_minutes:g} minutes"
    clients = {told: app.client_id for app in estate.oidc for told in (*map(str, app.redirect_uris), app.client_id)}
    known = findings(log, parts, clients)
    severities: tuple[Severity, ...] = ("error", "warning")
    for severity in severities:
        found = [finding for finding in known if finding.severity == severity]
        told = "; ".join(finding.seen for finding in found)
        kinds = [no_provider_of(outpost) for finding in found if finding.entry.serves_nothing]
        assert not found, because(
            f"{window} {told}", remedy=advice(found[0], estate), kind=next(iter(kinds), None), severity=severity
        )
    if log.unread:
        raise NotVerified(
            f"the Kubernetes API gives no log of {', '.join(pod.name for pod in log.unread)}, though it runs: what it "
            "logs is not known",
            Remedy(
                "see what the node gives",
                *(read("kubectl -n {} logs {} --timestamps --tail=20", pod.namespace, pod.name) for pod in log.unread),
            ),
            need="cluster",
        )


@check(
    "SMOKE-LOG-01",
    trouble="Authentik's server logs known errors",
    claim="no server replica's recent log (previous container too) has an error that the catalogue knows; the suite's "
    "own lines, known by request id and User-Agent, do not count; strangers' refused requests are (w) unless they name "
    "a declared client",
    runbook="S2 D1",
    blind=BLIND,
    needs=("cluster",),
)
def test_server_log(server_log: Log, estate: Estate) -> None:
    """`kubectl logs deploy/…` shows one replica; a refused redirect URI or secret is told nowhere else."""
    judge(server_log, ("process", "server"), estate)


@check(
    "SMOKE-LOG-02",
    trouble="Authentik's worker logs known errors",
    claim="the worker's recent log has none",
    runbook="S2",
    blind=BLIND,
    needs=("cluster",),
)
def test_worker_log(worker_log: Log, estate: Estate) -> None:
    """Blueprints that are no YAML leave no other trace than a line of the worker."""
    judge(worker_log, ("process", "worker"), estate)


@check(
    "SMOKE-LOG-03",
    trouble="An outpost logs known errors",
    claim="the outposts' logs have none, wherever that outpost's logs really are; no match is not a pass",
    runbook="D8",
    blind=f"{BLIND}, and outposts that single gates name for themselves",
    needs=("cluster",),
)
def test_outpost_log(outpost_log: Log, estate: Estate) -> None:
    """The embedded outpost has no pods: the runbook's label matches nothing, and its lines are in the server's log."""
    # The embedded one shares its process with the server, whose log SMOKE-LOG-01 judges.
    judge(outpost_log, ("outpost",) if estate.authentik.outpost.is_embedded else ("outpost", "process"), estate)
