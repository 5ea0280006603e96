"""AUTHENTIK_WEB__PATH: the whole server below a path, which requests have to name and all its addresses begin with.

Source: goauthentik/authentik internal/web/web.go and proxy.go (every router begins with config.Get().Web.Path; `/`
leads there; what is outside is nobody's, the embedded outpost too: issue 13504), and Django's prefix of all its URLs.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Scope

from lab.authentik.responses import as_router, plain, redirect

# What of an answer in JSON is an address of the server's own.
_OWN: Final = ("/application/", "/flows/", "/if/", "/api/", "/static/", "/device")
_NEXT: Final = re.compile(r"(?<=[?&]next=)%2F[^&]*|(?<=[?&]next=)/[^&]*")


def enter(scope: Scope, path: str) -> Scope | Response:
    """The scope as the server below `path` has it; the router's own answer for what is outside."""
    asked = str(scope["path"])
    if asked == "/":
        return as_router(redirect(f"{path}/"))
    if not asked.startswith(f"{path}/"):
        return as_router(plain("404 page not found", 404))
    raw = scope.get("raw_path", asked.encode("latin-1"))
    return {**scope, "path": asked.removeprefix(path), "raw_path": raw.removeprefix(path.encode())}


def leave(response: Response, path: str) -> Response:
    """The answer with the path before each of the server's own addresses."""
    headers = response.headers
    if location := headers.get("location", ""):
        headers["location"] = _below(_NEXT.sub(lambda found: _next(found[0], path), location), path)
    if headers.get("content-type", "").startswith("application/json") and response.body:
        response.body = json.dumps(_addresses(json.loads(bytes(response.body)), path)).encode()
        headers["content-length"] = str(len(response.body))
    return response


def _below(address: str, path: str) -> str:
    return path + address if address.startswith("/") and not address.startswith(f"{path}/") else address


def _next(value: str, path: str) -> str:
    encoded = quote(path, safe="")
    if value.startswith("/"):
        return _below(value, path)
    return value if value.startswith(f"{encoded}%2F") else encoded + value


def _addresses(value: Any, path: str) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _addresses(each, path) for key, each in value.items()}
    if isinstance(value, list):
        return [_addresses(each, path) for each in value]
    return _below(value, path) if isinstance(value, str) and value.startswith(_OWN) else value
