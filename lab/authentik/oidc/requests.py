"""Reading an authorization request, in the order in which Authentik validates it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from lab.authentik.exchange import Exchange
from lab.authentik.oidc.errors import RefusedToClient, client_refused, redirect_refused
from lab.authentik.providers import OAuth2Provider, RedirectURI
from lab.authentik.sessions import AuthorizationRequest

_LOGGER: Final = "authentik.providers.oauth2.views.authorize"
_RESPONSE_TYPES: Final = {
    "code",
    "id_token",
    "id_token token",
    "code token",
    "code id_token",
    "code id_token token",
}
_FORBIDDEN_SCHEMES: Final = {"javascript", "data", "vbscript"}
_CHALLENGE_METHODS: Final = {"plain", "S256"}


def read_request(exchange: Exchange) -> AuthorizationRequest:
    """The validated request. Raises AuthorizationRefused with the first thing that is wrong."""
    query = {**exchange.query, **exchange.form}
    provider = _provider(exchange, query.get("client_id", ""))
    redirect_uri = query.get("redirect_uri", "")
    _check_redirect_uri(exchange, provider, redirect_uri)
    state = query.get("state", "")
    response_type = query.get("response_type", "")
    if response_type not in _RESPONSE_TYPES:
        raise RefusedToClient(redirect_uri, "unsupported_response_type", state)
    request = AuthorizationRequest(
        provider.pk,
        redirect_uri,
        response_type,
        _scopes(exchange, provider, query.get("scope", "")),
        state,
        query.get("nonce") or None,
        frozenset(query.get("prompt", "").split()),
        int(query["max_age"]) if query.get("max_age", "").isdecimal() else None,
        query.get("code_challenge") or None,
        query.get("code_challenge_method") or "plain",
        query.get("response_mode") == "form_post",
    )
    _check_grant(exchange, provider, request)
    _check_rest(request, query)
    return request


def _provider(exchange: Exchange, client_id: str) -> OAuth2Provider:
    provider = exchange.state.provider_of_client(client_id)
    if provider is None:
        exchange.warn("Invalid client identifier", _LOGGER, client_id=client_id)
        raise client_refused()
    return provider


def _check_redirect_uri(exchange: Exchange, provider: OAuth2Provider, url: str) -> None:
    if not url:
        exchange.warn("Missing redirect uri.", _LOGGER)
        raise redirect_refused("redirect_uri_missing")
    if not provider.uris():
        # Whoever asks first is believed: the reason why a provider must never have an empty list.
        exchange.log("Setting redirect for blank redirect_uris", _LOGGER, redirect=url)
        provider.redirect_uris.append(RedirectURI(url))
    matches = exchange.state.rules.redirect_uri_matches
    if not any(matches(registered, url) for registered in provider.uris()):
        raise redirect_refused("redirect_uri_no_match")
    if urlsplit(url).scheme in _FORBIDDEN_SCHEMES:
        raise redirect_refused("redirect_uri_forbidden_scheme")


def _check_grant(exchange: Exchange, provider: OAuth2Provider, request: AuthorizationRequest) -> None:
    """In releases that limit grants: whether this provider allows the one that the response type begins."""
    parts = request.response_type.split()
    grant = "authorization_code" if parts == ["code"] else "hybrid" if "code" in parts else "implicit"
    if exchange.state.release.limits_grants and grant not in provider.grant_types:
        exchange.warn("Invalid grant_type for provider", _LOGGER)
        exchange.warn("The request is otherwise malformed", _LOGGER, redirect_uri=request.redirect_uri)
        raise RefusedToClient(request.redirect_uri, "invalid_request", request.state, fragment=request.in_fragment)


def _scopes(exchange: Exchange, provider: OAuth2Provider, asked: str) -> list[str]:
    """None asked for are all; those the provider does not map are dropped without a word to the client."""
    mapped = [mapping.scope_name for mapping in exchange.state.mappings(provider)]
    wanted = set(asked.split())
    if not wanted:
        return mapped
    if wanted - set(mapped):
        text = "Application requested scopes not configured, setting to overlap"
        exchange.log(text, _LOGGER, scope_allowed=sorted(mapped), scope_given=sorted(wanted))
    return [scope for scope in mapped if scope in wanted]


def _check_rest(request: AuthorizationRequest, query: dict[str, str]) -> None:
    def refuse(error: str, text: str | None = None) -> RefusedToClient:
        return RefusedToClient(request.redirect_uri, error, request.state, fragment=request.in_fragment, text=text)

    if request.in_fragment and "openid" not in request.scopes:
        raise refuse("invalid_scope")
    if "request" in query:
        raise refuse("request_not_supported")
    if "id_token" in request.response_type and not request.nonce:
        raise refuse("invalid_request")
    if request.challenge and request.challenge_method not in _CHALLENGE_METHODS:
        raise refuse("invalid_request", f"Unsupported challenge method {request.challenge_method}")
