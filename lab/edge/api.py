"""Traefik's own API: the only place that shows what the proxy has really loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lab.cluster.state import Object
from lab.edge import api_objects
from lab.network import ASGIApp
from lab.world import World

PER_PAGE: Final = 100


@dataclass(frozen=True)
class _Api:
    world: World

    async def version(self, request: Request) -> Response:
        started = self.world.edge.started.strftime("%Y-%m-%dT%H:%M:%SZ")
        response = _json({"Version": self.world.edge.version, "Codename": "cheddar", "startDate": started})
        response.headers["content-type"] = "application/json; charset=UTF-8"
        return response

    async def overview(self, request: Request) -> Response:
        return _json(api_objects.overview(self.world))

    async def entry_points(self, request: Request) -> Response:
        return self._list(request, api_objects.entry_points(self.world))

    async def listing(self, request: Request) -> Response:
        made = api_objects.KINDS.get(request.path_params["kind"])
        return self._list(request, made(self.world)) if made else _missing()

    async def single(self, request: Request) -> Response:
        made = api_objects.KINDS.get(request.path_params["kind"])
        name = request.path_params["name"]
        found = next((each for each in made(self.world) if each["name"] == name), None) if made else None
        if found:
            return _json(found)
        return _json({"message": f"{request.path_params['kind'].removesuffix('s')} not found: {name}"}, 404)

    async def raw_data(self, request: Request) -> Response:
        return _json(api_objects.raw_data(self.world))

    def _list(self, request: Request, entries: list[Object]) -> Response:
        status, search = request.query_params.get("status"), request.query_params.get("search", "").lower()
        kept = [
            each
            for each in entries
            if (not status or each.get("status") == status) and (not search or search in _searched(each))
        ]
        try:
            page = max(int(request.query_params.get("page", "1")), 1)
            size = max(int(request.query_params.get("per_page", str(PER_PAGE))), 1)
        except ValueError:
            return _json({"message": "invalid request: page"}, 400)
        start = (page - 1) * size
        if start and start >= len(kept):
            return _json({"message": f"invalid request: page: {page}, per_page: {size}"}, 400)
        following = page + 1 if start + size < len(kept) else 1
        return _json(kept[start : start + size], next_page=following)


def _json(content: object, status: int = 200, next_page: int = 0) -> Response:
    response = JSONResponse(content, status)
    if next_page:
        response.headers["X-Next-Page"] = str(next_page)
    return response


def _searched(entry: dict[str, Any]) -> str:
    return f"{entry['name']} {entry.get('rule', '')} {entry.get('service', '')}".lower()


def _missing() -> Response:
    return PlainTextResponse("404 page not found\n", 404)


async def _to_dashboard(_: Request) -> Response:
    return Response("", 302, {"location": "/dashboard/"})


async def _dashboard(_: Request) -> Response:
    return HTMLResponse("<!doctype html><html><head><title>Traefik Proxy</title></head><body></body></html>")


def build(world: World) -> ASGIApp:
    """The API on Traefik's internal port, with the dashboard (traefik/traefik, pkg/api/dashboard, Append)."""
    api = _Api(world)
    routes = [
        Route("/", _to_dashboard),
        Route("/dashboard/", _dashboard),
        Route("/api/version", api.version),
        Route("/api/overview", api.overview),
        Route("/api/entrypoints", api.entry_points),
        Route("/api/rawdata", api.raw_data),
        Route("/api/http/{kind}", api.listing),
        Route("/api/http/{kind}/{name}", api.single),
    ]
    return Starlette(routes=routes, exception_handlers={404: lambda _request, _error: _missing()})
