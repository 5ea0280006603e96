"""The forward-auth middleware: whom it asks, and what it tells the application (runbook H4, D9)."""

from fixtures.engine.checks import because, check
from fixtures.model.signals import NotVerified
from fixtures.topics.expressions.go import NoExpression
from fixtures.topics.routes.middleware_rules import DETAILS, IDENTITY, not_overwritten


@check(
    "FWD-ROUTE-02",
    claim="the middleware exists, its address resolves to the outpost's Service, and that Service has endpoints",
    runbook="D9",
    blind="NetworkPolicies and DNS between the proxy and the outpost (FWD-GATE-06 asks through the proxy)",
)
def test_middleware_asks_the_outpost(gate_address):
    """Traefik answers 500 for every gated host when the address leads nowhere, and 404 when the object is missing."""
    assert gate_address


@check(
    "FWD-SPOOF-01",
    claim="the middleware overwrites the identity headers: an error for username, groups, email, uid, name, jwt; (w) "
    "for the others the outpost emits",
    runbook="H4",
    blind="headers that look alike (X-Authentik_Username), which some applications take for the same (FWD-SPOOF-02)",
)
def test_identity_headers_are_overwritten(gate_middleware):
    """What is not listed is passed on as the client sent it: anybody who may log in can call himself somebody else."""
    expression = gate_middleware.settings.get("authResponseHeadersRegex")
    try:
        identity = not_overwritten(gate_middleware.settings, IDENTITY)
        details = not_overwritten(gate_middleware.settings, DETAILS)
    except NoExpression as error:
        raise NotVerified(
            f"authResponseHeadersRegex of {gate_middleware.ref} cannot be read: {expression!r} ({error})",
            "list the headers in authResponseHeaders instead",
            need="cluster",
        ) from None
    said = f"a client's own headers pass the middleware {gate_middleware.ref} and reach the applications:"
    remedy = f"{gate_middleware.shown_by}; add to authResponseHeaders: {', '.join([*identity, *details])}"
    assert not identity, because(f"{said} {', '.join(identity)}, by which they know their users", remedy=remedy)
    assert not details, because(f"{said} {', '.join(details)}", remedy=remedy, severity="warning")
