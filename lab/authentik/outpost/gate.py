"""An outpost: which application a request is for, and whether it may pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from starlette.responses import Response

from lab.authentik.exchange import Exchange
from lab.authentik.outpost.application import (
    CALLBACK_SIGNATURE,
    LOGOUT_SIGNATURE,
    PREFIX,
    GatedApplication,
    timestamp,
)
from lab.authentik.outpost.identity import authenticated, headers, unnamed_session
from lab.authentik.outpost.leading import lead_on
from lab.authentik.outpost.model import OutpostView
from lab.authentik.outpost.sign_in import callback, sign_out, start
from lab.authentik.providers import ProxyProvider
from lab.authentik.responses import as_router, empty, plain

LOGGER: Final = "authentik.outpost.proxyv2.http"
_PING: Final = f"{PREFIX}/ping"
_ENVOY: Final = f"{PREFIX}/auth/envoy"
_POWERED_BY: Final = {"x-powered-by": "authentik_proxy2"}


def answer(exchange: Exchange) -> Response | None:
    """The outpost's answer; None for what is none of its business and goes on to the core."""
    begun = time.perf_counter()
    if exchange.path == _PING:
        response = as_router(empty(204))
        _log_access(exchange, response, begun, LOGGER)
        return response
    application = find(exchange)
    # Of a provider in mode proxy every request is the outpost's (internal/outpost/proxyv2/proxyv2.go, HandleHost).
    if application is None or not (application.provider.mode == "proxy" or _concerns(exchange)):
        return None
    response = as_router(_dispatch(application))
    response.raw_headers.extend((b"set-cookie", cookie.encode("latin-1")) for cookie in exchange.cookies)
    name = {"name": application.provider.name}
    _log_access(exchange, response, begun, "authentik.outpost.proxyv2.application", **name)
    return response


def asked_host(exchange: Exchange) -> str:
    """The host that is looked up: X-Forwarded-Host if present, and believed.

    Newer releases believe it from trusted proxies alone (goauthentik/authentik issue 25607: 404 for every host).
    """
    if exchange.state.release.trusts_listed_proxies_alone:
        return exchange.host
    return exchange.header("x-forwarded-host") or exchange.header("host")


def find(exchange: Exchange) -> GatedApplication | None:
    """The application that a request is for, if the outpost serves it."""
    view = exchange.view
    provider = view.sole_provider or provider_of_host(view, asked_host(exchange))
    return GatedApplication(exchange, view, provider) if provider else None


def provider_of_host(view: OutpostView, host: str) -> ProxyProvider | None:
    """The provider that serves a host: the exact one, port included, else the longest cookie domain.

    Of two providers with one external host the last loaded wins. The domain is compared without a dot, so
    that `evillan.example` belongs to `lan.example`.
    """
    # Most are told by their addresses, which need not be taken apart for that.
    exact = [provider for provider in view.providers if host in provider.external_host and provider.host == host]
    if exact:
        return exact[-1]
    domains = [
        provider
        for provider in view.providers
        if provider.mode == "forward_domain" and provider.cookie_domain and host.endswith(provider.cookie_domain)
    ]
    return max(domains, key=lambda provider: len(provider.cookie_domain), default=None)


def _concerns(exchange: Exchange) -> bool:
    if exchange.path.startswith(PREFIX):
        return True
    return any(exchange.query.get(name) == "true" for name in (CALLBACK_SIGNATURE, LOGOUT_SIGNATURE))


def _dispatch(application: GatedApplication) -> Response:
    exchange = application.exchange
    if exchange.process.phase == "db-down":
        # Sessions are in the database: without it the gate is shut.
        return plain("Internal Server Error", 500)
    views: dict[str, Callable[[GatedApplication], Response]] = {
        f"{PREFIX}/start": start,
        f"{PREFIX}/callback": _callback,
        f"{PREFIX}/sign_out": sign_out,
    }
    if application.provider.mode != "proxy":
        views |= {
            f"{PREFIX}/auth/traefik": _traefik,
            f"{PREFIX}/auth/caddy": _traefik,
            f"{PREFIX}/auth/nginx": _nginx,
        }
        if exchange.path.startswith(f"{_ENVOY}/"):
            return _envoy(application)
    if exchange.path in views:
        return views[exchange.path](application)
    if exchange.query.get(CALLBACK_SIGNATURE) == "true":
        return _callback(application)
    if exchange.query.get(LOGOUT_SIGNATURE) == "true":
        return sign_out(application)
    if application.provider.mode == "proxy":
        return lead_on(application)
    return plain("404 page not found", 404)


def _callback(application: GatedApplication) -> Response:
    return callback(application, application.exchange.query_string)


def _traefik(application: GatedApplication) -> Response:
    """Traefik and Caddy: the original address is in three headers, and so may be a callback."""
    exchange = application.exchange
    scheme = exchange.header("x-forwarded-proto")
    if not scheme:
        return _not_configured(application, "Traefik")
    if exchange.state.release.redirects_websockets_by_https:
        scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    wanted = f"{scheme}://{exchange.header('x-forwarded-host')}{exchange.header('x-forwarded-uri')}"
    url = urlsplit(wanted)
    query = parse_qs(url.query)
    if query.get(CALLBACK_SIGNATURE) == ["true"]:
        return callback(application, url.query)
    if query.get(LOGOUT_SIGNATURE) == ["true"]:
        return sign_out(application)
    return _passage(application, url) or start(application, wanted)


def _nginx(application: GatedApplication) -> Response:
    exchange = application.exchange
    wanted = exchange.header("x-original-url") or exchange.header("x-original-uri")
    if not wanted:
        return _not_configured(application, "nginx")
    passage = _passage(application, urlsplit(wanted), powered_by=False)
    if passage is not None:
        return passage
    if not application.cookie:
        exchange.cookies.append(application.set_cookie(unnamed_session(), application.lifetime))
    return plain("unauthorized request", 401)


def _envoy(application: GatedApplication) -> Response:
    exchange = application.exchange
    # Envoy tells no scheme, and the outpost adds none.
    wanted = f"//{exchange.header('host')}{exchange.target.removeprefix(_ENVOY)}"
    return _passage(application, urlsplit(wanted)) or start(application, wanted)


def _passage(application: GatedApplication, url: SplitResult, *, powered_by: bool = True) -> Response | None:
    """The 200 that lets a request through, telling who it is, or nothing where a path is open to all."""
    session = authenticated(application)
    if session is None:
        return empty(200) if application.open_to_all(url) else None
    response = empty(200, **(_POWERED_BY if powered_by else {}))
    response.headers.update(headers(application, session))
    if agent := application.exchange.header("user-agent"):
        response.headers["user-agent"] = agent
    return response


def _not_configured(application: GatedApplication, proxy: str) -> Response:
    """A request without the proxy's headers: an error in the log, and the event that it cannot report.

    The core refuses the report, for the address in it has a port (recordings/logs/outpost-errors).
    """
    exchange = application.exchange
    name = application.view.name
    text = f"Outpost {name} (Provider {application.provider.name}) failed to detect a forward URL from {proxy}"
    application.log(
        "Reporting configuration error",
        "error",
        message=text,
        outpost=name,
        provider=application.provider.name,
        url=exchange.path,
    )
    application.log("failed to report configuration error", "warning", error="400 Bad Request")
    return plain("configuration error", 500)


def _log_access(exchange: Exchange, response: Response, begun: float, logger: str, **more: Any) -> None:  # noqa: ANN401
    line = {
        "event": exchange.target,
        "host": asked_host(exchange),
        "level": "info",
        "logger": logger,
        "method": exchange.method,
        "remote": exchange.remote,
        "runtime": f"{(time.perf_counter() - begun) * 1000:.3f}",
        "scheme": str(exchange.request.scope.get("scheme", "http")),
        "size": len(response.body),
        "status": response.status_code,
        "timestamp": timestamp(exchange.now),
        "user_agent": exchange.header("user-agent"),
        **more,
    }
    exchange.write(line)
