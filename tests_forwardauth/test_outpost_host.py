"""Where the outpost sends browsers (runbook D5, D6)."""

from fixtures.checks import because, check
from fixtures.judging.outposts import host_complaint
from fixtures.observations.lists import console
from fixtures.signals import NotApplicable


@check(
    "FWD-HOST-02",
    claim="the outpost's persisted `authentik_host` is the public URL (embedded: it alone decides; standalone: where "
    "Authentik deploys it, else its environment decides)",
    runbook="D5 D6",
    blind="that every replica has taken it over, which takes up to 15 seconds (FWD-GATE-02, FWD-GATE-03)",
)
def test_persisted_host_is_public(outpost, estate):
    """The embedded outpost does not read AUTHENTIK_HOST: that can be right while every gate leads elsewhere."""
    declared = estate.authentik.outpost
    if not declared.is_embedded and not outpost["service_connection"]:
        raise NotApplicable("a standalone outpost that Authentik does not deploy takes its host from its environment")
    config = outpost["config"]
    browser = "" if declared.is_embedded else config.get("authentik_host_browser", "")
    complaint = host_complaint(browser or config.get("authentik_host", ""), declared.authentik_host)
    assert not complaint, because(
        f"authentik_host of {outpost['name']!r}: {complaint}",
        fix=f"{console(estate, 'outpost/outposts')}: edit {outpost['name']!r}, set authentik_host: "
        f"{declared.authentik_host} in its configuration, and leave every other line as it is",
    )
