"""The outpost: alive in every replica, and serving what it should (runbook D8, D9, H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.api_objects import ProxyProvider
from fixtures.model.kinds import no_provider_of
from fixtures.model.remedy import Remedy, page, read
from fixtures.topics.operations.rules import same_version
from fixtures.topics.outposts.rules import Outpost, assignment_complaints, replicas_wanted
from fixtures.topics.providers.rules import proxy_of


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
    ref = estate.authentik.outpost.workload or estate.authentik.server_ref
    where = ref.namespace, ref.kind, ref.name
    remedy = Remedy(
        "its log tells why its websocket to Authentik ends",
        read("kubectl -n {} get pods -o wide", ref.namespace),
        read("kubectl -n {} logs {}/{} --tail=200", *where),
    )
    assert len(live) >= wanted, because(
        f"{len(live)} of {wanted} instances of {outpost.name!r} reported in within {within:g} seconds: {names}",
        remedy=remedy,
    )
    other = [entry for entry in live if not same_version(entry.version, server_version)]
    assert not other, because(
        "; ".join(f"{entry.hostname or entry.uid} runs {entry.version}" for entry in other)
        + f", the server {server_version}: a rollout is stuck half-way",
        remedy=Remedy(
            f"let the rollout end; {remedy.sentence}",
            read("kubectl -n {} rollout status {}/{} --watch=false", *where),
            *remedy.steps,
        ),
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
    proxy_providers: list[ProxyProvider],
    estate: Estate,
) -> None:
    """The assignment lives in the database alone: after a restore without it every gate answers 404."""
    provider = proxy_of(gate, proxy_providers)
    wrong = assignment_complaints(gate, provider, outpost.settings, proxy_providers)
    remedy = Remedy(
        f"edit {outpost.name!r}, and choose {provider.name!r}; the other page has its own settings",
        page(estate.admin_page("outpost/outposts")),
        page(f"{estate.admin_page('core/providers')}/{provider.pk}"),
    )
    # One trouble, and not one of each application.
    assert outpost.settings.providers, because(
        f"the outpost {outpost.name!r} serves no provider at all",
        remedy=Remedy(f"{remedy.sentence}; and all others", *remedy.steps),
        kind=no_provider_of(f"outpost {outpost.name}"),
    )
    assert not wrong, because(
        f"provider {provider.name!r} of {gate.name}: {'; '.join(wrong)}",
        remedy=remedy,
        kind=no_provider_of(gate.slug),
    )
