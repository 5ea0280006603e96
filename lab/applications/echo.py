"""whoami: answers with the request as it arrived, which shows what the proxy let through."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.network import Headers

HOSTNAME: Final = "whoami"
_HEALTH: Final = "/health"


def answer(request: Request) -> Response:
    """The request's target and headers as text; as JSON at `/api`; nothing at `/health`."""
    path = request.scope["path"]
    if path == _HEALTH:
        return Response(status_code=200)
    headers = _canonical(request)
    if path == "/api":
        return JSONResponse(_as_data(request, headers))
    return Response(_as_text(request, headers), media_type="text/plain")


def _target(request: Request) -> str:
    raw: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def _peer(request: Request) -> str:
    return f"{request.client.host}:{request.client.port}" if request.client else ""


def _canonical(request: Request) -> Headers:
    pairs = [
        ("-".join(part.capitalize() for part in name.decode("latin-1").split("-")), value.decode("latin-1"))
        for name, value in request.headers.raw
        if name != b"host"
    ]
    return sorted(pairs)


def _as_text(request: Request, headers: Headers) -> str:
    host = request.headers.get("host", "")
    lines = [
        f"Hostname: {HOSTNAME}",
        "IP: 127.0.0.1",
        f"RemoteAddr: {_peer(request)}",
        f"{request.method} {_target(request)} HTTP/1.1",
        f"Host: {host}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\n".join(lines) + "\n\n"


def _as_data(request: Request, headers: Headers) -> dict[str, object]:
    collected: dict[str, list[str]] = {}
    for name, value in headers:
        collected.setdefault(name, []).append(value)
    return {
        "hostname": HOSTNAME,
        "ip": ["127.0.0.1"],
        "headers": collected,
        "url": _target(request),
        "host": request.headers.get("host", ""),
        "method": request.method,
        "remoteAddr": _peer(request),
    }
