"""The discovery document (runbook D11; OpenID Connect Discovery 1.0)."""

from fixtures.engine.checks import because, check
from fixtures.estate.urls import origin
from fixtures.model.signals import NotApplicable
from fixtures.topics.discovery.questions import FORGED_HOST, admin
from fixtures.topics.discovery.rules import difference, endpoint_names, members_naming
from fixtures.topics.discovery.schemes import TOLD, told_another

# What Traefik says where it has no route.
NO_ROUTE = "404 page not found"


@check(
    "OIDC-DISC-01",
    claim="discovery answers 200, JSON, no redirect",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 4",
    blind="that what the document says is right; the other OIDC-DISC checks judge that",
)
def test_discovery_answers(discovery):
    """Applications read it at start, some of them only then: a wrong answer shows up at the next restart."""
    assert discovery.document


@check(
    "OIDC-DISC-02",
    claim="the issuer is byte for byte the one the application is configured with, slash included",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 4.3",
    blind="that the application's configuration is what the estate file says (OIDC-RP-03 reads it where it can)",
)
def test_issuer_is_exact(stated_issuer, app):
    """A slash or a host more or less, and the application refuses every ID token."""
    assert stated_issuer == app.issuer


@check(
    "OIDC-DISC-03",
    claim="the in-cluster Service (with Host and X-Forwarded-Proto) gives the document that browsers get",
    runbook="D11 D9",
    blind="applications that ask the Service without the public Host: they get another issuer, as Authentik derives it",
)
def test_service_gives_the_same_document(service_discovery, discovery, estate):
    """An application inside the cluster and a browser outside must read of one and the same issuer."""
    differing = difference(discovery.document, service_discovery.document)
    namespace, server = estate.authentik.namespace, estate.authentik.server
    assert not differing, because(
        f"the Service's document (issuer at {origin(service_discovery.issuer)}) is not the public one (issuer at "
        f"{origin(discovery.issuer)}), it differs in {', '.join(differing)}: it leads to another Authentik, or "
        "the server does not believe Host and X-Forwarded-Proto",
        fix=f"kubectl -n {namespace} get svc,endpointslices; kubectl -n {namespace} set env deploy/{server} --list "
        "| grep AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS",
        # Then it is the public document that is wrong, and said to be so.
        kind=TOLD if told_another(origin(discovery.issuer), origin(estate.authentik.public_url)) else "",
    )


@check(
    "OIDC-DISC-04",
    claim="a forged X-Forwarded-Host through the public address does not change issuer or endpoints; "
    "through the direct address (w)",
    runbook="",
    spec="RFC 9700 section 2.6, OpenID Connect Discovery 1.0 section 7.2",
    blind="other forwarding headers, and caches between the ingress and the application",
)
def test_forged_host_is_not_believed(forged_discovery, address, estate):
    """Whoever can choose the issuer's host can make an application ask his own token endpoint."""
    believed = members_naming(forged_discovery.object, FORGED_HOST)
    namespace, server = estate.authentik.namespace, estate.authentik.server
    direct = address.name == "direct"
    assert FORGED_HOST not in forged_discovery.location, because(
        f"at {address.url} a forged X-Forwarded-Host redirects to {FORGED_HOST}", fix=f"curl -i {address.url}"
    )
    assert not believed, because(
        f"at {address.url} ({address.name}) a forged X-Forwarded-Host decides {', '.join(believed)}",
        fix=f"kubectl -n {namespace} set env deploy/{server} AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS=<pod network of the "
        "ingress>, or close the direct address to clients"
        if direct
        else "do not trust forwarded headers of clients: Traefik's entryPoints.websecure.forwardedHeaders "
        "(no insecure, no trustedIPs beyond real proxies)",
        severity="warning" if direct else "error",
    )


@check(
    "OIDC-DISC-05",
    claim="required members are present and of the right type",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="whether their values are right",
)
def test_required_members(metadata):
    """A relying party that misses one of them refuses to start, or falls back to guesses."""
    assert metadata.issuer


@check(
    "OIDC-DISC-06",
    claim="every endpoint has the issuer's scheme and host",
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="that each endpoint answers; OIDC-AUTHZ, OIDC-TOKEN, OIDC-UINFO and OIDC-JWKS ask them",
)
def test_endpoints_are_the_issuers(endpoints):
    """An http or in-cluster address in it sends codes and secrets over plain text, or nowhere."""
    assert endpoint_names(endpoints)


@check(
    "OIDC-DISC-07",
    claim="`code` is offered; subject types valid; an asymmetric algorithm is offered, `none` is not; "
    'a lone HS256 is explained as "no signing key"',
    runbook="D11",
    spec="OpenID Connect Discovery 1.0 section 3",
    blind="which algorithm the application accepts",
)
def test_offers(metadata, signing_algorithms, app, estate):
    """Everything else stands on it: a code flow, and ID tokens that anybody can verify and nobody can forge."""
    offered = metadata.document
    fix = f"look at the provider of {app.slug!r}: {admin(estate, 'providers')}; curl -s {metadata.url}"
    assert "none" not in signing_algorithms, because("ID tokens may be unsigned (alg none)", fix=fix)
    assert "code" in offered["response_types_supported"], because("no code flow is offered", fix=fix)
    strange = set(offered["subject_types_supported"]) - {"public", "pairwise"}
    assert not strange, because(f"unknown subject types {', '.join(sorted(strange))}", fix=fix)


@check(
    "OIDC-DISC-08",
    claim="S256 is offered",
    runbook="D11",
    spec="RFC 8414 section 2, RFC 9700 section 2.1.1",
    blind="that the application uses PKCE (OIDC-RP-01 where the file says pkce = true) and that it is enforced",
)
def test_s256_is_offered(metadata):
    """Relying parties decide by this list whether they protect their code with PKCE."""
    methods = metadata.document.get("code_challenge_methods_supported", [])
    assert "S256" in methods, because(
        f"S256 is not among the PKCE methods ({', '.join(methods) or 'none'}), so that clients send none",
        fix=f"curl -s {metadata.url} and look for what changes it on the way: Authentik always offers S256",
    )


@check(
    "OIDC-DISC-09",
    claim="client authentication methods contain the one the application uses",
    runbook="D11",
    spec="RFC 6749 section 2.3.1",
    blind="that the application's secret is right (OIDC-TOKEN-03)",
)
def test_authentication_method_is_offered(metadata, app):
    """Libraries choose the method from this list, and give up when theirs is not there."""
    if app.auth_method == "none":
        raise NotApplicable(f"{app.name} is a public client: it does not authenticate")
    # Discovery section 3: without the member it is client_secret_basic.
    methods = metadata.document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    assert app.auth_method in methods, because(
        f"the application authenticates by {app.auth_method}, but only {', '.join(methods) or 'nothing'} is offered",
        fix=f"let {app.name} use an offered method, or correct its auth_method in the estate file",
    )


@check(
    "OIDC-DISC-10",
    claim="an unknown slug is 404, not somebody else's document",
    runbook="",
    spec="OpenID Connect Discovery 1.0 section 4.3",
    blind="other addresses that the ingress may answer with a default page",
)
def test_unknown_slug_is_not_found(unknown_discovery):
    """If anything is answered for anything, then the other discovery checks prove nothing."""
    assert unknown_discovery.status == 404, because(
        f"an application that does not exist has a discovery document: {unknown_discovery.summary}",
        fix=f"curl -i {unknown_discovery.url}; look for a catch-all route or an error page of the ingress",
    )
    assert unknown_discovery.text.strip() != NO_ROUTE, because(
        f"the 404 is not Authentik's own but the ingress's ({NO_ROUTE}): the address does not reach Authentik",
        fix=f"curl -i {unknown_discovery.url}; look for a route that takes /application/o/ away from Authentik",
    )


@check(
    "OIDC-DISC-11",
    claim="the RFC 8414 address (with its trailing slash) gives the same document (w)",
    runbook="",
    spec="RFC 8414 section 3",
    blind="clients that ask it without the slash: Authentik answers those with 404",
)
def test_rfc8414_gives_the_same_document(rfc8414_discovery, discovery):
    """Pure OAuth clients read this address; two documents that differ are two truths."""
    fix = f"curl -s {rfc8414_discovery.url}; look for a route that takes /.well-known/ away from Authentik"
    served = rfc8414_discovery.status == 200 and rfc8414_discovery.object
    assert served, because(f"the RFC 8414 address answers {rfc8414_discovery.summary}", fix=fix, severity="warning")
    differing = difference(discovery.document, rfc8414_discovery.object)
    assert not differing, because(
        f"the RFC 8414 document differs in {', '.join(differing)}", fix=fix, severity="warning"
    )
