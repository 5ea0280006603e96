"""The users of the suite can log in at all (runbook H3)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import flow_page, flow_url
from fixtures.login.journey import Session
from fixtures.model.kinds import login_stops
from fixtures.model.remedy import Remedy, read
from fixtures.topics.logins.questions import LoginAs
from fixtures.topics.logins.rules import is_of


@check(
    "SMOKE-LOGIN-01",
    trouble="Authentik does not let the probe user log in",
    claim="the probe user's credentials are accepted by the login flow (the excluded user's, too)",
    runbook="H3",
    blind="flows that single applications bring along, and what the applications make of the login (OIDC-LOGIN-01)",
    leaves="own",
    needs=("user",),
)
def test_login_flow(login: Session, login_user: LoginAs, estate: Estate) -> None:
    """Every other login stands on it: a wrong password is tried here once, and then never again in this run."""
    assert is_of(login.me, login_user.name), because(
        f"the login flow lets {login_user.name} through, but there is no session after it: {login.me.summary}",
        remedy=Remedy(
            "look for a user-login stage at the end of the login flow, and whether the ingress drops Set-Cookie",
            read("curl -sSi {}", flow_url(estate)),
            flow_page(estate, estate.authentik.login_flow),
        ),
        kind=login_stops("no session"),
    )
