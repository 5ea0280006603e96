"""Nobody tells an application who he is but the gate (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.model.remedy import Remedy, change
from fixtures.topics.gate.questions import Echo
from fixtures.topics.gate.spoofing import BESIDES, IDENTITY, arrived


@check(
    "FWD-SPOOF-02",
    claim="a client's own X-authentik-* headers do not reach an application that echoes (username, groups, email, uid, "
    "name and jwt are errors, the others that the outpost emits are warnings)",
    runbook="H4",
    blind="requests after a login, other spellings (X-Authentik_Groups), and headers of the outpost's own invention "
    "(additionalHeaders)",
    leaves="session",
)
def test_forged_identity(echoed_identity: Echo, gate: ForwardAuthApplication) -> None:
    """The application believes these headers; where they are not overwritten, anybody is anybody."""
    echo, mark = echoed_identity.answer.text, echoed_identity.mark
    forged, besides = arrived(echo, mark, IDENTITY), arrived(echo, mark, BESIDES)
    edit = (
        [change("kubectl -n {} edit middlewares.traefik.io {}", gate.middleware.namespace, gate.middleware.name)]
        if gate.middleware
        else []
    )
    remedy = Remedy(
        "add to authResponseHeaders of the forward-auth middleware "
        f"{', '.join((*forged, *besides))}; if they stand there, look for a route to {gate.host} "
        "without the gate, and whether the proxy clears what is listed",
        *edit,
    )
    assert not forged, because(f"{gate.name} receives a client's own {', '.join(forged)}", remedy=remedy)
    assert not besides, because(
        f"{gate.name} receives a client's own {', '.join(besides)}", remedy=remedy, severity="warning"
    )
