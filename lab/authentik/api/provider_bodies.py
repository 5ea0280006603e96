"""What providers look like in the API, as themselves and inside other objects."""

from __future__ import annotations

from lab.authentik.api.call import Body, Call
from lab.authentik.providers import OAuth2Provider, ProxyProvider

_OAUTH2 = {
    "component": "ak-provider-oauth2-form",
    "verbose_name": "OAuth2/OpenID Provider",
    "verbose_name_plural": "OAuth2/OpenID Providers",
    "meta_model_name": "authentik_providers_oauth2.oauth2provider",
}
_PROXY = {
    "component": "ak-provider-proxy-form",
    "verbose_name": "Proxy Provider",
    "verbose_name_plural": "Proxy Providers",
    "meta_model_name": "authentik_providers_proxy.proxyprovider",
}


def common_body(call: Call, provider: OAuth2Provider, kind: dict[str, str] | None = None) -> Body:
    """The fields of every provider; `kind` names the model when it is not the provider's own."""
    application = call.state.application_of(provider)
    own = _PROXY if isinstance(provider, ProxyProvider) else _OAUTH2
    kind = kind or own
    return {
        "pk": provider.pk,
        "name": provider.name,
        "authentication_flow": provider.authentication_flow,
        "authorization_flow": provider.authorization_flow,
        "invalidation_flow": provider.invalidation_flow,
        "property_mappings": provider.property_mappings,
        "component": kind["component"],
        "assigned_application_slug": application.slug if application else None,
        "assigned_application_name": application.name if application else None,
        "assigned_backchannel_application_slug": None,
        "assigned_backchannel_application_name": None,
        "verbose_name": kind["verbose_name"],
        "verbose_name_plural": kind["verbose_name_plural"],
        "meta_model_name": kind["meta_model_name"],
    }


def redirect_uris(provider: OAuth2Provider) -> list[Body]:
    """The registered URIs."""
    return [
        {"matching_mode": uri.matching_mode, "url": uri.url, "redirect_uri_type": uri.redirect_uri_type}
        for uri in provider.redirect_uris
    ]


def oauth2_body(call: Call, provider: OAuth2Provider) -> Body:
    """An OAuth2 provider in full, client secret included; proxy providers are listed as such too."""
    return {
        **common_body(call, provider, _OAUTH2),
        "client_type": provider.client_type,
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "access_code_validity": provider.access_code_validity,
        "access_token_validity": provider.access_token_validity,
        "refresh_token_validity": provider.refresh_token_validity,
        "refresh_token_threshold": provider.refresh_token_threshold,
        "include_claims_in_id_token": provider.include_claims_in_id_token,
        "signing_key": provider.signing_key,
        "encryption_key": provider.encryption_key,
        "redirect_uris": redirect_uris(provider),
        "logout_uri": provider.logout_uri,
        "logout_method": provider.logout_method,
        "sub_mode": provider.sub_mode,
        "issuer_mode": provider.issuer_mode,
        "jwt_federation_sources": provider.jwt_federation_sources,
        "jwt_federation_providers": provider.jwt_federation_providers,
        **({"grant_types": provider.grant_types} if call.state.release.limits_grants else {}),
    }


def proxy_settings(provider: ProxyProvider) -> Body:
    """What only proxy providers have, but for their client and cookies."""
    return {
        "internal_host": provider.internal_host,
        "external_host": provider.external_host,
        "internal_host_ssl_validation": provider.internal_host_ssl_validation,
        "certificate": provider.certificate,
        "skip_path_regex": provider.skip_path_regex,
        "basic_auth_enabled": provider.basic_auth_enabled,
        "basic_auth_password_attribute": provider.basic_auth_password_attribute,
        "basic_auth_user_attribute": provider.basic_auth_user_attribute,
        "mode": provider.mode,
        "intercept_header_auth": provider.intercept_header_auth,
        "cookie_domain": provider.cookie_domain,
    }


def proxy_body(call: Call, provider: ProxyProvider) -> Body:
    """A proxy provider in full; no secret is in it."""
    return {
        **common_body(call, provider),
        "client_id": provider.client_id,
        **proxy_settings(provider),
        "redirect_uris": redirect_uris(provider),
        "jwt_federation_sources": provider.jwt_federation_sources,
        "jwt_federation_providers": provider.jwt_federation_providers,
        "access_token_validity": provider.access_token_validity,
        "refresh_token_validity": provider.refresh_token_validity,
        "outpost_set": [f"Outpost {outpost.name}" for outpost in call.state.outposts_of(provider)],
    }
