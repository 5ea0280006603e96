"""The public URL in the environment of Authentik's pods (runbook D6)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.names import WorkloadRef
from fixtures.exchange.labels import is_made_by_authentik
from fixtures.model.kinds import LOGIN_LOOP
from fixtures.model.remedy import Remedy, change, read
from fixtures.model.signals import NotApplicable, NotVerified
from fixtures.topics.outposts.rules import (
    VARIABLE,
    AuthentikPart,
    Environment,
    Sources,
    environment_of,
    with_sources,
)
from fixtures.topics.providers.rules import same_origin
from fixtures.topics.workloads.expected import deployed
from fixtures.topics.workloads.rules import Workloads


@check(
    "FWD-HOST-01",
    trouble="AUTHENTIK_HOST is not the public address",
    claim="AUTHENTIK_HOST, where server and worker have it, is the public URL ((w) beside the embedded outpost, which "
    "does not read it), and the server's AUTHENTIK_HOST_BROWSER is no other host; a standalone outpost has it",
    runbook="D6",
    blind="where the embedded outpost sends browsers (FWD-HOST-02, FWD-GATE-02), and the value where it comes from a "
    "Secret, of which the keys' names alone are read",
    requires=("public_ready",),
    needs=("cluster",),
)
def test_public_url_in_the_environment(
    environment_sources: Sources, workload_objects: Workloads, authentik_part: AuthentikPart, estate: Estate
) -> None:
    """A standalone outpost lives by it; beside the embedded one people look at it, and it must not mislead them."""
    expected, ref = estate.authentik.outpost.authentik_host, authentik_part.ref
    workload = deployed(estate, ref, workload_objects)
    environment = with_sources(environment_of(workload), ref.namespace, environment_sources)
    if is_made_by_authentik(workload):
        raise NotApplicable(
            "Authentik's worker deploys this outpost, and gives its pods the persisted setting (FWD-HOST-02)"
        )
    is_read = authentik_part.name == "outpost"
    if authentik_part.name == "server" and estate.authentik.outpost.is_embedded:
        _judge_browsers_host(environment.values.get(f"{VARIABLE}_BROWSER", ""), expected, ref)
    # What it sends browsers to, where AUTHENTIK_HOST is how it reaches the server.
    where, name = (
        ("the manifest of the outpost", f"{VARIABLE}_BROWSER") if is_read else ("Authentik's values", VARIABLE)
    )
    known = (*environment.values, *environment.taken)
    found = name if name in known or environment.sources else VARIABLE
    value = environment.values.get(found)
    if value is None and found not in environment.taken:
        if environment.sources:
            raise _unseen(environment, ref, found, f"write it out in {where}: {name}={expected}")
        if not is_read:
            raise NotApplicable(f"{ref.kind} {ref.name} has no {VARIABLE}, which nothing there reads (FWD-HOST-02)")
    remedy = Remedy(
        f"set it in {where}, or the next rollout takes it back: {name}={expected}; unless that address is wrong: then "
        "correct it in [authentik] of the estate file",
        read("kubectl -n {} set env {}/{} --list", ref.namespace, ref.kind, ref.name),
        change("kubectl -n {} set env {}/{} {}", ref.namespace, ref.kind, ref.name, f"{name}={expected}"),
    )
    assert value is not None or found in environment.taken, because(f"there is no {found}", remedy=remedy)
    unread = "" if is_read else "; the embedded outpost does not read it, but people do"
    assert value is None or same_origin(value, expected), because(
        f"{found} is {value!r}, not {expected}{unread}", remedy=remedy, severity="error" if is_read else "warning"
    )


def _unseen(environment: Environment, ref: WorkloadRef, found: str, way_out: str) -> NotVerified:
    return NotVerified(
        f"{ref.kind} {ref.name} has no {found} of its own; it may come from "
        f"{', '.join(map(str, environment.sources))}, whose keys the suite may not see",
        f"{way_out}; or let the suite get that object in namespace {ref.namespace} (who may get a Secret may read it)",
    )


def _judge_browsers_host(found: str, expected: str, ref: WorkloadRef) -> None:
    """The embedded outpost asks for tokens in that host's name, and takes those of its persisted authentik_host."""
    name = f"{VARIABLE}_BROWSER"
    assert not found or same_origin(found, expected), because(
        f"the server has {name}={found}: its outpost asks for tokens in that name, and takes only those of {expected}, "
        "so that logins at its gates go round",
        remedy=Remedy(
            "take it out of Authentik's values, or the next rollout brings it back",
            read("kubectl -n {} set env {}/{} --list", ref.namespace, ref.kind, ref.name),
            change("kubectl -n {} set env {}/{} {}-", ref.namespace, ref.kind, ref.name, name),
        ),
        kind=LOGIN_LOOP,
    )
