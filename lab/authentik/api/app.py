"""The routes of /api/v3, but for the flow executor, which belongs to the flows."""

from __future__ import annotations

from starlette.routing import Route

from lab.authentik.api import (
    applications,
    events,
    groups,
    machinery,
    outposts,
    policies,
    providers,
    security,
    served,
    system,
    tokens,
    users,
)
from lab.authentik.api.endpoint import api_browser, unknown_path
from lab.world import World


def routes(world: World) -> list[Route]:
    """Every route of the REST API; the last one answers 404 to the rest of /api/v3."""
    resources = (
        users,
        groups,
        tokens,
        applications,
        providers,
        outposts,
        policies,
        security,
        served,
        events,
        machinery,
        system,
    )
    found = [route for resource in resources for route in resource.routes(world)]
    return [api_browser(world), *found, unknown_path(world)]
