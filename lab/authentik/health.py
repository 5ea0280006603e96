"""Probes, and what a replica answers while it starts or has lost its backend or database."""

from __future__ import annotations

import hashlib
from typing import Final

from starlette.responses import Response

from lab.authentik import pages, ui
from lab.authentik.exchange import Exchange
from lab.authentik.responses import as_core, as_router, body_json, empty, page, plain, with_type

LIVE: Final = "/-/health/live/"
READY: Final = "/-/health/ready/"
_STARTING: Final = "authentik starting"
_ROBOTS: Final = "User-agent: *\nDisallow: /\n"


def of_router(exchange: Exchange) -> Response | None:
    """What the Go router answers itself, whatever the host: probes, static files, a start in progress."""
    phase, path = exchange.process.phase, exchange.path
    if path == LIVE:
        return as_router(empty(200 if phase in ("up", "db-down") else 502))
    if phase == "starting":
        return as_router(_starting(exchange))
    if path.startswith("/-/metrics"):
        return as_router(plain("404 page not found", 404))
    if path == "/robots.txt":
        return _static(exchange, _file(_ROBOTS.encode(), "text/plain"))
    if path.startswith("/static/"):
        found = ui.file(path, exchange.build_version)
        return _static(exchange, _file(*found) if found else plain("404 page not found", 404))
    return None


def of_phase(exchange: Exchange) -> Response | None:
    """What stands for the Django part while it cannot answer; None when it can."""
    phase = exchange.process.phase
    if phase == "core-down":
        return as_router(plain("failed to connect to authentik backend", 502))
    if phase == "db-down":
        status = 503 if exchange.path == READY else 500
        return as_core(exchange, page("" if status == 503 else pages.error("Server Error"), status))
    return None


def ready(_exchange: Exchange) -> Response:
    """The readiness probe of the Django part."""
    return page("")


def _starting(exchange: Exchange) -> Response:
    accept = exchange.header("accept")
    if "application/json" in accept:
        response = body_json({"error": _STARTING}, 503)
    elif "text/html" in accept:
        response = with_type(f"<span>{_STARTING}</span>\n".encode(), "text/html", 503)
    else:
        response = with_type(_STARTING.encode(), "text/plain", 503)
    response.headers["retry-after"] = "5"
    return response


def _file(content: bytes, media_type: str) -> Response:
    """A file as the router serves it: its tag is its length and its SHA-1."""
    response = with_type(content, media_type)
    response.headers["cache-control"] = "public, no-transform"
    response.headers["etag"] = f"{len(content)}-{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
    return response


def _static(exchange: Exchange, response: Response) -> Response:
    response.headers["x-authentik-version"] = exchange.build_version
    response.headers["vary"] = "X-authentik-version, Etag"
    return response
