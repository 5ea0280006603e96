"""Where the outpost sends browsers (runbook D5, D6)."""

from fixtures.engine.checks import check
from fixtures.topics.outposts.rules import host_complaint


@check(
    "FWD-HOST-02",
    claim="the outpost's persisted `authentik_host` is the public URL (embedded: it alone decides; standalone: where "
    "Authentik deploys it, else its environment decides)",
    runbook="D5 D6",
    blind="that every replica has taken it over, which takes up to 15 seconds (FWD-GATE-02, FWD-GATE-03)",
)
def test_persisted_host_is_public(persisted_host, estate):
    """The embedded outpost does not read AUTHENTIK_HOST: that can be right while every gate leads elsewhere."""
    assert not host_complaint(persisted_host, estate.authentik.outpost.authentik_host)
