"""The discovery document (runbook D11; OpenID Connect Discovery 1.0)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Address, Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import application_page, server_environment
from fixtures.estate.urls import host, origin, origin_of
from fixtures.exchange.answers import Answer
from fixtures.exchange.schemes import told_another, who_tells_it
from fixtures.model.kinds import FORWARDED_SCHEME, no_provider_of, no_signing_key
from fixtures.model.remedy import Remedy, page, read
from fixtures.model.signals import NotApplicable, NotVerified
from fixtures.topics.discovery.questions import FORGED_HOST, look_at, look_behind
from fixtures.topics.discovery.rules import (
    WHO_MAY_FORWARD,
    AtService,
    Discovery,
    difference,
    foreign_endpoints,
    is_told_inside,
    member_complaints,
    members_naming,
)


@check(
    "OIDC-DISC-01",
    trouble="The discovery document is not served",
    claim="discovery answers 200, JSON, no redirect",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 4",
    blind="that what the document says is right; the other OIDC-DISC checks judge that",
)
def test_discovery_answers(discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """Applications read it at start, some of them only then: a wrong answer shows up at the next restart."""
    remedy = look_at(estate, app)
    assert discovery.answer.status != 404, because(
        f"there is no application {app.slug!r} with an OAuth2 provider: {discovery.answer.summary}",
        remedy=remedy,
        kind=no_provider_of(app.slug),
    )
    assert not discovery.unserved, because(f"the discovery document {discovery.unserved}", remedy=remedy)


@check(
    "OIDC-DISC-02",
    trouble="The issuer is not the one the application expects",
    claim="the issuer is byte for byte the one the application is configured with, slash included",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 4.3",
    blind="that the application's configuration is what the estate file says (OIDC-RP-03 reads it where it can)",
    requires=("OIDC-DISC-05",),
)
def test_issuer_is_exact(discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """A slash or a host more or less, and the application refuses every ID token."""
    stated, expected = discovery.issuer, app.issuer
    scheme = told_another(stated, expected)
    assert not scheme, because(
        f"the issuer is at {origin(stated)}, but expected is {origin(expected)}: Authentik is told that visitors "
        f"come by {scheme}",
        remedy=who_tells_it(scheme, estate),
        kind=FORWARDED_SCHEME,
    )
    if is_told_inside(expected, stated, estate.authentik_of(app)):
        raise NotVerified(
            f"{app.name} asks Authentik at {origin(expected)}, where only its neighbours can: Authentik states the "
            f"issuer of the host that it is asked by, and here that is {origin(stated)}",
            f"look at that address what {app.name} is told, or correct its issuer in the estate file",
        )
    differing = (stated, expected) if origin(stated) == origin(expected) else (origin(stated), origin(expected))
    assert stated == expected, because(
        "the issuer is {!r}, but the application expects {!r}: it refuses every ID token".format(*differing),
        remedy=Remedy(
            f"make them equal: the slug of application {app.slug!r} and its provider's issuer mode, "
            "the scheme that the "
            f"ingress passes on (X-Forwarded-Proto), or the issuer setting of {app.name}"
            + estate.authentik.not_named_as_its_own(origin(expected)),
            read("curl -s {}", discovery.url),
            application_page(estate, app.slug),
        ),
    )


@check(
    "OIDC-DISC-03",
    trouble="Inside the cluster discovery says something else",
    claim="the in-cluster Service (with Host and X-Forwarded-Proto) gives the document that browsers get",
    runbook="D11 D9",
    blind="applications that ask the Service without the public Host: they get another issuer, as Authentik derives it",
    requires=("OIDC-DISC-01",),
    # Where to ask inside is read from the cluster: the Service's port, the replicas' addresses, the loaded routes.
    needs=("cluster", "inside"),
)
def test_service_gives_the_same_document(
    service_discovery: AtService, discovery: Discovery, app: OidcApplication, estate: Estate
) -> None:
    """An application inside the cluster and a browser outside must read of one and the same issuer."""
    assert not service_discovery.unserved, because(
        f"the discovery document at the Service {service_discovery.unserved}",
        remedy=look_behind(estate),
    )
    differing = difference(discovery.document, service_discovery.document)
    base = origin(estate.authentik_of(app))
    public_is_right = origin_of(discovery.issuer) == base
    if public_is_right and not service_discovery.believes_anybody and service_discovery.is_other_by_scheme(discovery):
        raise NotVerified(
            "Authentik does not believe the X-Forwarded-Proto that the suite sends to its Service: since 2026.8 it "
            "asks who sends it, and the suite is no proxy of this estate",
            "run the suite from an address of AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS, or leave it at that: what the "
            "ingress sends is judged by OIDC-DISC-02",
        )
    assert not differing, because(
        f"the Service's document (issuer at {origin_of(service_discovery.issuer)}) is not the public one (issuer at "
        f"{origin_of(discovery.issuer)}), it differs in {', '.join(differing)}: it leads to another Authentik, or "
        "the server does not believe Host and X-Forwarded-Proto",
        remedy=look_behind(estate),
        # Then it is the public document that is wrong, and said to be so.
        kind=FORWARDED_SCHEME if told_another(origin_of(discovery.issuer), base) else None,
    )


@check(
    "OIDC-DISC-04",
    trouble="A forged header changes the discovery document",
    claim="a forged X-Forwarded-Host through the public address does not change issuer or endpoints; "
    "through the direct address (w)",
    runbook="",
    spec="RFC 9700 section 2.6, OpenID Connect Discovery 1.0 section 7.2",
    blind="other forwarding headers, and caches between the ingress and the application",
)
def test_forged_host_is_not_believed(forged_discovery: Answer, address: Address, estate: Estate) -> None:
    """Whoever can choose the issuer's host can make an application ask his own token endpoint."""
    believed = members_naming(forged_discovery.object, FORGED_HOST)
    direct = address.name == "direct"
    assert FORGED_HOST not in forged_discovery.location, because(
        f"at {address.url} a forged X-Forwarded-Host redirects to {FORGED_HOST}",
        remedy=Remedy("see what answers there", read("curl -si {}", address.url)),
    )
    assert not believed, because(
        f"at {address.url} ({address.name}) a forged X-Forwarded-Host decides {', '.join(believed)}",
        remedy=Remedy(WHO_MAY_FORWARD[direct], server_environment(estate)),
        severity="warning" if direct else "error",
    )


@check(
    "OIDC-DISC-05",
    trouble="The discovery document lacks what clients need",
    claim="required members are present and of the right type",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="whether their values are right",
    requires=("OIDC-DISC-01",),
)
def test_required_members(discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """A relying party that misses one of them refuses to start, or falls back to guesses."""
    wrong = member_complaints(discovery.document)
    assert not wrong, because(
        f"the discovery document is not one that a relying party can use: {', '.join(wrong)}",
        remedy=Remedy(
            "compare what is served in public with Authentik's own answer, which never leaves them out",
            read("curl -s {}", discovery.url),
            read(
                "curl -s -H {} {}",
                f"Host: {host(discovery.url)}",
                discovery.url.replace(estate.authentik_of(app), estate.authentik.url, 1),
            ),
        ),
    )


@check(
    "OIDC-DISC-06",
    trouble="An endpoint is on another host than the issuer",
    claim="every endpoint has the issuer's scheme and host",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="that each endpoint answers; OIDC-AUTHZ, OIDC-TOKEN, OIDC-UINFO and OIDC-JWKS ask them",
    requires=("OIDC-DISC-02",),
)
def test_endpoints_are_the_issuers(discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """An http or in-cluster address in it sends codes and secrets over plain text, or nowhere."""
    foreign = foreign_endpoints(discovery.document, discovery.issuer)
    where = ", ".join(f"{name} is {url}" for name, url in foreign.items())
    assert not foreign, because(
        f"endpoints are not at the issuer's {origin(discovery.issuer)}: {where}",
        remedy=Remedy(
            "let the ingress pass Host and X-Forwarded-Proto on unchanged; custom answers are made "
            "in the brands or in the ingress",
            read("curl -s {}", discovery.url),
            page(estate.admin_page("core/brands")),
        ),
    )


@check(
    "OIDC-DISC-07",
    trouble="Discovery offers the wrong flow or algorithms",
    claim="`code` is offered; subject types valid; an asymmetric algorithm is offered, `none` is not; "
    'a lone HS256 is explained as "no signing key", unless it is declared',
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="which algorithm the application accepts",
    requires=("OIDC-DISC-05",),
)
def test_offers(discovery: Discovery, app: OidcApplication, estate: Estate) -> None:
    """Everything else stands on it: a code flow, and ID tokens that anybody can verify and nobody can forge."""
    offered, algorithms = discovery.document, discovery.signing_algorithms
    shown = application_page(estate, app.slug)
    assert not (discovery.signs_by_secret and app.signing_key), because(
        f"the provider has no signing key: ID tokens are signed with the client secret ({', '.join(algorithms)}) "
        "and the key set is empty",
        remedy=Remedy(f"choose a signing key in the provider of {app.slug!r}", shown),
        kind=no_signing_key(app.name),
    )
    remedy = Remedy(f"look at the provider of {app.slug!r}", read("curl -s {}", discovery.url), shown)
    assert "none" not in algorithms, because("ID tokens may be unsigned (alg none)", remedy=remedy)
    assert "code" in offered["response_types_supported"], because("no code flow is offered", remedy=remedy)
    strange = set(offered["subject_types_supported"]) - {"public", "pairwise"}
    assert not strange, because(f"unknown subject types {', '.join(sorted(strange))}", remedy=remedy)


@check(
    "OIDC-DISC-08",
    trouble="PKCE with S256 is not offered",
    claim="S256 is offered",
    runbook="D11",
    spec="RFC 8414 section 2, RFC 9700 section 2.1.1",
    blind="that the application uses PKCE (OIDC-RP-01 where the file says pkce = true) and that it is enforced",
    requires=("OIDC-DISC-05",),
)
def test_s256_is_offered(discovery: Discovery) -> None:
    """Relying parties decide by this list whether they protect their code with PKCE."""
    methods = discovery.document.get("code_challenge_methods_supported", [])
    assert "S256" in methods, because(
        f"S256 is not among the PKCE methods ({', '.join(methods) or 'none'}), so that clients send none",
        remedy=Remedy("look for what changes it: Authentik always offers S256", read("curl -s {}", discovery.url)),
    )


@check(
    "OIDC-DISC-09",
    trouble="The client's way to authenticate is not offered",
    claim="client authentication methods contain the one the application uses",
    runbook="D11",
    spec="RFC 6749 section 2.3.1",
    blind="that the application's secret is right (OIDC-TOKEN-03)",
    requires=("OIDC-DISC-05",),
)
def test_authentication_method_is_offered(discovery: Discovery, app: OidcApplication) -> None:
    """Libraries choose the method from this list, and give up when theirs is not there."""
    if app.auth_method == "none":
        raise NotApplicable(f"{app.name} is a public client: it does not authenticate")
    # Discovery section 3: without the member it is client_secret_basic.
    methods = discovery.document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    assert app.auth_method in methods, because(
        f"the application authenticates by {app.auth_method}, but only {', '.join(methods) or 'nothing'} is offered",
        remedy=Remedy(
            f"let {app.name} use an offered method, or correct its auth_method in the estate file",
            read("curl -s {}", discovery.url),
        ),
    )
