"""A client's own forwarded headers decide nothing (runbook H4)."""

from urllib.parse import urlsplit

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import proxy_itself
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy
from fixtures.topics.gate.questions import Attempt
from fixtures.topics.gate.redirect import gated_alike, return_address, same_address


@check(
    "FWD-FWD-01",
    trouble="Forged headers change which gate judges",
    claim="forged X-Forwarded-Host/-Uri/-Proto do not change which gate judges",
    runbook="H4",
    blind="clients inside the proxy's trusted networks, if it has any: the suite asks from where it runs",
    leaves="session",
)
def test_forged_forwarding(forged_forwarding: tuple[Attempt, ...], gate_contact: Answer, estate: Estate) -> None:
    """The gate believes the proxy: if the proxy believes the client, he chooses the application that judges him."""
    remedy = Remedy(
        "let the entry point discard what clients send: no forwardedHeaders.insecure, and only real proxies in "
        "forwardedHeaders.trustedIPs (Traefik's arguments)",
        *proxy_itself(estate),
    )
    # What the proxy says of the scheme without anybody forging it is another check's (FWD-GATE-02).
    scheme = urlsplit(return_address(gate_contact)).scheme
    for attempt in forged_forwarding:
        believed = f"the proxy hands a client's own {attempt.what} on to the gate, which believes it"
        assert gated_alike(attempt.answer, gate_contact), because(
            f"{believed}: another gate judges, or none", remedy=remedy
        )
        asked = urlsplit(attempt.answer.url)
        same = same_address(return_address(attempt.answer), asked._replace(scheme=scheme).geturl())
        assert same, because(
            f"{believed}: the login would end at another address than the one asked for", remedy=remedy
        )
