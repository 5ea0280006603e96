"""Answers in the manner of the frameworks that the applications are written with."""

from __future__ import annotations

import html
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import HTMLResponse, Response


def go_error(status: int, text: str) -> Response:
    """What Go's http.Error writes."""
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(f"{text}\n", status, headers, media_type="text/plain")


def go_redirect(status: int, location: str) -> Response:
    """What Go's http.Redirect writes in answer to a GET."""
    phrase = HTTPStatus(status).phrase
    body = f'<a href="{html.escape(location)}">{phrase}</a>.\n\n'
    return HTMLResponse(body, status, {"Location": location})


def page(title: str, body: str = "", *, headers: Mapping[str, str] | None = None) -> Response:
    """A small HTML page; `body` is HTML."""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"</head><body>{body or f'<h1>{html.escape(title)}</h1>'}</body></html>"
    )
    return HTMLResponse(text, headers=headers)
