"""Answers of the Django part and of the Go router, with the headers each of them sends."""

from __future__ import annotations

import html
import json
from typing import Any, Final

from starlette.responses import Response

from lab.authentik.exchange import Exchange

_HTML: Final = "text/html; charset=utf-8"
_PLAIN: Final = "text/plain; charset=utf-8"
_NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_VARY: Final = (b"vary", b"Accept-Encoding")


def with_type(content: bytes, media_type: str, status: int = 200) -> Response:
    """An answer with exactly this content type."""
    response = Response(content, status)
    response.headers["content-type"] = media_type
    return response


def page(content: str, status: int = 200) -> Response:
    """An HTML page."""
    return with_type(content.encode(), _HTML, status)


def body_json(data: object, status: int = 200) -> Response:
    """A JSON body."""
    return with_type(json.dumps(data).encode(), "application/json", status)


def token_json(data: object, status: int = 200) -> Response:
    """A JSON body that nobody may keep (RFC 6749 section 5.1)."""
    response = body_json(data, status)
    response.headers.update(_NO_STORE)
    return response


def redirect(location: str) -> Response:
    """Django's 302: an empty HTML body."""
    response = page("", 302)
    response.headers["location"] = location
    return response


def not_allowed(allow: str) -> Response:
    """A method that the address does not take."""
    response = page("", 405)
    response.headers["allow"] = allow
    return response


def as_core(exchange: Exchange, response: Response) -> Response:
    """Add what Django's middlewares put on every answer."""
    headers = response.headers
    headers["content-language"] = "en"
    headers["referrer-policy"] = "same-origin"
    headers["x-authentik-id"] = exchange.request_id
    headers["x-content-type-options"] = "nosniff"
    headers.setdefault("x-frame-options", "DENY")
    headers["x-powered-by"] = "authentik"
    varies = headers.get("vary", "")
    if varies:
        del headers["vary"]
    origin = "Origin, " if "Origin" in varies else ""
    response.raw_headers.extend([_VARY, (b"vary", f"{origin}Accept-Language, Cookie".encode())])
    response.raw_headers.extend((b"set-cookie", cookie.encode("latin-1")) for cookie in exchange.cookies)
    return response


def as_router(response: Response) -> Response:
    """Add what the Go router puts on every answer."""
    response.raw_headers.append(_VARY)
    return response


def plain(text: str, status: int) -> Response:
    """Go's http.Error: one line of text."""
    response = with_type(f"{text}\n".encode(), _PLAIN, status)
    response.headers["x-content-type-options"] = "nosniff"
    return response


def go_redirect(exchange: Exchange, location: str) -> Response:
    """Go's http.Redirect: a link in the body, but only for GET and HEAD."""
    if exchange.method not in ("GET", "HEAD"):
        response = Response(status_code=302)
    else:
        response = page(f'<a href="{html.escape(location)}">Found</a>.\n\n', 302)
    response.headers["location"] = location
    return response


def empty(status: int, **headers: Any) -> Response:  # noqa: ANN401
    """No body."""
    return Response(status_code=status, headers=headers)
