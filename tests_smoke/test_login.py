"""The users of the suite can log in at all (runbook H3)."""

from fixtures.engine.checks import check


@check(
    "SMOKE-LOGIN-01",
    claim="the probe user's credentials are accepted by the login flow (the excluded user's, too)",
    runbook="H3",
    blind="flows that single applications bring along, and what the applications make of the login (OIDC-LOGIN-01)",
    leaves="own",
    needs=("user",),
)
def test_login_flow(login, login_user):
    """Every other login stands on it: a wrong password is tried here once, and then never again in this run."""
    assert login.credentials.username
