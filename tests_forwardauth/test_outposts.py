"""The outpost: alive in every replica, and serving what it should (runbook D8, D9, H4)."""

from collections.abc import Sequence

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.names import WorkloadRef
from fixtures.exchange.api_objects import ApiOutpost, ProxyProvider
from fixtures.model.kinds import no_provider_of
from fixtures.model.remedy import Remedy, page, read
from fixtures.model.signals import NotDescribed
from fixtures.topics.operations.rules import same_version
from fixtures.topics.outposts.mending import assign_all, correct_gate
from fixtures.topics.outposts.rules import (
    Outpost,
    assignment_complaints,
    judging_outpost,
    replicas_wanted,
    served_elsewhere,
)
from fixtures.topics.providers.rules import provider_of_gate, proxy_of


@check(
    "FWD-OUT-01",
    trouble="An outpost is not alive, or of another version",
    claim="the outpost has a live instance per replica (seen within 60 seconds, unless the estate sets another "
    "bound), with the server's version",
    runbook="D8 D9",
    blind="how many replicas there should be, where the estate file does not say server_replicas: then one is enough",
    needs=("api",),
)
def test_outpost_is_alive(outpost: Outpost, server_version: str, estate: Estate) -> None:
    """An instance that is gone stays in the list without a time, and is not called outdated either."""
    within = estate.bounds.instance_last_seen_seconds
    live = outpost.live_instances(within)
    wanted = replicas_wanted(estate, outpost)
    names = ", ".join(sorted(entry.hostname or entry.uid for entry in live)) or "none"
    remedy = _read_log(estate.authentik.outpost_ref)
    assert len(live) >= wanted, because(
        f"{len(live)} of {wanted} instances of {outpost.name!r} reported in within {within:g} seconds: {names}",
        remedy=remedy,
    )
    other = [entry for entry in live if not same_version(entry.version, server_version)]
    assert not other, because(
        "; ".join(f"{entry.hostname or entry.uid} runs {entry.version}" for entry in other)
        + f", the server {server_version}: a rollout is stuck half-way",
        remedy=Remedy(
            f"let the rollout end, then: {remedy.sentence}",
            *remedy.steps,
        ),
    )


def _read_log(ref: WorkloadRef | None) -> Remedy:
    sentence = "the log of the outpost, where it runs, says why its websocket to Authentik ends"
    if ref is None:
        return Remedy(sentence)
    return Remedy(
        sentence,
        read("kubectl -n {} get pods -o wide", ref.namespace),
        read("kubectl -n {} rollout status {}/{} --watch=false", ref.namespace, ref.kind, ref.name),
        read("kubectl -n {} logs {}/{} --tail=200", ref.namespace, ref.kind, ref.name),
    )


@check(
    "FWD-OUT-02",
    trouble="No outpost serves the application as declared",
    claim="each application's provider is assigned to an outpost, has an application, and its external host is the "
    "public URL",
    runbook="H4",
    blind="that the outpost has loaded it (FWD-GATE-01)",
    requires=("provider_of_gate",),
    needs=("api",),
)
def test_provider_is_served(
    gate: ForwardAuthApplication,
    outpost: Outpost,
    outposts: Sequence[ApiOutpost],
    proxy_providers: list[ProxyProvider],
    estate: Estate,
) -> None:
    """The assignment lives in the database alone: after a restore without it every gate answers 404."""
    provider = proxy_of(gate, proxy_providers)
    judging = judging_outpost(gate, outpost, outposts)
    listed = page(estate.admin_page("outpost/outposts"))
    assert judging is not None, because(
        f"Authentik has no outpost {gate.outpost.name if gate.outpost else outpost.name!r}, which is to judge "
        f"{gate.name}; it lists {', '.join(entry.name for entry in outposts)}",
        remedy=Remedy(f"create it, or correct outpost of {gate.name} in the estate file", listed),
    )
    if gate.outpost is None and (another := served_elsewhere(provider, judging, outposts)):
        raise _judged_by_another(gate, another)
    wrong = assignment_complaints(gate, provider, judging, proxy_providers)
    # One trouble, and not one of each application.
    assert judging.providers, because(
        f"the outpost {judging.name!r} serves no provider at all",
        remedy=_choice(estate, gate, judging, outposts, proxy_providers, "; and all others that it is to judge"),
        kind=no_provider_of(f"outpost {judging.name}"),
    )
    assert not wrong, because(
        f"provider {provider.name!r} of {gate.name}: {'; '.join(wrong)}",
        remedy=correct_gate(estate, gate, provider)
        if provider.pk in judging.providers
        else _choice(estate, gate, judging, outposts, proxy_providers),
        kind=no_provider_of(gate.slug),
    )


def _choice(
    estate: Estate,
    gate: ForwardAuthApplication,
    judging: ApiOutpost,
    outposts: Sequence[ApiOutpost],
    proxy_providers: list[ProxyProvider],
    more: str = "",
) -> Remedy:
    """Lets the outpost serve the gate, and whatever else it is to judge. Only who is red looks through all of that."""
    alike = [each for each in estate.gated if each.outpost == gate.outpost]
    found = [proxy for each in alike if (proxy := provider_of_gate(each, proxy_providers)) is not None]
    assign = assign_all(estate, judging, outposts, [proxy.pk for proxy in found])
    provider = proxy_of(gate, proxy_providers)
    sentence = f"edit {judging.name!r}, and choose {provider.name!r}{more}"
    return Remedy(sentence, *assign, page(estate.admin_page("outpost/outposts")))


def _judged_by_another(gate: ForwardAuthApplication, name: str) -> NotDescribed:
    return NotDescribed(
        f"the provider of {gate.name} is assigned to the outpost {name!r}, which the estate file does not name for it",
        f'add to [[forward_auth]] {gate.name}: outpost = {{ name = "{name}", service = "namespace/service/name" }}; or '
        "assign the provider to the outpost of [authentik.outpost]",
        key="forward_auth.outpost",
        of=gate.name,
    )
