"""/outposts/proxy/: what outposts load, every secret included, whether they are to serve it or not."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.routing import Route

from lab.authentik.api.call import Body, Call
from lab.authentik.api.endpoint import READ, endpoint
from lab.authentik.api.listing import Listing
from lab.authentik.api.provider_bodies import proxy_settings
from lab.authentik.api.providers import proxy_rows
from lab.authentik.durations import duration
from lab.authentik.oidc import discovery
from lab.authentik.providers import ProxyProvider
from lab.world import World


def _configuration(call: Call, slug: str | None) -> Any:  # noqa: ANN401 - a document, as it is served
    return json.loads(bytes(discovery.document(call.exchange, slug).body)) if slug else None


def _body(call: Call, provider: ProxyProvider) -> Body:
    application = call.state.application_of(provider)
    return {
        "pk": provider.pk,
        "name": provider.name,
        **proxy_settings(provider),
        "client_id": provider.client_id,
        "client_secret": provider.client_secret,
        "oidc_configuration": _configuration(call, application.slug if application else None),
        "cookie_secret": provider.cookie_secret,
        "access_token_validity": duration(provider.access_token_validity).total_seconds(),
        "scopes_to_request": [mapping.scope_name for mapping in call.state.mappings(provider)],
        "assigned_application_slug": application.slug if application else None,
        "assigned_application_name": application.name if application else None,
    }


def _attached(call: Call) -> list[ProxyProvider]:
    return [row for row in proxy_rows(call) if call.state.application_of(row) is not None]


_LISTING: Final = Listing[ProxyProvider](shape=_body, rows=_attached, order=("name",))


def routes(world: World) -> list[Route]:
    """The routes of this resource."""
    return [endpoint(world, "outposts/proxy/", READ, get=_LISTING.all)]
