"""Authentik answers, is ready, and lets a login begin (runbook H1, H3, R3)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Address, Estate
from fixtures.estate.places import auth_route, authentik_pods, flow_page, server_log
from fixtures.exchange.answers import Answer
from fixtures.model.kinds import AUTHENTIK_DOWN, AUTHENTIK_NOT_READY
from fixtures.model.remedy import Remedy, page, read
from fixtures.topics.reachability.rules import is_well, look_at_pods, revive, said_of_health, shows_admin_interface


@check(
    "SMOKE-UP-01",
    trouble="Authentik does not answer",
    claim="Authentik answers at each of its addresses",
    runbook="H1",
    blind="that its database answers (SMOKE-UP-02) or that anybody can log in",
)
def test_alive(alive: Answer, address: Address, estate: Estate) -> None:
    """Everything else stands on it: browsers and applications use the public address, the API is read at the direct."""
    assert is_well(alive), because(
        f"Authentik at {address.url} ({address.name}) is not alive: {said_of_health(alive)}",
        remedy=revive(estate, address, alive),
        kind=AUTHENTIK_DOWN,
    )


@check(
    "SMOKE-UP-02",
    trouble="Authentik is up, but not ready",
    claim="Authentik is ready (its database answers), at each address",
    runbook="H1",
    blind="the worker, which has a readiness of its own (SMOKE-WORK-01)",
)
def test_ready(ready: Answer, address: Address, estate: Estate) -> None:
    """A server without its database still shows pages, and nobody can log in."""
    assert is_well(ready), because(
        f"Authentik at {address.url} ({address.name}) is alive but not ready: {said_of_health(ready)}; a 503 means "
        "that its database does not answer, or that it is still starting",
        remedy=look_at_pods(estate, address),
        kind=AUTHENTIK_NOT_READY,
    )


@check(
    "SMOKE-UP-04",
    trouble="The admin interface is not served",
    claim="the admin interface is served to a browser",
    runbook="R3",
    blind="that its scripts load or that an administrator can log in",
    leaves="session",
)
def test_admin_interface(admin_page: Answer, estate: Estate) -> None:
    """It is where everything is mended by hand."""
    assert shows_admin_interface(admin_page, estate.authentik.public_url), because(
        f"{estate.authentik.public_url}/if/admin/ answers {admin_page.summary}, neither the interface nor a login",
        remedy=Remedy(
            "look at the ingress route of the auth host: every path has to reach Authentik's Service",
            auth_route(estate),
            authentik_pods(estate),
        ),
    )


@check(
    "SMOKE-UP-05",
    trouble="The login does not begin by asking for a user",
    claim="the login flow's first stage asks for a user",
    runbook="H3",
    blind="that a user gets through its later stages (OIDC-LOGIN-01)",
    leaves="session",
)
def test_login_begins(first_challenge: Answer, estate: Estate) -> None:
    """The page /if/flow/… answers 200 for any flow, whatever its stages; only the executor tells."""
    flow = estate.authentik.login_flow
    bind_identification = Remedy("bind an identification stage first", flow_page(estate, flow))
    make_it = Remedy(
        "create that flow again (Authentik's own blueprint does, when it is applied), or correct login_flow in "
        "[authentik]",
        page(estate.admin_page("flow/flows")),
        page(estate.admin_page("blueprints/instances")),
    )
    assert first_challenge.status == 200, because(
        f"the login flow {flow} answers {first_challenge.summary}",
        remedy=make_it if first_challenge.status == 404 else Remedy("see why it fails", server_log(estate, flow)),
    )
    component = first_challenge.object.get("component")
    assert component is not None, because(
        f"what answers for the login flow {flow} is no challenge: {first_challenge.summary}",
        remedy=Remedy("look at what stands in front of Authentik's API", read("curl -si {}", first_challenge.url)),
    )
    assert component == "ak-stage-identification", because(
        f"the login flow {flow} begins with {component!r} instead of asking who logs in", remedy=bind_identification
    )
