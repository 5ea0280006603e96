"""What every relying party does: send people to the issuer, exchange the code, verify the ID token."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lab.applications.oauth import AsyncOAuth2Client, OAuthError
from lab.applications.secrets import resolve_argocd_reference
from lab.applications.state import Application, PendingLogin
from lab.applications.transport import NetworkTransport, client
from lab.authentik.jose import unseal
from lab.authentik.providers import Claims
from lab.network import Network
from lab.world import World

ALGORITHMS: Final = ["RS256", "ES256", "ES384", "ES512", "PS256"]
_LETTERS: Final = string.ascii_letters
_UNREADABLE: Final = (JoseError, ValueError)
# Go's oauth2 does not know how an issuer wants to be told the secret: after any error by Basic it asks once more, with
# the secret as it is in the form, and tells of the second (findings/basic-credentials-that-no-decoder-serves.sh;
# facts/relying-parties.md: two requests for a wrong secret, and for a used code).
_BUILT_ON_GO: Final = ("argocd", "grafana")


class LoginFailed(Exception):
    """The issuer's answer does not make a login; the text says why."""


class DiscoveryFailed(LoginFailed):
    """The issuer's discovery document could not be had, or names another issuer."""


class ExchangeFailed(LoginFailed):
    """The token endpoint gave no tokens; the text is in the words of Go's oauth2 library."""


class VerificationFailed(LoginFailed):
    """The ID token is not one that this relying party may believe."""


@dataclass(frozen=True)
class RelyingParty:
    """The relying party `name` of the world, as it is configured at the time of each call."""

    world: World
    network: Network
    name: str

    @property
    def application(self) -> Application:
        """The settings that hold now."""
        return self.world.applications[self.name]

    def authorization_url(self, endpoint: str, state: str, verifier: str = "") -> str:
        """Where to send somebody who wants to log in; parameters in the order in which Go writes them."""
        settings = self.application
        parameters = {
            "client_id": settings.client_id,
            "redirect_uri": settings.redirect_uri,
            "response_type": settings.response_type,
            "scope": " ".join(settings.scopes),
            "state": state,
        }
        if settings.prompt:
            parameters["prompt"] = settings.prompt
        if "id_token" in settings.response_type:
            parameters["nonce"] = state
        if settings.response_mode:
            parameters["response_mode"] = settings.response_mode
        if verifier:
            parameters["code_challenge"] = create_s256_code_challenge(verifier)
            parameters["code_challenge_method"] = "S256"
        separator = "&" if "?" in endpoint else "?"
        return f"{endpoint}{separator}{urlencode(sorted(parameters.items()))}"

    async def discovered(self) -> Claims:
        """The issuer's discovery document, asked for until it was had once. Raises DiscoveryFailed."""
        settings = self.application
        if settings.issuer not in settings.discovery:
            settings.discovery[settings.issuer] = await self._discover(settings.issuer)
        return settings.discovery[settings.issuer]

    async def _discover(self, issuer: str) -> Claims:
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            document = await self._fetch(url)
        except (httpx.HTTPError, ValueError) as error:
            raise DiscoveryFailed(str(error)) from error
        if document.get("issuer") != issuer:
            raise DiscoveryFailed(
                "oidc: issuer did not match the issuer returned by provider, "
                f'expected "{issuer}" got "{document.get("issuer")}"'
            )
        return document

    async def _fetch(self, url: str, token: str = "") -> Claims:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with client(self.network) as asking:
            answer = await asking.get(url, headers=headers)
        if answer.status_code != 200:
            raise ValueError(f"{answer.status_code} {answer.reason_phrase}")
        document: Claims = answer.json()
        return document

    async def tokens(self, endpoint: str, code: str, verifier: str = "") -> Claims:
        """Exchange an authorization code. Raises ExchangeFailed with the token endpoint's own error."""
        settings = self.application
        secret = resolve_argocd_reference(self.world, settings.client_secret, settings.references)
        arguments = {"code": code} | ({"code_verifier": verifier} if verifier else {})
        # As Go's oauth2 and openid-client do (RFC 6749 section 2.3.1); a client without a secret is named in the form.
        encoded = (quote_plus(settings.client_id), quote_plus(secret)) if secret else (settings.client_id, secret)
        try:
            return await self._exchange(endpoint, encoded, "client_secret_basic", arguments)
        except ExchangeFailed:
            if not secret or settings.kind not in _BUILT_ON_GO:
                raise
        return await self._exchange(endpoint, (settings.client_id, secret), "client_secret_post", arguments)

    async def _exchange(
        self, endpoint: str, credentials: tuple[str, str], method: str, arguments: dict[str, str]
    ) -> Claims:
        """One request to the token endpoint. Raises ExchangeFailed in the words of Go's library."""
        async with AsyncOAuth2Client(
            *credentials,
            token_endpoint_auth_method=method,
            redirect_uri=self.application.redirect_uri,
            transport=NetworkTransport(self.network),
            trust_env=False,
        ) as oauth:
            try:
                tokens: Claims = await oauth.fetch_token(endpoint, grant_type="authorization_code", **arguments)
            except OAuthError as error:
                raise ExchangeFailed(f'oauth2: "{error.error}" "{error.description}"') from error
            except httpx.HTTPStatusError as error:
                status = f"{error.response.status_code} {error.response.reason_phrase}"
                raise ExchangeFailed(f"oauth2: cannot fetch token: {status}") from error
            except (httpx.HTTPError, ValueError) as error:
                raise ExchangeFailed(f'Post "{endpoint}": {error}') from error
        return tokens

    async def identity(self, code: str, verifier: str) -> tuple[str, Claims]:
        """The ID token that the issuer gives for a code, and its verified claims. Raises LoginFailed."""
        document = await self.discovered()
        id_token = (await self.tokens(document["token_endpoint"], code, verifier)).get("id_token", "")
        return id_token, await self.verified(id_token, document["jwks_uri"])

    async def verified(self, id_token: str, jwks_uri: str) -> Claims:
        """The claims of an ID token that the issuer signed for this client. Raises VerificationFailed."""
        settings = self.application
        claims = await self._signed_claims(id_token, jwks_uri)
        if claims.get("iss") != settings.issuer:
            raise VerificationFailed(
                f'oidc: id token issued by a different provider, expected "{settings.issuer}" got "{claims.get("iss")}"'
            )
        audience = claims.get("aud")
        if settings.client_id not in (audience if isinstance(audience, list) else [audience]):
            raise VerificationFailed(f'oidc: expected audience "{settings.client_id}" got {audience!r}')
        self.refuse_expired(claims)
        return claims

    def now(self) -> datetime:
        """The time as the application's own machine believes it is, UTC."""
        return self.world.clock.now() + self.application.clock_error

    def refuse_expired(self, claims: Claims) -> None:
        """Raises VerificationFailed when the claims' time is over (or they carry none)."""
        if float(claims.get("exp", 0)) <= self.now().timestamp():
            raise VerificationFailed("oidc: token is expired")

    async def _signed_claims(self, id_token: str, jwks_uri: str) -> Claims:
        if self.application.verifies_by_secret:
            claims = unseal(id_token, self.application.client_secret)
            if claims is None:
                raise VerificationFailed("failed to verify signature: it is not of this client's secret")
            return claims
        known = self.application.key_sets
        if jwks_uri in known:
            with suppress(*_UNREADABLE):
                return _decoded(id_token, known[jwks_uri])
        # Not had yet, or the issuer has changed its keys since.
        known[jwks_uri] = await self._keys(jwks_uri)
        try:
            return _decoded(id_token, known[jwks_uri])
        except _UNREADABLE as error:
            raise VerificationFailed(f"failed to verify signature: {error}") from error

    async def _keys(self, jwks_uri: str) -> Claims:
        try:
            return await self._fetch(jwks_uri)
        except (httpx.HTTPError, ValueError) as error:
            raise VerificationFailed(f"fetching keys {error}") from error

    async def userinfo(self, access_token: str) -> Claims:
        """What the issuer's userinfo endpoint says. Raises VerificationFailed when it says nothing."""
        try:
            return await self._fetch(self.application.userinfo_url, access_token)
        except (httpx.HTTPError, ValueError) as error:
            raise VerificationFailed(f"error getting user info: {error}") from error

    def begin(self, endpoint: str, cookie: str) -> Response:
        """The redirect that begins a login at `endpoint`; it is remembered under a key that `cookie` brings back."""
        own, key = self.application, secrets.token_urlsafe(24)
        pending = PendingLogin(random_state(32), random_verifier() if own.use_pkce else "")
        own.pending[key] = pending
        response = RedirectResponse(self.authorization_url(endpoint, pending.state, pending.verifier), 302)
        response.headers.append("set-cookie", f"{cookie}={key}; {own.cookie_attributes}")
        return response

    def begun(self, request: Request, cookie: str, sent: Mapping[str, Any]) -> PendingLogin | None:
        """The login that comes back with this request, which `sent` these parameters; None where none began here, or
        with another state."""
        pending = self.application.pending.pop(request.cookies.get(cookie, ""), None)
        return pending if pending is not None and pending.state == sent.get("state") else None

    def log(self, line: str) -> None:
        """Write to the log of the application's pod, if it has one."""
        running = self.world.cluster.applications.items()
        for namespace, pod in [place for place, key in running if key == self.name]:
            self.world.cluster.log(namespace, pod, line)


def _usable(keys: list[Claims]) -> Iterator[Key]:
    """The keys that can be used: the others are passed over (RFC 7517 section 5)."""
    for key in keys:
        with suppress(*_UNREADABLE):
            yield from KeySet.import_key_set({"keys": [key]}).keys


def _decoded(id_token: str, keys: Claims) -> Claims:
    # An issuer that signs with the client secret publishes `{}`.
    key_set = KeySet(list(_usable(keys.get("keys", []))))
    return dict(jwt.decode(id_token, key_set, algorithms=ALGORITHMS).claims)


def random_state(length: int = 24) -> str:
    """A state of letters only, as Argo CD makes them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def random_verifier() -> str:
    """A PKCE code verifier."""
    return secrets.token_urlsafe(32)
