"""A login at the gate ends where it began (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import application_page, outpost_log, server_version
from fixtures.model.remedy import Remedy
from fixtures.topics.gate.paths import is_suffix_trick
from fixtures.topics.gate.questions import Attempt
from fixtures.topics.gate.redirect import foreign_return
from fixtures.topics.gate.rules import is_gate_redirect


@check(
    "FWD-RD-01",
    trouble="The gate would send people on to a foreign site",
    claim="a foreign `rd` is not carried into the state (domain mode: the suffix trick is a warning)",
    runbook="H4",
    spec="RFC 9700 section 4.11.2",
    blind="where the browser really ends after a login; a standalone outpost whose address the estate does not give",
    leaves="session",
)
def test_foreign_return(
    returns_through_ingress: tuple[Attempt, ...],
    returns_at_outpost: tuple[Attempt, ...],
    gate: ForwardAuthApplication,
    estate: Estate,
) -> None:
    """A link to a trusted host that ends, after a real login, at a page that asks for the password once more."""
    tricks = []
    for attempt in (*returns_through_ingress, *returns_at_outpost):
        answer = attempt.answer
        assert is_gate_redirect(answer), because(
            f"asked to start a login for {gate.name}, {answer.url.partition('?')[0]} answers {answer.summary}",
            remedy=Remedy(
                f"check whether each replica's outpost serves {gate.host}",
                *(() if gate.outpost else outpost_log(estate, gate.host)),
                application_page(estate, gate.slug),
            ),
        )
        carried = foreign_return(answer, gate)
        tricks += [carried] if carried and is_suffix_trick(attempt.what, gate) else []
        assert not carried or carried in tricks, because(
            f"a login at the gate that is asked to end at {attempt.what} will: its state carries {carried}",
            remedy=Remedy("update Authentik: this is an open redirect of the outpost", server_version(estate)),
        )
    assert not tricks, because(
        f"the gate of {gate.name} compares its cookie domain {gate.cookie_domain!r} as a mere ending: a login may end "
        f"at {', '.join(tricks)}",
        remedy=Remedy(
            f"keep names that end in {gate.cookie_domain!r} without a dot before it out of strangers' hands, or use "
            "single-application mode",
            application_page(estate, gate.slug),
        ),
        severity="warning",
    )
