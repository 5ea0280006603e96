"""Where the outpost sends browsers (runbook D5, D6)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.model.kinds import WRONG_AUTHENTIK_HOST
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotApplicable
from fixtures.topics.outposts.rules import Outpost, host_complaint


@check(
    "FWD-HOST-02",
    trouble="The outpost sends people to the wrong host",
    claim="the outpost's persisted `authentik_host` is the public URL (embedded: it alone decides; standalone: where "
    "Authentik deploys it, else its environment decides)",
    runbook="D5 D6",
    blind="that every replica has taken it over, which takes up to 15 seconds (FWD-GATE-02, FWD-GATE-03)",
    # What it is to be follows from the estate file's address, which proves nothing where Authentik does not answer.
    requires=("public_ready",),
    needs=("api",),
)
def test_persisted_host_is_public(outpost: Outpost, estate: Estate) -> None:
    """The embedded outpost does not read AUTHENTIK_HOST: that can be right while every gate leads elsewhere."""
    declared = estate.authentik.outpost
    if not declared.is_embedded and not outpost.is_deployed:
        raise NotApplicable("a standalone outpost that Authentik does not deploy takes its host from its environment")
    complaint = host_complaint(outpost.persisted_host(embedded=declared.is_embedded), declared.authentik_host)
    assert not complaint, because(
        f"authentik_host of {outpost.name!r}: {complaint}",
        remedy=Remedy(
            f"edit {outpost.name!r}, set authentik_host: {declared.authentik_host} and no other line "
            "(or correct [authentik] in the estate file)",
            page(estate.admin_page("outpost/outposts")),
        ),
        kind=WRONG_AUTHENTIK_HOST,
    )
