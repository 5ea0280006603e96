"""The gate's cookie (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import application_page
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy
from fixtures.topics.gate.redirect import cookie_complaints


@check(
    "FWD-COOKIE-01",
    trouble="The gate's cookie is not protected enough",
    claim="the gate's cookie is HttpOnly, SameSite, bounded (a week, unless the estate sets another bound), and Secure "
    "where the URL is https",
    runbook="H4",
    spec="RFC 6265 section 4.1.2",
    blind="whether it opens only its own application (FWD-PASS-04), and domains that browsers take no cookie for "
    "(public suffixes)",
    requires=("FWD-GATE-01",),
    leaves="session",
)
def test_cookie(gate_login: Answer, gate: ForwardAuthApplication, estate: Estate) -> None:
    """It is the visitor's login: whoever reads it is him."""
    wrong = cookie_complaints(gate_login, gate, estate.bounds.cookie_max_age_seconds)
    assert not wrong, because(
        f"the cookie that the gate sets: {'; '.join(wrong)}",
        remedy=Remedy(
            f"external host, cookie domain and token validity of the provider of {gate.slug!r} make "
            "it; then look for a middleware that rewrites Set-Cookie",
            application_page(estate, gate.slug),
        ),
    )
