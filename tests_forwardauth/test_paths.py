"""No spelling of a path passes the gate (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import application_page
from fixtures.estate.urls import origin
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy
from fixtures.topics.gate.questions import Attempt
from fixtures.topics.gate.redirect import gated_alike
from fixtures.topics.gate.rules import refused_by_proxy


@check(
    "FWD-GATE-05",
    trouble="Some paths get past the gate",
    claim="path tricks (`//`, `/../`, encoded slashes, `;`), sent as they are, are gated alike",
    runbook="H4",
    spec="RFC 3986 section 6.2.2",
    blind="tricks with paths that really exist in the application, which are not touched",
    leaves="session",
)
def test_path_tricks(
    gated_paths: tuple[Attempt, ...], gate_contact: Answer, gate: ForwardAuthApplication, estate: Estate
) -> None:
    """Where the gate reads a path in one way and the application in another, an open path leads to a closed one."""
    last = gated_paths[-1]
    assert gated_alike(last.answer, gate_contact) or refused_by_proxy(last.answer), because(
        f"{origin(gate.url)}{last.what} is not refused as {gate.url}/ is: {last.answer.summary}; nothing more was "
        "tried",
        remedy=Remedy(
            "let the proxy resolve paths before it routes (Traefik: "
            "entryPoints.websecure.http.sanitizePath=true, its default), and anchor the "
            f"unauthenticated paths of {gate.slug!r}",
            application_page(estate, gate.slug),
        ),
    )
