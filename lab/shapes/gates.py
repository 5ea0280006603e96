"""Other gates: one for a whole domain, or one that runs in pods of its own."""

from __future__ import annotations

from lab import names, seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.providers import PolicyBinding
from lab.registry import Table
from lab.shapes import shape
from lab.shapes.routes import add_gated
from lab.world import World

GATE = "domain-gate"


def _one_gate(estate: Table) -> None:
    for app in estate["forward_auth"]:
        app |= {"slug": GATE, "mode": "domain", "cookie_domain": names.DOMAIN, "provider_url": names.AUTH_URL}
        app.pop("skip_paths", None)
    # Whom the gate refuses is refused everywhere.
    estate["excluded_user"]["applications"] = [app["name"] for app in estate["forward_auth"]]


@shape("domain-mode", describe=_one_gate)
def domain_mode(world: World) -> None:
    """One provider in domain mode stands before all gated applications; its logins are completed at Authentik's."""
    authentik = world.authentik
    for slug in names.GATED_APPLICATIONS:
        provider = seeded.provider(world, slug)
        del authentik.applications[slug], authentik.providers[provider.pk]
    for outpost in authentik.outposts.values():
        outpost.providers = []
    gate = add_gated(world, GATE, "Domain gate", names.AUTH_URL)
    gate.mode, gate.cookie_domain = "forward_domain", names.DOMAIN
    users = [authentik.directory.user(username) for username in ("conformance-probe", "svc-sso-conformance")]
    authentik.applications[GATE].bindings = [
        PolicyBinding(stable_uuid("binding", f"{GATE} {user.username}"), user=user.pk) for user in users if user
    ]
