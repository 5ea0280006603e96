"""Applications that know no login of their own: a UI that answers every path, and a little of an API."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.applications.answers import page
from lab.applications.state import Application

# What each UI's own API answers, by path; every other path brings the single-page UI, whatever the method.
_APIS: Final[dict[str, dict[str, object]]] = {
    "longhorn": {
        "/v1": {"type": "apiVersion", "actions": {}, "links": {"self": "/v1", "volumes": "/v1/volumes"}},
        "/v1/volumes": {"type": "collection", "resourceType": "volume", "data": []},
        "/v1/settings": {"type": "collection", "resourceType": "setting", "data": []},
    },
    "hubble": {"/api/status": {"numNodes": 3}},
    "sympozium": {"/api/v1/runs": {"items": []}, "/healthz": {"status": "ok"}},
}


def answer(application: Application, request: Request) -> Response:
    """The application's answer to a request that reached it."""
    known = _APIS.get(application.name, {}).get(request.scope["path"].rstrip("/"))
    return page(application.title) if known is None else JSONResponse(known)
