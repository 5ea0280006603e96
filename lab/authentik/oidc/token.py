"""The token endpoint: grants by code and refresh token, and the order in which they are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from lab.authentik.accounts import User
from lab.authentik.exchange import Exchange
from lab.authentik.oidc import devices, machines
from lab.authentik.oidc.clients import credentials, with_cors
from lab.authentik.oidc.discovery import allowed
from lab.authentik.oidc.errors import TokenRefused
from lab.authentik.oidc.issuing import OFFLINE, Issuance
from lab.authentik.providers import Claims, OAuth2Provider
from lab.authentik.responses import token_json
from lab.authentik.sessions import AuthorizationCode, Grant, IssuedToken

LOGGER: Final = "authentik.providers.oauth2.views.token"
_DEVICE_CODE: Final = "urn:ietf:params:oauth:grant-type:device_code"


def token(exchange: Exchange) -> Response:
    """Answer a token request; every refusal is a 400."""
    if exchange.method == "OPTIONS":
        client_id = exchange.query.get("client_id", "")
        return with_cors(exchange, allowed("POST, OPTIONS"), exchange.state.provider_of_client(client_id))
    client_id, secret = credentials(exchange)
    provider = exchange.state.provider_of_client(client_id)
    try:
        body = _Request(exchange, _known(exchange, provider, client_id), secret).grant()
    except TokenRefused as refusal:
        return with_cors(exchange, refusal.answer(exchange), provider)
    return with_cors(exchange, token_json(body), provider)


def _known(exchange: Exchange, provider: OAuth2Provider | None, client_id: str) -> OAuth2Provider:
    if provider is None:
        exchange.warn("OAuth2Provider does not exist", LOGGER, client_id=client_id)
        raise TokenRefused("invalid_client")
    exchange.auth_via = "oauth_client_secret"
    return provider


@dataclass
class _Request:
    """A token request of a known client, which has not proved itself yet."""

    exchange: Exchange
    provider: OAuth2Provider
    secret: str

    def grant(self) -> Claims:
        """The body of the answer. Raises TokenRefused."""
        grants: dict[str, Callable[[], Claims]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
            "client_credentials": self._by_machine,
            "password": self._by_machine,
            _DEVICE_CODE: self._by_device,
        }
        grant_type = self.exchange.form.get("grant_type", "")
        if self.exchange.state.release.limits_grants and grant_type not in self.provider.grant_types:
            raise self._refuse("Invalid grant_type for provider")
        if grant_type not in grants:
            self.exchange.warn("Invalid grant type", LOGGER, grant_type=grant_type)
            raise TokenRefused("unsupported_grant_type")
        return grants[grant_type]()

    def _refuse(self, event: str, error: str = "invalid_grant") -> TokenRefused:
        self.exchange.warn(event, LOGGER)
        return TokenRefused(error)

    def _prove(self) -> None:
        if self.provider.client_type == "public":
            return
        if not self.exchange.state.rules.secret_matches(self.provider, self.secret):
            self.exchange.warn("Invalid client secret", LOGGER, client_id=self.provider.client_id)
            raise TokenRefused("invalid_client")

    def _issue(self, grant: Grant, *, refresh: bool = True) -> Claims:
        exchange = self.exchange
        user = self._user(grant)
        issuance = Issuance(exchange.state, self.provider, grant, user, exchange.origin, exchange.now)
        return issuance.token_response(refresh=refresh)

    def _user(self, grant: Grant) -> User:
        user = self.exchange.state.directory.users.get(grant.user)
        if user is None or not user.is_active:
            raise self._refuse("User does not exist or is not active")
        return user

    def _by_code(self) -> Claims:
        self._prove()
        form = self.exchange.form
        if not form.get("code"):
            raise self._refuse("Missing authorization code")
        self._check_redirect_uri(form.get("redirect_uri", ""))
        code = self._code(form["code"])
        if not self.exchange.state.rules.verifier_matches(code, form.get("code_verifier") or None):
            raise self._refuse("Code challenge not matching")
        self._spend(code)
        return self._issue(code.grant)

    def _check_redirect_uri(self, url: str) -> None:
        """Against the registered list, not against what was used before."""
        matches = self.exchange.state.rules.redirect_uri_matches
        if any(matches(registered, url) for registered in self.provider.uris()):
            return
        self.exchange.warn("Invalid redirect uri", LOGGER, redirect_uri=url)
        self.exchange.record(
            "configuration_error",
            LOGGER,
            message="Invalid redirect URI used by provider",
            provider=_reference(self.provider),
            redirect_uri=url,
            expected=[_entry(uri) for uri in self.provider.uris()],
        )
        raise TokenRefused("invalid_client")

    def _code(self, text: str) -> AuthorizationCode:
        code = self.exchange.state.codes.get(text)
        if code is None or code.grant.provider != self.provider.pk:
            raise self._refuse("Code does not exist")
        if code.expires <= self.exchange.now:
            raise self._refuse("Code is expired")
        return code

    def _spend(self, code: AuthorizationCode) -> None:
        state = self.exchange.state
        state.spent_codes[code.code] += 1
        if state.spent_codes[code.code] >= state.rules.tolerated_code_uses:
            del state.codes[code.code]
            del state.spent_codes[code.code]

    def _by_refresh_token(self) -> Claims:
        self._prove()
        old = self._refresh_token(self.exchange.form.get("refresh_token", ""))
        rotates = self.exchange.state.rules.refresh_rotates
        # A nonce belongs to one authentication request; tokens of a refresh carry none.
        body = self._issue(replace(old.grant, nonce=None), refresh=rotates)
        if rotates:
            old.revoked = True
        else:
            body["refresh_token"] = old.token
        return body

    def _refresh_token(self, text: str) -> IssuedToken:
        token = self.exchange.state.refresh_tokens.get(text)
        if token is None or token.grant.provider != self.provider.pk:
            raise self._refuse("Refresh token does not exist")
        if token.revoked:
            self.exchange.warn("Refresh token is revoked", LOGGER)
            self._record_reuse(token)
            raise TokenRefused("invalid_grant")
        if token.expires <= self.exchange.now:
            raise self._refuse("Refresh token is expired")
        if OFFLINE not in token.grant.scopes:
            raise self._refuse("Refresh token was not granted offline access", "invalid_scope")
        asked = self.exchange.form.get("scope", "").split()
        if not set(asked) <= set(token.grant.scopes):
            raise self._refuse("Scope exceeds the granted one", "invalid_scope")
        return token

    def _record_reuse(self, token: IssuedToken) -> None:
        self.exchange.record(
            "suspicious_request",
            LOGGER,
            user=self.exchange.state.directory.users.get(token.grant.user),
            message="Revoked refresh token was used",
            token={
                "app": "authentik_providers_oauth2",
                "name": f"Refresh Token for {token.grant.provider} for user {token.grant.user}",
                "model_name": "refreshtoken",
            },
            provider=_reference(self.provider),
        )

    def _by_machine(self) -> Claims:
        return self._issue(machines.grant(self.exchange, self.provider, self.secret))

    def _by_device(self) -> Claims:
        self._prove()
        return self._issue(devices.grant(self.exchange, self.provider))


def _reference(provider: OAuth2Provider) -> dict[str, object]:
    return {
        "pk": provider.pk,
        "app": "authentik_providers_oauth2",
        "name": provider.name,
        "model_name": "oauth2provider",
    }


def _entry(uri: object) -> dict[str, object]:
    return dict(vars(uri))
