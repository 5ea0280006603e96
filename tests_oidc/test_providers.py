"""The providers' settings, as Authentik's API tells them (runbook D2, D3, D4, H2)."""

from fixtures.engine.checks import because, check, mention
from fixtures.estate.estate import Estate
from fixtures.estate.oidc import OidcApplication
from fixtures.estate.places import provider_page
from fixtures.exchange.api_objects import OAuthProvider, ScopeMapping
from fixtures.model.kinds import grant_types, redirect_list
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import NotApplicable, Signal
from fixtures.topics.expressions.rules import redirect_expression_complaints
from fixtures.topics.providers.grants import NeededGrant
from fixtures.topics.providers.mending import allow_grants, register, set_on
from fixtures.topics.providers.questions import Preview
from fixtures.topics.providers.rules import (
    declared_settings,
    list_differences,
    missing_claims,
    provider_of,
    redirect_list_complaint,
    refuse_unasked,
    registered,
    scopes_of,
    setting_differences,
)

# What is then seen (facts of 2026.8: each is refused before the client has proved itself).
REFUSED = "whoever asks by it gets invalid_grant"
WITHOUT_GRANT = {
    "authorization_code": "every login ends at the application with invalid_request",
    "refresh_token": "whoever was logged in is logged out when the access token ends",
}


@check(
    "OIDC-PROV-01",
    trouble="The provider lacks a flow",
    claim="the provider has an authorization and an invalidation flow",
    runbook="D4",
    blind="that the flows do what they should",
    requires=("provider_of_app",),
    needs=("api",),
)
def test_flows_are_set(oauth_providers: list[OAuthProvider], app: OidcApplication, estate: Estate) -> None:
    """Without an invalidation flow a blueprint of the 2026.x schema fails, and a logout ends in an error."""
    provider = provider_of(app, oauth_providers)
    missing = [name for name in ("authorization_flow", "invalidation_flow") if not getattr(provider, name)]
    assert not missing, because(
        f"provider {provider.name!r} of {app.name} has no {' and no '.join(missing)}",
        remedy=Remedy(
            "choose default-provider-authorization-implicit-consent and "
            "default-provider-invalidation-flow, in its form or in the blueprint that makes it",
            provider_page(estate, provider.pk),
        ),
    )


@check(
    "OIDC-PROV-02",
    trouble="The redirect list is malformed",
    claim="`redirect_uris` is a list of objects, each with a matching mode and a URL",
    runbook="D3",
    blind="that the URIs are the right ones (OIDC-PROV-04)",
    requires=("provider_of_app",),
    needs=("api",),
)
def test_redirect_uris_are_a_list(oauth_providers: list[OAuthProvider], app: OidcApplication, estate: Estate) -> None:
    """Older blueprints and scripts write a string, which the 2026.x schema refuses without telling anybody."""
    provider = provider_of(app, oauth_providers)
    complaint = redirect_list_complaint(provider.redirect_uris)
    assert not complaint, because(
        f"redirect_uris of provider {provider.name!r} is not what the 2026.x API gives: {complaint}",
        remedy=Remedy(
            "save it again; a blueprint must write redirect_uris as "
            f'[{{matching_mode: strict, url: "{app.redirect_uri}"}}]',
            provider_page(estate, provider.pk),
        ),
    )


@check(
    "OIDC-PROV-03",
    trouble="The redirect list is empty",
    claim="the list is not empty (an empty one stores what any caller sends); clients declared as machines are exempt "
    "and never probed",
    runbook="D2",
    blind="that the URIs are the right ones (OIDC-PROV-04)",
    requires=("OIDC-PROV-02",),
    needs=("api",),
)
def test_redirect_list_is_not_empty(oauth_providers: list[OAuthProvider], app: OidcApplication, estate: Estate) -> None:
    """With an empty list the first anonymous request decides where codes go, for good."""
    if app.machine:
        raise NotApplicable(f"{app.name} is a machine client: it has no logins, and is never probed")
    provider = provider_of(app, oauth_providers)
    assert registered(provider), because(
        f"provider {provider.name!r} of {app.name} has no redirect URI: it stores what any caller sends",
        remedy=Remedy(
            f"register {app.redirect_uri} (strict)", register(estate, app, provider), provider_page(estate, provider.pk)
        ),
    )


@check(
    "OIDC-PROV-04",
    trouble="The redirect list is not the declared one",
    claim="it holds exactly the declared URIs, byte for byte; nothing missing, nothing extra",
    runbook="D2",
    blind="which URI the application really sends (OIDC-RP-01)",
    requires=("OIDC-PROV-03",),
    needs=("api",),
)
def test_redirect_uris_are_the_declared(
    oauth_providers: list[OAuthProvider], app: OidcApplication, estate: Estate
) -> None:
    """A slash too much is a login that ends in 'Redirect URI Error'; an entry too much is a place that gets codes."""
    provider = provider_of(app, oauth_providers)
    wrong = list_differences(app.redirect_uris, registered(provider))
    wrong += [f"logout: {note}" for note in list_differences(app.logout_redirect_uris, registered(provider, "logout"))]
    assert not wrong, because(
        f"provider {provider.name!r} of {app.name}: {'; '.join(wrong)}",
        remedy=Remedy(
            f"correct it in its form or in its blueprint, or correct redirect_uris of {app.name} in the estate file",
            register(estate, app, provider),
            provider_page(estate, provider.pk),
        ),
        kind=redirect_list("OIDC-PROV-04", app.name),
    )


@check(
    "OIDC-PROV-05",
    trouble="A redirect expression is invalid or too wide",
    claim="regex entries, if any, are valid, escape their dots, cannot leave the host and come to an end",
    runbook="D2",
    spec="RFC 9700 section 4.1",
    blind="open redirects on the host itself",
    requires=("OIDC-PROV-03",),
    needs=("api",),
)
def test_expressions_stay_on_their_host(
    oauth_providers: list[OAuthProvider], endless_expressions: frozenset[str], app: OidcApplication, estate: Estate
) -> None:
    """`https://app.example.org` as an expression also matches https://appXexample.org, which anybody may own."""
    provider = provider_of(app, oauth_providers)
    expressions = [entry.url for entry in registered(provider) if entry.matching_mode == "regex"]
    judged = {each: redirect_expression_complaints(each, endless=each in endless_expressions) for each in expressions}
    wrong = [f"{each!r}: {', '.join(notes)}" for each, notes in judged.items() if notes]
    assert not wrong, because(
        f"redirect expressions of provider {provider.name!r} of {app.name} let too much through: {'; '.join(wrong)}",
        remedy=Remedy(
            f"write the URIs as strict entries: {app.redirect_uri or app.url}", provider_page(estate, provider.pk)
        ),
        kind=redirect_list("OIDC-PROV-05", app.name),
    )


@check(
    "OIDC-PROV-07",
    trouble="A scope that the application needs is not mapped",
    claim="the scopes declared essential are mapped; requested scopes that nobody maps are named as information "
    "(ArgoCD's `groups` is normal)",
    runbook="H2",
    blind="what the mappings' expressions return (OIDC-PROV-09)",
    requires=("provider_of_app",),
    needs=("api",),
)
def test_essential_scopes_are_mapped(
    oauth_providers: list[OAuthProvider], scope_mappings: list[ScopeMapping], app: OidcApplication, estate: Estate
) -> None:
    """Authentik drops a scope that it does not know without a word; the claim is then missing at the application."""
    provider = provider_of(app, oauth_providers)
    mapped = scopes_of(provider, scope_mappings)
    mention("requested, but mapped by nobody", " ".join(scope for scope in app.scopes if scope not in mapped))
    missing = [scope for scope in app.essential_scopes if scope not in mapped]
    assert not missing, because(
        f"provider {provider.name!r} maps no {', '.join(missing)}, which {app.name} cannot do without "
        f"(it maps {', '.join(sorted(mapped)) or 'nothing'})",
        remedy=Remedy(
            "add the scope mapping, or correct essential_scopes in the estate file", provider_page(estate, provider.pk)
        ),
    )


@check(
    "OIDC-PROV-08",
    trouble="Client type, lifetimes or subject are not as declared",
    claim="client type, code/access/refresh lifetimes and subject mode are as declared",
    runbook="H2",
    blind="how long the application keeps its own session",
    requires=("provider_of_app",),
    needs=("api",),
)
def test_settings_are_the_declared(oauth_providers: list[OAuthProvider], app: OidcApplication, estate: Estate) -> None:
    """Another subject mode makes every user of the application a stranger; a long-lived token outlives its user."""
    provider = provider_of(app, oauth_providers)
    wrong = setting_differences(app, provider)
    assert not wrong, because(
        f"provider {provider.name!r} of {app.name}: {'; '.join(wrong)}",
        remedy=Remedy(
            "correct it in its form or in its blueprint, or correct client_type, sub_mode or lifetimes in the file",
            set_on(estate, provider, **declared_settings(app, provider)),
            provider_page(estate, provider.pk),
        ),
    )


@check(
    "OIDC-PROV-09",
    trouble="The application does not get the claims that it maps",
    claim="the claims the application maps (email, groups, preferred_username …) come out for a declared user, by the "
    "API's preview",
    runbook="H3",
    blind="what the application makes of them; scopes that it does not ask for, where no expression names the claim",
    optional=("scope_mappings",),
    needs=("api",),
)
def test_claims_come_out(
    claims_preview: Preview,
    oauth_providers: list[OAuthProvider],
    scope_mappings: list[ScopeMapping] | Signal,
    app: OidcApplication,
    estate: Estate,
) -> None:
    """An application that finds no e-mail or group refuses the login, or lets it in without a role."""
    user, provider = claims_preview.user, provider_of(app, oauth_providers)
    missing = missing_claims(app.claims, claims_preview.claims, user, others=claims_preview.others_get_groups)
    preview, person = f"core/providers/{provider.pk}", f"identity/users/{user.pk}"
    assert not missing, because(
        f"a login of {user.username} at {app.name} would lack {'; '.join(missing)}",
        remedy=Remedy(
            "its tab Preview shows the claims; the other page is the person's",
            page(estate.admin_page(preview)),
            page(estate.admin_page(person)),
        ),
    )
    if not isinstance(scope_mappings, Signal):
        refuse_unasked(app, provider, scope_mappings)


@check(
    "OIDC-PROV-10",
    trouble="The provider forbids a grant that its client needs",
    claim="the provider allows the grant types that its client needs (declared, or by kind: authorization_code, "
    "refresh_token with offline_access, client_credentials for machines)",
    runbook="H2",
    spec="RFC 6749 section 1.3",
    blind="versions before 2026.8, where every provider allows every grant",
    requires=("provider_of_grantee",),
    needs=("api",),
)
def test_needed_grants_are_allowed(
    oauth_providers: list[OAuthProvider], needed_grant: NeededGrant, estate: Estate
) -> None:
    """A blueprint that does not name them makes a provider that allows none, and with which nothing works."""
    client, grant = needed_grant
    provider = provider_of(client, oauth_providers)
    if provider.grant_types is None:
        raise NotApplicable("this version of Authentik lets every provider use every grant")
    assert grant in provider.grant_types, because(
        f"provider {provider.name!r} of {client.name} does not allow the grant type {grant}, which it needs (it allows "
        f"{', '.join(provider.grant_types) or 'none'}): {WITHOUT_GRANT.get(grant, REFUSED)}",
        remedy=Remedy(
            f"add {grant} to its grant types; a blueprint that does not name them leaves them empty",
            allow_grants(estate, provider, client),
            provider_page(estate, provider.pk),
        ),
        kind=grant_types(client.name),
    )
