"""Authentik answers, is ready, and lets a login begin (runbook H1, H3, R3)."""

from fixtures.engine.checks import because, check


@check(
    "SMOKE-UP-01",
    claim="Authentik answers at each of its addresses",
    runbook="H1",
    blind="that its database answers (SMOKE-UP-02) or that anybody can log in",
)
def test_alive(alive, address):
    """Everything else stands on it: browsers and applications use the public address, the API is read at the direct."""
    assert alive.status == 200


@check(
    "SMOKE-UP-02",
    claim="Authentik is ready (its database answers), at each address",
    runbook="H1",
    blind="the worker, which has a readiness of its own (SMOKE-WORK-01)",
)
def test_ready(ready, address):
    """A server without its database still shows pages, and nobody can log in."""
    assert ready.status == 200


@check(
    "SMOKE-UP-04",
    claim="the admin interface is served to a browser",
    runbook="R3",
    blind="that its scripts load or that an administrator can log in",
)
def test_admin_interface(admin_page, estate):
    """It is where everything is mended by hand."""
    served = admin_page.status == 200 and "ak-interface-admin" in admin_page.text
    to_login = admin_page.status == 302 and admin_page.location.startswith(estate.authentik.public_url + "/")
    assert served or to_login, because(
        f"{estate.authentik.public_url}/if/admin/ answers {admin_page.summary}, neither the interface nor a login",
        fix="look at the ingress route of the auth host: every path has to reach Authentik's Service",
    )


@check(
    "SMOKE-UP-05",
    claim="the login flow's first stage asks for a user",
    runbook="H3",
    blind="that a user gets through its later stages (OIDC-LOGIN-01)",
)
def test_login_begins(first_challenge):
    """The page /if/flow/… answers 200 for any flow, whatever its stages; only the executor tells."""
    assert first_challenge.status == 200
