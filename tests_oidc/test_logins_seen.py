"""The applications as a person meets them, in a real browser (runbook H3); asked with --browser."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import workload_log
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotVerified
from fixtures.topics.logins.app_sessions import start_of
from fixtures.topics.seen.questions import AppSeen
from fixtures.topics.seen.rules import not_the_page


@check(
    "OIDC-SEEN-01",
    trouble="In a browser the login leads to no page that works",
    claim="a login in a browser, by the application's own login start, ends at a page of the application, signed in",
    runbook="H3 D1",
    blind="the application's further pages; pages that need rights which the probe user does not have",
    leaves="account",
    needs=("browser", "user"),
)
def test_page_of_the_application(app_seen: AppSeen, estate: Estate, app: OidcApplication) -> None:
    """A redirect made by a script, a script that does not load, a page that stays empty: HTTP shows none of them."""
    wrong = not_the_page(app_seen.page, estate, app)
    assert wrong is None or wrong.severity == "warning", because(wrong.what, wrong.remedy, kind=wrong.kind)
    assert app_seen.is_confirmed, because(
        f"the browser ends at {app_seen.page.at}, and {app.name} shows it no session",
        remedy=Remedy(
            "log in there in a browser, and look at its cookies (F12): which of them are refused, and why",
            *workload_log(app),
            page(start_of(app)),
        ),
    )
    assert wrong is None, because(wrong.what, wrong.remedy, severity=wrong.severity, kind=wrong.kind)


@check(
    "OIDC-SEEN-02",
    trouble="In a browser the logout leaves people logged in",
    claim="after the logout that a person clicks the browser is logged out of the application",
    runbook="H3",
    spec="OpenID Connect RP-Initiated Logout 1.0",
    blind="the session at Authentik, which outlives it where single_logout is not declared",
    requires=("OIDC-SEEN-01", "OIDC-LOGIN-03"),
    leaves="account",
    needs=("browser", "user"),
)
def test_logout_stays(app_seen: AppSeen, app: OidcApplication) -> None:
    """Where the page behind the logout begins the next login by itself, nobody gets out: Authentik knows them."""
    if app_seen.survives_logout is None:
        raise NotVerified(
            app_seen.after_logout,
            "give the suite a probe user without a second factor; OIDC-LOGIN-03 logs out of it without a browser",
        )
    by = f", by {app_seen.after_logout}" if app_seen.after_logout else ""
    assert not app_seen.survives_logout, because(
        f"a person logs out of {app.name} in a browser and is logged in after it{by}",
        remedy=Remedy(
            f"switch off the automatic login of {app.name}, or let its logout end the session at Authentik, too "
            f"(/application/o/{app.slug}/end-session/)",
            page(app.url),
        ),
        severity="warning",
    )
