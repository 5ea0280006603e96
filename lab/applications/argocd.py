"""Argo CD as relying party: everything it must remember of a login is in the browser's cookies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lab.applications.answers import go_error, go_redirect, page
from lab.applications.dex import CLIENT, Dex
from lab.applications.relying_party import (
    DiscoveryFailed,
    ExchangeFailed,
    RelyingParty,
    VerificationFailed,
    random_state,
    random_verifier,
)
from lab.authentik.providers import Claims

CALLBACK: Final = "/auth/callback"
STATE_COOKIE: Final = "argocd.oauthstate"
TOKEN_COOKIE: Final = "argocd.token"
STATE_LIFETIME: Final = timedelta(minutes=5)
COOKIE_LIMIT: Final = 4093
VERSION: Final = "v3.6.0+8d2d3b1"
_GRPC: Final = {"Grpc-Metadata-Content-Type": "application/grpc"}
_KEY: Final = AESGCM.generate_key(128)
_FOREIGN: Final = (
    "Invalid redirect URL: the protocol and host (including port) must match and the path must be within "
    "allowed URLs if provided"
)
# What answers a callback without a code: a page that hands the fragment's token to the UI.
_IMPLICIT: Final = "<script>window.location.href = window.location.hash</script>"


@dataclass(frozen=True)
class ArgoCD:
    """Argo CD's handlers."""

    party: RelyingParty
    dex: Dex

    async def login(self, request: Request) -> Response:
        """Start a login; without OIDC settings the path is the UI's, like any other."""
        settings = self.party.application
        if not settings.configured:
            return await self.ui(request)
        return_url = request.query_params.get("return_url", "")
        if return_url and not _allowed(return_url, settings.base_url):
            return go_error(400, _FOREIGN)
        try:
            document = await self.party.discovered()
        except DiscoveryFailed as failed:
            return go_error(500, f'failed to query provider "{settings.issuer}": {failed}')
        state, verifier = random_state(), random_verifier() if settings.use_pkce else ""
        location = self.party.authorization_url(document["authorization_endpoint"], state, verifier)
        if settings.by_dex:
            location = self.dex.address(f"{settings.base_url}{CALLBACK}", state)
        response = go_redirect(303, location)
        sealed = _sealed(f"{state}\n{return_url or '/'}\n{verifier}")
        expires = format_datetime(self.party.world.clock.now() + STATE_LIFETIME, usegmt=True)
        response.headers.append("set-cookie", f"{STATE_COOKIE}={sealed}; Expires={expires}; {self._attributes()}")
        return response

    async def callback(self, request: Request) -> Response:
        """Take the issuer's answer: an error, or a code that goes with the state cookie."""
        query = request.query_params
        if "error" in query:
            return go_error(400, f"{query['error']}: {query.get('error_description', '')}")
        if not query.get("code"):
            return HTMLResponse(_IMPLICIT)
        if STATE_COOKIE not in request.cookies:
            return go_error(400, "http: named cookie not present")
        state, return_url, verifier = _unsealed(request.cookies[STATE_COOKIE])
        if not state or state != query.get("state"):
            return go_error(400, f"invalid state in '{TOKEN_COOKIE}' cookie")
        response = await self._finished(query["code"], verifier, return_url)
        # Argo CD forgets the state first, and only then finishes.
        forgotten = f"{STATE_COOKIE}=; {self._attributes()}"
        response.raw_headers.insert(0, (b"set-cookie", forgotten.encode()))
        return response

    async def _finished(self, code: str, verifier: str, return_url: str) -> Response:
        try:
            token, claims = await self._identity(code, verifier)
        except DiscoveryFailed as failed:
            return go_error(500, f'failed to query provider "{self.party.application.issuer}": {failed}')
        except ExchangeFailed as failed:
            return go_error(500, f"failed to get token: {failed}")
        except VerificationFailed as failed:
            self.party.log(f'level=warning msg="Failed to verify session token: {failed}"')
            return go_error(500, "failed to verify the token")
        self.party.application.sessions[token] = claims
        response = go_redirect(303, return_url)
        for cookie in self._token_cookies(token):
            response.headers.append("set-cookie", cookie)
        return response

    async def _identity(self, code: str, verifier: str) -> tuple[str, Claims]:
        if not self.party.application.by_dex:
            return await self.party.identity(code, verifier)
        issued = self.dex.issued.pop(code, None)
        if issued is None:
            raise ExchangeFailed('oauth2: "invalid_grant" "Invalid or expired code parameter."')
        return issued

    def _token_cookies(self, token: str) -> list[str]:
        chunks = [token[start : start + COOKIE_LIMIT] for start in range(0, len(token), COOKIE_LIMIT)]
        values = [f"{len(chunks)}:{chunks[0]}" if len(chunks) > 1 else chunks[0], *chunks[1:]]
        secure = "; Secure" if self._is_secure() else ""
        return [
            f"{TOKEN_COOKIE}{f'-{number}' if number else ''}={value}; path=/; SameSite=lax; httpOnly{secure}"
            for number, value in enumerate(values)
        ]

    async def logout(self, request: Request) -> Response:
        """Forget the session here; the issuer's lives on."""
        if self.party.application.logout_ends_session:
            token = _token(request)
            self.party.application.revoked.add(token)
            self.party.application.sessions.pop(token, None)
        response = go_redirect(303, self.party.application.base_url)
        for name in request.cookies:
            if name.startswith(TOKEN_COOKIE):
                response.headers.append("set-cookie", f"{name}=; Path=/")
        return response

    async def userinfo(self, request: Request) -> Response:
        """Who is signed in; `{}` for nobody."""
        claims = await self._session(request)
        if claims is None:
            return JSONResponse({}, headers=_GRPC)
        said = {"loggedIn": True, "username": _username(claims), "iss": claims["iss"]}
        groups = claims.get("groups") or []
        return JSONResponse(said | ({"groups": groups} if groups else {}), headers=_GRPC)

    async def can_i(self, request: Request) -> Response:
        """Whether the signed-in person's role allows an action."""
        claims = await self._session(request)
        if claims is None:
            return _no_session()
        role = self.party.application.role_of(claims)
        allowed = role == "admin" or request.path_params["action"] == "get"
        return JSONResponse({"value": "yes" if allowed else "no"}, headers=_GRPC)

    async def applications(self, request: Request) -> Response:
        """The Application objects, for whoever is signed in."""
        if await self._session(request) is None:
            return _no_session()
        items = self.party.world.cluster.list("applications.argoproj.io")
        return JSONResponse({"metadata": {}, "items": items}, headers=_GRPC)

    async def settings(self, _: Request) -> Response:
        """What the login page needs to know; public."""
        own = self.party.application
        said: Claims = {"url": own.base_url}
        elsewhere = self.dex.base if own.by_dex and not self.dex.is_bundled else ""
        if own.by_dex and not elsewhere:
            said["dexConfig"] = {"connectors": [{"name": "Authentik", "type": "oidc"}]}
        elif own.configured:
            said["oidcConfig"] = {
                "name": "Authentik",
                "issuer": elsewhere or own.issuer,
                "clientID": CLIENT if elsewhere else own.client_id,
                "scopes": list(own.scopes),
            }
            if own.use_pkce:
                said["oidcConfig"]["enablePKCEAuthentication"] = True
        said |= {
            "appLabelKey": "app.kubernetes.io/instance",
            "googleAnalytics": {"anonymizeUsers": True},
            "kustomizeOptions": {"BuildOptions": "", "BinaryPath": "", "Versions": None},
            "help": {},
            "trackingMethod": "annotation",
            "syncWithReplaceAllowed": True,
            "resourceViewEnabled": True,
        }
        return JSONResponse(said, headers=_GRPC)

    async def version(self, _: Request) -> Response:
        """The version; nothing more for the anonymous."""
        return JSONResponse({"Version": VERSION}, headers=_GRPC)

    async def health(self, _: Request) -> Response:
        """Alive."""
        return Response("ok\n", media_type="text/plain")

    async def ui(self, _: Request) -> Response:
        """The single-page UI, which answers every path that nothing else does."""
        headers = {
            "Accept-Ranges": "bytes",
            "Content-Security-Policy": "frame-ancestors 'self';",
            "X-Frame-Options": "sameorigin",
            "X-Robots-Tag": "noindex, nofollow",
            "X-Xss-Protection": "1",
        }
        return page(self.party.application.title, headers=headers)

    async def _session(self, request: Request) -> Claims | None:
        own = self.party.application
        token = _token(request)
        if not token or token in own.revoked:
            return None
        try:
            if token not in own.sessions:
                document = await self.party.discovered()
                own.sessions[token] = await self.party.verified(token, document["jwks_uri"])
            self.party.refuse_expired(own.sessions[token])
        except (DiscoveryFailed, VerificationFailed):
            return None
        return own.sessions[token]

    def _attributes(self) -> str:
        return f"HttpOnly; {'Secure; ' if self._is_secure() else ''}SameSite=Lax"

    def _is_secure(self) -> bool:
        return self.party.application.base_url.startswith("https://")


def _allowed(return_url: str, base_url: str) -> bool:
    wanted, own = urlsplit(return_url), urlsplit(base_url)
    return (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc) and wanted.path.startswith(own.path)


def _username(claims: Claims) -> str:
    return str(claims.get("email") or claims.get("sub", ""))


def _token(request: Request) -> str:
    first = request.cookies.get(TOKEN_COOKIE, "")
    count, colon, start = first.partition(":")
    if not colon or not count.isdigit():
        return first
    return start + "".join(request.cookies.get(f"{TOKEN_COOKIE}-{n}", "") for n in range(1, int(count)))


def _no_session() -> Response:
    text = "no session information"
    return JSONResponse({"error": text, "code": 16, "message": text}, 401)


def _sealed(text: str) -> str:
    nonce = secrets.token_bytes(12)
    return (nonce + AESGCM(_KEY).encrypt(nonce, text.encode(), None)).hex()


def _unsealed(text: str) -> tuple[str, str, str]:
    try:
        sealed = bytes.fromhex(text)
        state, return_url, verifier = AESGCM(_KEY).decrypt(sealed[:12], sealed[12:], None).decode().split("\n")
    except (ValueError, InvalidTag):
        return "", "", ""
    return state, return_url, verifier


def build(party: RelyingParty) -> Starlette:
    """Argo CD's server."""
    dex = Dex(party)
    argocd = ArgoCD(party, dex)
    return Starlette(
        routes=[
            Route("/auth/login", argocd.login),
            Route(CALLBACK, argocd.callback),
            *dex.routes(),
            Route("/auth/logout", argocd.logout),
            Route("/api/v1/session/userinfo", argocd.userinfo),
            Route("/api/v1/account/can-i/{resource}/{action}/{subresource:path}", argocd.can_i),
            Route("/api/v1/applications", argocd.applications),
            Route("/api/v1/settings", argocd.settings),
            Route("/api/version", argocd.version),
            Route("/healthz", argocd.health),
            Route("/{path:path}", argocd.ui),
        ]
    )
