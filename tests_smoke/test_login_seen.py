"""Authentik's login page as a person meets it, in a real browser (runbook H3); asked with --browser."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import brands_page, flow_page, flow_url
from fixtures.model.remedy import Remedy, page, read
from fixtures.model.signals import NotVerified
from fixtures.topics.seen.visits import LoginSeen

NAMED = 3


@check(
    "SMOKE-SEEN-01",
    trouble="The login page does not get all that it loads",
    claim="all that Authentik's login page loads arrives, and no policy or plain http address keeps it from that",
    runbook="H3",
    blind="pages of other flows (enrolment, recovery); other browsers; what a user's own network blocks",
    leaves="own",
    needs=("browser", "user"),
)
def test_login_page_is_whole(login_seen: LoginSeen, estate: Estate) -> None:
    """A program logs in without a single script: one that is missing after an upgrade shows to people alone."""
    missing = "; ".join(map(str, login_seen.failed[:NAMED]))
    stop = login_seen.stop
    outcome = "people can log in all the same" if stop is None else str(stop)
    assert not missing, because(
        f"Authentik's login page lacks what it loads ({outcome}): {missing}",
        remedy=Remedy(
            "see whether the route of the auth host leads /static/ and /api/ to Authentik, whether "
            "all of it is of one version, and what headers are added on the way",
            read("curl -sI {}", f"{estate.authentik.public_url}/if/flow/{estate.authentik.login_flow}/"),
        ),
        severity="warning" if stop is None else "error",
    )


@check(
    "SMOKE-SEEN-02",
    trouble="The login page cannot be used in a browser",
    claim="the login page can be used within bounds.page_seconds, and a login typed into it ends in a session",
    runbook="H3",
    blind="other flows and stages than the probe user meets; how it looks",
    requires=("SMOKE-SEEN-01",),
    leaves="own",
    needs=("browser", "user"),
)
def test_login_page_can_be_used(login_seen: LoginSeen) -> None:
    """The form is drawn by scripts in the browser: that the server answers says nothing of it."""
    stop = login_seen.stop
    if isinstance(stop, NotVerified):
        raise stop.again()
    assert stop is None, because(stop.cause, stop.remedy, kind=stop.kind)


@check(
    "SMOKE-SEEN-03",
    trouble="The login page has errors in the browser's console",
    claim="the login page has no errors in the browser's console",
    runbook="H3",
    blind="warnings, and errors that only other browsers have",
    requires=("SMOKE-SEEN-01",),
    leaves="own",
    needs=("browser", "user"),
)
def test_login_page_is_quiet(login_seen: LoginSeen, estate: Estate) -> None:
    """A healthy login page has none at all: one is the first sign of what breaks with the next upgrade."""
    said = "; ".join(dict.fromkeys(login_seen.errors[:NAMED]))
    assert not said, because(
        f"the browser's console has errors of the login page: {said}",
        remedy=Remedy(
            "open it in a private window and look at its console (F12); then at what the brand adds to it",
            page(estate.authentik.public_url),
            brands_page(estate),
        ),
        severity="warning",
    )


@check(
    "SMOKE-SEEN-04",
    trouble="The login page sends people's browsers to third parties",
    claim="the login page asks no host but the estate's",
    runbook="H3",
    spec="OWASP ASVS 4.0.3 section 14.2.3",
    blind="what is only asked of some users, or after a while",
    leaves="own",
    needs=("browser", "user"),
)
def test_login_page_asks_nobody_else(login_seen: LoginSeen, estate: Estate) -> None:
    """Whoever it asks learns who logs in and when; and a script from there could read what is typed."""
    asked = ", ".join(f"{host} ({times}x)" for host, times in login_seen.strangers.items())
    assert not asked, because(
        f"the page into which passwords are typed asks {asked}, which the estate file does not name (the suite let "
        "nothing through)",
        remedy=Remedy(
            "look at the brand's custom CSS, logo and background, at the flow's background, and at what the proxy adds "
            "to pages; serve these files from Authentik itself",
            read("curl -sS {} | grep -F -e {}", flow_url(estate), next(iter(login_seen.strangers), "")),
            brands_page(estate),
            flow_page(estate, estate.authentik.login_flow),
        ),
        severity="warning",
    )


@check(
    "SMOKE-SEEN-05",
    trouble="Signing out in the browser leaves people signed in",
    claim="the sign-out that a person clicks ends the session at Authentik",
    runbook="H3",
    blind="the applications' own sessions (OIDC-SEEN-02)",
    requires=("SMOKE-SEEN-02",),
    leaves="own",
    needs=("browser", "user"),
)
def test_sign_out(login_seen: LoginSeen, estate: Estate) -> None:
    """It is a flow of its own, run by scripts: where these do not, whoever sits down next is still logged in."""
    assert login_seen.signed_out, because(
        f"{login_seen.username} signs out in a browser, and is still logged in at Authentik after it",
        remedy=Remedy(
            "open it when logged in, and see where it stops; the brand's invalidation flow needs a user-logout stage",
            page(f"{estate.authentik.public_url}/flows/-/default/invalidation/"),
            brands_page(estate),
            page(estate.admin_page("flow/flows")),
        ),
    )
