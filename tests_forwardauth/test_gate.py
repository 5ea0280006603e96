"""An anonymous visitor meets the gate, and the gate leads to the right place (runbook H4, D5, D7, D8)."""

from fixtures.doors.http import Unreachable
from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import application_page
from fixtures.estate.urls import origin
from fixtures.exchange.answers import Answer
from fixtures.exchange.schemes import told_another, who_tells_it
from fixtures.model.kinds import FORWARDED_SCHEME, NO_PROVIDER, WRONG_AUTHENTIK_HOST, at_the_gate, ungated
from fixtures.model.remedy import Remedy, read
from fixtures.topics.gate.redirect import another_host, redirect_complaints, return_address, wrong_origin
from fixtures.topics.gate.rules import classify_refusal, speaker_of, where_to_look


@check(
    "FWD-GATE-01",
    trouble="People reach the application without a login",
    claim="an anonymous request is answered with a redirect to Authentik, never with the application",
    runbook="H4 D7",
    blind="paths that the estate file does not name, ways past the ingress (FWD-ROUTE-03), and whether a login then "
    "lets anybody through (FWD-PASS-01)",
    requires=("FWD-GATE-06",),
    leaves="session",
)
def test_gated(gated_pages: tuple[Answer, ...], gate: ForwardAuthApplication, estate: Estate) -> None:
    """An application without a login of its own is open to the whole network once its gate is gone."""
    remedies = where_to_look(estate, gate)
    for answer in gated_pages:
        speaker = speaker_of(answer, gate.expects.contains, by_traefik=not gate.gated_otherwise)
        assert speaker == "gate", because(
            f"{answer.url} answers an anonymous visitor with {answer.summary}: no login is asked for, so nothing, or "
            f"nothing that works, stands between the network and {gate.name}",
            remedy=remedies[speaker],
            kind=ungated(gate.name),
        )
        assert answer.location, because(
            f"{answer.url} refuses an anonymous visitor without leading to a login: {answer.summary}",
            remedy=remedies["gate"],
        )


@check(
    "FWD-GATE-02",
    trouble="The gate sends people to the wrong place",
    claim="that redirect's scheme, host and port are Authentik's public origin; client id, callback and the return URL "
    "in the state are this application's",
    runbook="D5 D7",
    blind="whether Authentik knows that client and callback (FWD-PASS-01), and other replicas (FWD-GATE-03)",
    requires=("FWD-GATE-01",),
    leaves="session",
)
def test_redirect(gate_login: Answer, gate: ForwardAuthApplication, estate: Estate) -> None:
    """The outpost's persisted authentik_host decides, not the environment: after a move it keeps the old name."""
    elsewhere = wrong_origin(gate_login, estate.authentik.outpost.authentik_host)
    # FWD-HOST-02 judges the estate's own outpost alone.
    kind = None if gate.outpost else WRONG_AUTHENTIK_HOST
    assert not elsewhere, because(*another_host(estate, gate, elsewhere), kind=kind)
    requested = gate.address(gate.paths[0])
    scheme = told_another(return_address(gate_login), requested)
    assert not scheme, because(
        f"the gate is told that visitors come by {scheme}: a login would lead back to {scheme}:// instead of "
        f"{origin(requested).split('//')[0]}//",
        remedy=who_tells_it(scheme, estate),
        kind=FORWARDED_SCHEME,
    )
    wrong = redirect_complaints(gate_login, gate, requested)
    assert not wrong, because(
        f"the gate of {gate.name} starts a login that does not end at {gate.url}: {'; '.join(wrong)}",
        remedy=Remedy(
            f"the external host of {gate.slug!r} must be {gate.external_url}; then look at the "
            "X-Forwarded-Proto and X-Forwarded-Host that the ingress sends to the gate",
            read("curl -si {}", gate.url),
            application_page(estate, gate.slug),
        ),
    )


@check(
    "FWD-GATE-06",
    trouble="An error answers where the gate should",
    claim="what is not a gate's answer is named for what it is: Authentik's 404, the proxy's 404, 403, 500, 502 or 503",
    runbook="D8",
    blind="an application that answers in the very words of the proxy",
    # It names the answer to FWD-GATE-01's question: a gate that works gives an anonymous session.
    leaves="session",
)
def test_answer_is_known(gate_contact: Answer | Unreachable, gate: ForwardAuthApplication, estate: Estate) -> None:
    """Each of them has another cause and another cure, and the outpost's log shows none of them."""
    assert not isinstance(gate_contact, Unreachable), because(
        f"{gate.name} at {gate.url} gives no answer: {gate_contact}",
        remedy=Remedy("see whether the name resolves, and what answers", read("curl -sSi {}", gate.url)),
        kind=gate_contact.kind,
    )
    refusal = classify_refusal(gate_contact, gate.expects.contains, by_traefik=not gate.gated_otherwise)
    assert refusal is None, because(
        f"{gate.name} answers an anonymous visitor with {gate_contact.summary}: {refusal.meaning}",
        remedy=_after(refusal.where, where_to_look(estate, gate)[refusal.speaker]),
        kind=NO_PROVIDER if refusal.speaker == NO_PROVIDER.trouble else at_the_gate(refusal.speaker),
    )


def _after(first: str, then: Remedy) -> Remedy:
    return Remedy(f"{first}: {then.sentence}", *then.steps)
