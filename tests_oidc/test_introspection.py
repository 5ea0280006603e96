"""What Authentik says about tokens, and how it ends them (RFC 7662, RFC 7009)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import application_page
from fixtures.model.remedy import Remedy, read
from fixtures.topics.logins.rules import object_of
from fixtures.topics.tokens.own_client import ClientEntry
from fixtures.topics.tokens.own_tokens import Introspected, Revocations
from fixtures.topics.tokens.questions import error_code


@check(
    "OIDC-INTRO-01",
    trouble="Introspection answers wrongly about tokens",
    claim="introspection says nothing but `active: false` about garbage; an own token is active, then inactive after "
    "revocation",
    runbook="",
    spec="RFC 7662 section 2.2, RFC 7009 section 2.1",
    blind="tokens of other clients; the gates' sessions, which end with Authentik's",
    leaves="own",
    needs=("client", "user"),
)
def test_introspection_knows_live_tokens(introspected: Introspected, client: ClientEntry, estate: Estate) -> None:
    """A gate that takes Bearer tokens believes introspection; a revoked token that stays active opens it."""
    remedy = Remedy(
        "look for what answers in Authentik's place, or keeps its answers",
        read("curl -si -X POST {}", introspected.live.url),
        application_page(estate, client.declared.slug),
    )
    garbage = object_of(introspected.garbage)
    assert garbage == {"active": False}, because(
        "introspection answers a random text with "
        + (f"the members {', '.join(sorted(garbage))}" if garbage else introspected.garbage.summary)
        + ", not with active: false alone",
        remedy=remedy,
    )
    assert object_of(introspected.live).get("active") is True, because(
        f"introspection calls a fresh token of {client.name} inactive ({introspected.live.summary}), by its own client",
        remedy=remedy,
    )
    assert object_of(introspected.revoked) == {"active": False}, because(
        f"a token of {client.name} is still active after its revocation was answered {introspected.revocation.status}",
        remedy=remedy,
    )


@check(
    "OIDC-REVOK-01",
    trouble="Revocation takes a wrong secret, or refuses the right one",
    claim="revocation refuses a wrong secret (401) and accepts garbage with the right one (200)",
    runbook="",
    spec="RFC 7009 section 2.2",
    blind="that a revoked token is refused afterwards (OIDC-INTRO-01)",
    leaves="session",
    needs=("client",),
)
def test_revocation_knows_its_client(revocations: Revocations, client: ClientEntry, estate: Estate) -> None:
    """Who may revoke without the secret logs out whom he likes."""
    wrong, garbage = revocations.wrong_secret, revocations.garbage
    assert (wrong.status, error_code(wrong)) == (401, "invalid_client"), because(
        f"revocation answers a wrong secret of {client.name} with {error_code(wrong) or wrong.summary} "
        f"({wrong.status}), not invalid_client (401)",
        remedy=Remedy(
            "see whether the client is public in Authentik",
            read("curl -si -X POST {}", wrong.url),
            application_page(estate, client.declared.slug),
        ),
    )
    assert garbage.status == 200, because(
        f"revocation answers a token that nobody has with {error_code(garbage) or garbage.summary}, not 200: "
        "the client's own secret is not accepted, or clients would repeat what needs no repeating",
        remedy=Remedy(
            "compare [client] client_secret in the estate file with the provider's",
            application_page(estate, client.declared.slug),
        ),
    )
