"""Faults of the outpost: where it sends people, who of it lives, what it serves (runbook D5, D6, D9, H4)."""

from __future__ import annotations

from lab import seeded
from lab.faults import fault
from lab.world import World


@fault(
    "authentik-host-stale",
    known_from="2026-08-01: the domain moved, the database kept the old one",
    turns_red=("FWD-HOST-02", "FWD-GATE-02"),
    blocks=("FWD-PASS",),
)
def authentik_host_stale(world: World) -> None:
    """The outpost's persisted authentik_host still names the old domain, though AUTHENTIK_HOST is right."""
    seeded.outpost(world).config["authentik_host"] = "https://auth.cluster.derio.net"


@fault("authentik-host-blank", known_from="runbook D5", turns_red=("FWD-HOST-02", "FWD-GATE-02"), blocks=("FWD-PASS",))
def authentik_host_blank(world: World) -> None:
    """The outpost's persisted authentik_host is empty, as after a fresh installation."""
    seeded.outpost(world).config["authentik_host"] = ""


@fault("outpost-instance-gone", known_from="a replica whose websocket broke", turns_red=("FWD-OUT-01",))
def outpost_instance_gone(world: World) -> None:
    """The outpost of one replica does not report in any more."""
    seeded.outpost(world).instances[1].connected = False


@fault("outpost-of-another-version", known_from="a rollout that is stuck half-way", turns_red=("FWD-OUT-01",))
def outpost_of_another_version(world: World) -> None:
    """The outpost of one replica still runs the version before."""
    seeded.outpost(world).instances[1].version = "2026.2.1"


@fault(
    "outpost-lost-a-provider",
    known_from="a restored database",
    turns_red=("FWD-OUT-02[longhorn]", "FWD-GATE-06[longhorn]"),
    blocks=("[longhorn]", "FWD-PASS"),
)
def outpost_lost_a_provider(world: World) -> None:
    """Longhorn's provider is assigned to no outpost any more."""
    seeded.outpost(world).providers.remove(seeded.gate(world, "longhorn").pk)


@fault(
    "outpost-lost-all-providers",
    known_from="facts/estate.md: a restored database without its assignments",
    turns_red=("FWD-OUT-02", "FWD-GATE-06"),
    blocks=("FWD",),
)
def outpost_lost_all_providers(world: World) -> None:
    """The outpost serves no provider any more: every gated host answers Authentik's 404."""
    seeded.outpost(world).providers.clear()


@fault(
    "gate-without-a-provider",
    known_from="2026-07-12: a route with the gate, and no application for it",
    turns_red=("SMOKE-PROV-01[sympozium]", "FWD-GATE-06[sympozium]"),
    blocks=("[sympozium]", "FWD-PASS-04[hubble]"),
)
def gate_without_a_provider(world: World) -> None:
    """Sympozium has the gate on its route, and Authentik has neither an application nor a provider for it."""
    provider = seeded.gate(world, "sympozium")
    seeded.outpost(world).providers.remove(provider.pk)
    del world.authentik.applications["sympozium"], world.authentik.providers[provider.pk]


@fault(
    "external-host-of-the-old-domain",
    known_from="the move of the domain, August 2026",
    turns_red=("FWD-OUT-02[hubble]", "FWD-GATE-06[hubble]"),
    blocks=("[hubble]", "FWD-PASS-04[longhorn]"),
)
def external_host_of_the_old_domain(world: World) -> None:
    """Hubble's provider still has the old domain as its external host."""
    provider = seeded.gate(world, "hubble")
    provider.external_host = "https://hubble.cluster.derio.net"
    provider.follow_external_host()


@fault("skip-path-unanchored", known_from="an exemption for an API", turns_red=("FWD-ROUTE-04[longhorn]",))
def skip_path_unanchored(world: World) -> None:
    """Longhorn's provider leaves open whatever contains /v1."""
    seeded.gate(world, "longhorn").skip_path_regex = "/v1"
