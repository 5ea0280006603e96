"""The addresses beside the discovery document's: one of nobody, and the one of RFC 8414."""

from fixtures.engine.checks import because, check
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy, read
from fixtures.topics.discovery.rules import Discovery, difference

# What Traefik says where it has no route.
NO_ROUTE = "404 page not found"


@check(
    "OIDC-DISC-10",
    trouble="An unknown slug is not answered with 404",
    claim="an unknown slug is 404, not somebody else's document",
    runbook="",
    spec="OpenID Connect Discovery 1.0 section 4.3",
    blind="other addresses that the ingress may answer with a default page",
)
def test_unknown_slug_is_not_found(unknown_discovery: Answer) -> None:
    """If anything is answered for anything, then the other discovery checks prove nothing."""
    look = read("curl -si {}", unknown_discovery.url)
    assert unknown_discovery.status == 404, because(
        f"an application that does not exist has a discovery document: {unknown_discovery.summary}",
        remedy=Remedy("look for a catch-all route or an error page of the ingress", look),
    )
    assert unknown_discovery.text.strip() != NO_ROUTE, because(
        f"the 404 is not Authentik's own but the ingress's ({NO_ROUTE}): the address does not reach Authentik",
        remedy=Remedy("look for a route that takes /application/o/ away from Authentik", look),
    )


@check(
    "OIDC-DISC-11",
    trouble="The RFC 8414 address serves another document",
    claim="the RFC 8414 address (with its trailing slash) gives the same document (w)",
    runbook="",
    spec="RFC 8414 section 3",
    blind="clients that ask it without the slash: Authentik answers those with 404",
    requires=("OIDC-DISC-01",),
)
def test_rfc8414_gives_the_same_document(rfc8414_discovery: Answer, discovery: Discovery) -> None:
    """Pure OAuth clients read this address; two documents that differ are two truths."""
    remedy = Remedy(
        "look for a route that takes /.well-known/ away from Authentik", read("curl -s {}", rfc8414_discovery.url)
    )
    served = rfc8414_discovery.status == 200 and rfc8414_discovery.object
    assert served, because(
        f"the RFC 8414 address answers {rfc8414_discovery.summary}", remedy=remedy, severity="warning"
    )
    differing = difference(discovery.document, rfc8414_discovery.object)
    assert not differing, because(
        f"the RFC 8414 document differs in {', '.join(differing)}", remedy=remedy, severity="warning"
    )
