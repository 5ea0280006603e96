"""What several faults do to an answer on its way: replace it, or change one thing in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from lab import names

Tampering = Callable[[Request, Response], Response]
Document = dict[str, Any]

DISCOVERY = "/.well-known/openid-configuration"


def where(applies: Callable[[Request, Response], bool], change: Tampering) -> Tampering:
    """`change`, but only for the exchanges that `applies` picks."""
    return lambda request, response: change(request, response) if applies(request, response) else response


def at(path: str) -> Callable[[Request, Response], bool]:
    """Picks the requests to addresses whose path begins with `path`."""
    return lambda request, _: request.url.path.startswith(path)


def becomes_page(status: int, title: str) -> Tampering:
    """Replace the answer by a page, as an ingress or a single-page application does."""
    page = f"<!doctype html><title>{title}</title><h1>{title}</h1>"
    return lambda _request, _response: HTMLResponse(page, status)


def with_header(name: str, value: str) -> Tampering:
    """Put a header on the answer, in place of any of that name."""

    def change(_: Request, response: Response) -> Response:
        response.headers[name] = value
        return response

    return change


def without_header(name: str) -> Tampering:
    """Take a header off the answer."""

    def change(_: Request, response: Response) -> Response:
        if name in response.headers:
            del response.headers[name]
        return response

    return change


def without_cookies(name: str = "") -> Tampering:
    """Take the cookie of that name off the answer, or all of them."""
    lost = f"{name}=".encode() if name else b""

    def change(_: Request, response: Response) -> Response:
        response.raw_headers[:] = [
            (key, value) for key, value in response.raw_headers if key != b"set-cookie" or not value.startswith(lost)
        ]
        return response

    return change


def replacing(old: str, new: str) -> Tampering:
    """Change a text in the redirect target and the body."""

    def change(_: Request, response: Response) -> Response:
        if "location" in response.headers:
            response.headers["location"] = response.headers["location"].replace(old, new)
        response.body = bytes(response.body).replace(old.encode(), new.encode())
        if "content-length" in response.headers:
            response.headers["content-length"] = str(len(response.body))
        return response

    return change


def login_asks(host: str, parameter: str) -> Tampering:
    """Add a parameter to the authorization requests of the application at `host`."""

    def change(request: Request, response: Response) -> Response:
        if request.url.hostname == host and names.AUTH_HOST in response.headers.get("location", ""):
            response.headers["location"] += f"&{parameter}"
        return response

    return change


def amended(slug: str, change: Callable[[Document], Document]) -> Callable[[Document], Document]:
    """An amendment of discovery documents that touches one application's only."""

    def amend(document: Document) -> Document:
        return change(dict(document)) if f"/{slug}/" in str(document["jwks_uri"]) else document

    return amend


def sent(request: Request, name: str) -> str:
    """A query parameter of the request; empty when it was not sent."""
    return parse_qs(urlsplit(str(request.url)).query).get(name, [""])[0]
