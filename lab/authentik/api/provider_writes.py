"""How bodies for providers are judged, in the API's words."""

from __future__ import annotations

import uuid
from typing import Final

from lab.authentik.api.call import Body, Call, invalid
from lab.authentik.providers import OAuth2Provider, ProxyProvider, RedirectURI

_REQUIRED: Final = "This field is required."
_FLOWS: Final = ("authentication_flow", "authorization_flow", "invalidation_flow")
_PLAIN: Final = (
    "client_type",
    "client_id",
    "client_secret",
    "access_code_validity",
    "access_token_validity",
    "refresh_token_validity",
    "refresh_token_threshold",
    "include_claims_in_id_token",
    "signing_key",
    "encryption_key",
    "property_mappings",
    "logout_uri",
    "logout_method",
    "sub_mode",
    "issuer_mode",
    "grant_types",
)
_PROXY_PLAIN: Final = (
    "external_host",
    "internal_host",
    "internal_host_ssl_validation",
    "skip_path_regex",
    "mode",
    "intercept_header_auth",
    "cookie_domain",
)


def _flow_error(call: Call, pk: object) -> str | None:
    try:
        uuid.UUID(str(pk))
    except ValueError:
        return f"\u201c{pk}\u201d is not a valid UUID."
    if call.state.flow(str(pk)) is None:
        return f'Invalid pk "{pk}" - object does not exist.'
    return None


def _uri_errors(entry: object) -> Body:
    if not isinstance(entry, dict):
        kind = type(entry).__name__
        return {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]}
    return {name: [_REQUIRED] for name in ("matching_mode", "url") if name not in entry}


def _uris_error(entries: object) -> Body | list[Body] | None:
    if not isinstance(entries, list):
        kind = type(entries).__name__
        return {"non_field_errors": [f'Expected a list of items but got type "{kind}".']}
    errors = [_uri_errors(entry) for entry in entries]
    return errors if any(errors) else None


def _name_error(call: Call, name: object, own: OAuth2Provider | None) -> str | None:
    holder = call.state.provider_named(str(name))
    taken = holder is not None and holder is not own
    return "provider with this name already exists." if taken else None


def _checked(call: Call, data: Body, required: tuple[str, ...], own: OAuth2Provider | None) -> Body:
    errors: Body = {name: [_REQUIRED] for name in required if own is None and name not in data}
    if "name" in data and (problem := _name_error(call, data["name"], own)):
        errors["name"] = [problem]
    for name in _FLOWS:
        if data.get(name) is not None and (problem := _flow_error(call, data[name])):
            errors[name] = [problem]
    if "redirect_uris" in data and (problems := _uris_error(data["redirect_uris"])):
        errors["redirect_uris"] = problems
    return errors


def check_oauth2(call: Call, own: OAuth2Provider | None = None) -> None:
    """Raise the 400 unless the body makes (or changes `own` into) a provider."""
    required = ("name", "authorization_flow", "invalidation_flow", "redirect_uris")
    errors = _checked(call, call.data, required, own)
    if errors:
        raise invalid(**errors)


def check_proxy(call: Call, own: OAuth2Provider | None = None) -> None:
    """The same for a proxy provider, whose mode is `proxy` in a body that does not name it."""
    data = call.data
    required = ("name", "authorization_flow", "invalidation_flow", "external_host")
    errors = _checked(call, data, required, own)
    if errors:
        raise invalid(**errors)
    if data.get("mode", "proxy") == "proxy" and not data.get("internal_host"):
        raise invalid(internal_host=["Internal host cannot be empty when forward auth is disabled."])


def apply(data: Body, provider: OAuth2Provider) -> None:
    """Write a judged body into the provider, and save it."""
    plain = _PLAIN + (_PROXY_PLAIN if isinstance(provider, ProxyProvider) else ())
    for name in ("name", *_FLOWS, *plain):
        if name in data:
            setattr(provider, name, data[name])
    if "redirect_uris" in data:
        provider.redirect_uris = [
            RedirectURI(uri["url"], uri["matching_mode"], uri.get("redirect_uri_type", "authorization"))
            for uri in data["redirect_uris"]
        ]
    if isinstance(provider, ProxyProvider):
        provider.follow_external_host()
