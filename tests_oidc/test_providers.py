"""The providers' settings, as Authentik's API tells them (runbook D2, D3, D4, H2)."""

from datetime import UTC, datetime, timedelta

from fixtures.engine.checks import because, check
from fixtures.model.signals import NotVerified
from fixtures.topics.authorization.redirects import in_the_list
from fixtures.topics.discovery.rules import no_signing_key
from fixtures.topics.expressions.rules import redirect_expression_complaints
from fixtures.topics.providers.rules import (
    list_differences,
    missing_claims,
    registered,
    setting_differences,
)


def _form(estate, provider):
    return f"{estate.admin_page('core/providers')}/{provider.pk} (or the blueprint that makes it)"


@check(
    "OIDC-PROV-01",
    claim="the provider has an authorization and an invalidation flow",
    runbook="D4",
    blind="that the flows do what they should",
    needs=("api",),
)
def test_flows_are_set(oauth_provider, app, estate):
    """Without an invalidation flow a blueprint of the 2026.x schema fails, and a logout ends in an error."""
    missing = [name for name in ("authorization_flow", "invalidation_flow") if not getattr(oauth_provider, name)]
    assert not missing, because(
        f"provider {oauth_provider.name!r} of {app.name} has no {' and no '.join(missing)}",
        remedy=f"{_form(estate, oauth_provider)}: choose default-provider-authorization-implicit-consent and "
        "default-provider-invalidation-flow",
    )


@check(
    "OIDC-PROV-02",
    claim="`redirect_uris` is a list of objects, each with a matching mode and a URL",
    runbook="D3",
    blind="that the URIs are the right ones (OIDC-PROV-04)",
    needs=("api",),
)
def test_redirect_uris_are_a_list(redirect_entries):
    """Older blueprints and scripts write a string, which the 2026.x schema refuses without telling anybody."""
    assert isinstance(redirect_entries, list)


@check(
    "OIDC-PROV-03",
    claim="the list is not empty (an empty one stores what any caller sends); clients declared as machines are exempt "
    "and never probed",
    runbook="D2",
    blind="that the URIs are the right ones (OIDC-PROV-04)",
    needs=("api",),
)
def test_redirect_list_is_not_empty(redirect_list_is_safe):
    """With an empty list the first anonymous request decides where codes go, for good."""
    assert redirect_list_is_safe


@check(
    "OIDC-PROV-04",
    claim="it holds exactly the declared URIs, byte for byte; nothing missing, nothing extra",
    runbook="D2",
    blind="which URI the application really sends (OIDC-RP-01)",
    needs=("api",),
)
def test_redirect_uris_are_the_declared(redirect_list_is_safe, redirect_entries, app, oauth_provider, estate):
    """A slash too much is a login that ends in 'Redirect URI Error'; an entry too much is a place that gets codes."""
    wrong = list_differences(app.redirect_uris, redirect_list_is_safe)
    wrong += [
        f"logout: {note}" for note in list_differences(app.logout_redirect_uris, registered(redirect_entries, "logout"))
    ]
    assert not wrong, because(
        f"provider {oauth_provider.name!r} of {app.name}: {'; '.join(wrong)}",
        remedy=f"{_form(estate, oauth_provider)}, or correct redirect_uris of {app.name} in the estate file",
        kind=in_the_list("OIDC-PROV-04", app.name),
    )


@check(
    "OIDC-PROV-05",
    claim="regex entries, if any, are valid, escape their dots, cannot leave the host and come to an end",
    runbook="D2",
    spec="RFC 9700 section 4.1",
    blind="open redirects on the host itself",
    needs=("api",),
)
def test_expressions_stay_on_their_host(redirect_list_is_safe, endless_expressions, app, oauth_provider, estate):
    """`https://app.example.org` as an expression also matches https://appXexample.org, which anybody may own."""
    expressions = [entry.url for entry in redirect_list_is_safe if entry.matching_mode == "regex"]
    judged = {each: redirect_expression_complaints(each, endless=each in endless_expressions) for each in expressions}
    wrong = [f"{each!r}: {', '.join(notes)}" for each, notes in judged.items() if notes]
    assert not wrong, because(
        f"redirect expressions of provider {oauth_provider.name!r} of {app.name} let too much through: "
        f"{'; '.join(wrong)}",
        remedy=f"{_form(estate, oauth_provider)}: write the URIs as strict entries: {app.redirect_uri or app.url}",
        kind=in_the_list("OIDC-PROV-05", app.name),
    )


@check(
    "OIDC-PROV-06",
    claim="a signing key is set; its certificate is not about to expire (a warning, from 30 days on unless the estate "
    "sets another)",
    runbook="H2",
    blind="that the published key set holds that key (OIDC-JWKS-01)",
    needs=("api",),
)
def test_signing_key_is_set(oauth_provider, certificates, app, estate):
    """Without one, tokens are signed with the client secret (HS256), which ArgoCD and others refuse."""
    key, days = oauth_provider.signing_key, estate.bounds.signing_certificate_warn_days
    assert key, because(
        f"provider {oauth_provider.name!r} of {app.name} has no signing key: tokens are HS256, its key set empty",
        remedy=f"{_form(estate, oauth_provider)}: choose a signing key (authentik Self-signed Certificate)",
        kind=no_signing_key(app.name),
    )
    pair = next((entry for entry in certificates if entry.pk == key), None)
    if pair is None or not pair.cert_expiry:
        raise NotVerified(
            f"the certificate of {app.name}'s signing key is not among those that the token may see",
            "give the token's role authentik_crypto.view_certificatekeypair on all objects",
            need="api",
        )
    end = pair.cert_expiry
    assert end >= datetime.now(UTC) + timedelta(days=days), because(
        f"the certificate {pair.name!r}, which signs the tokens of {app.name}, ends on {end:%Y-%m-%d}: "
        f"within {days:g} days",
        remedy=f"{estate.admin_page('crypto/certificates')}: make a new pair, and choose it in the provider",
        severity="warning",
    )


@check(
    "OIDC-PROV-07",
    claim="the scopes declared essential are mapped; requested scopes that nobody maps are named as information "
    "(ArgoCD's `groups` is normal)",
    runbook="H2",
    blind="what the mappings' expressions return (OIDC-PROV-09)",
    needs=("api",),
)
def test_essential_scopes_are_mapped(oauth_provider, mapped_scopes, app, request):
    """Authentik drops a scope that it does not know without a word; the claim is then missing at the application."""
    unmapped = [scope for scope in app.scopes if scope not in mapped_scopes]
    request.node.user_properties.append(("requested, but mapped by nobody", " ".join(unmapped)))
    assert mapped_scopes.issuperset(app.essential_scopes)


@check(
    "OIDC-PROV-08",
    claim="client type, code/access/refresh lifetimes and subject mode are as declared",
    runbook="H2",
    blind="how long the application keeps its own session",
    needs=("api",),
)
def test_settings_are_the_declared(oauth_provider, app, estate):
    """Another subject mode makes every user of the application a stranger; a long-lived token outlives its user."""
    wrong = setting_differences(app, oauth_provider)
    assert not wrong, because(
        f"provider {oauth_provider.name!r} of {app.name}: {'; '.join(wrong)}",
        remedy=f"{_form(estate, oauth_provider)}, or correct client_type, sub_mode or lifetimes in the file",
    )


@check(
    "OIDC-PROV-09",
    claim="the claims the application maps (email, groups, preferred_username …) come out for a declared user, by the "
    "API's preview",
    runbook="H3",
    blind="what the application makes of them; scopes that it does not ask for are shown all the same",
    needs=("api",),
)
def test_claims_come_out(claims_preview, granted_claims, claims_account, app):
    """An application that finds no e-mail or group refuses the login, or lets it in without a role."""
    assert not missing_claims(app.claims, granted_claims.claims, claims_account)
