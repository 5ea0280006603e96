"""The public URL in the environment of Authentik's pods (runbook D6)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.model.signals import NotApplicable, NotVerified
from fixtures.topics.outposts.rules import AuthentikPart, environment_of, is_deployed_by_authentik
from fixtures.topics.providers.rules import same_origin
from fixtures.topics.workloads.expected import deployed
from fixtures.topics.workloads.rules import Workloads

VARIABLE = "AUTHENTIK_HOST"


@check(
    "FWD-HOST-01",
    claim="AUTHENTIK_HOST is the public URL on server and worker",
    runbook="D6",
    blind="where the embedded outpost sends browsers: it does not read this variable (FWD-HOST-02, FWD-GATE-02)",
    needs=("cluster",),
)
def test_public_url_in_the_environment(
    workload_objects: Workloads, authentik_part: AuthentikPart, estate: Estate
) -> None:
    """A standalone outpost lives by it; beside the embedded one people look at it, and it must not mislead them."""
    expected, ref = estate.authentik.outpost.authentik_host, authentik_part.ref
    workload = deployed(estate, ref, workload_objects)
    if is_deployed_by_authentik(workload):
        raise NotApplicable(
            "Authentik's worker deploys this outpost, and gives its pods the persisted setting (FWD-HOST-02)"
        )
    where, name = "global.env of Authentik's chart", VARIABLE
    if authentik_part.name == "outpost":
        # What it sends browsers to, where AUTHENTIK_HOST is how it reaches the server.
        where, name = "the manifest of the outpost", f"{VARIABLE}_BROWSER"
    given, taken, sources = environment_of(workload)
    found = name if name in given or name in taken or sources else VARIABLE
    value = given.get(found)
    remedy = (
        f"kubectl -n {ref.namespace} set env {ref.kind}/{ref.name} --list | grep {VARIABLE}; set in {where}: "
        f"{name}={expected}"
    )
    elsewhere = taken.get(found) or ", ".join(sources)
    if value is None and elsewhere:
        raise NotVerified(
            f"{ref.kind} {ref.name} has no {found} of its own; it may come from {elsewhere}, which the suite does "
            "not read",
            f"write it out in {where}: {name}={expected}",
            need="cluster",
        )
    assert value is not None, because(f"there is no {found}", remedy=remedy)
    assert same_origin(value, expected), because(f"{found} is {value!r}, not {expected}", remedy=remedy)
