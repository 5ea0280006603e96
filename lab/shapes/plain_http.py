"""No TLS at all: an estate on a LAN, whose addresses all begin with http://."""

from __future__ import annotations

import re
from typing import Any, Final

from lab import names
from lab.arrangements import traefik_container
from lab.authentik.providers import ProxyProvider
from lab.cluster.seed.estate import ALIASES_DELETED
from lab.registry import Table
from lab.shapes import shape
from lab.world import World

_SECURE: Final = re.compile(rf"https://(?=[^/\s\"']*{re.escape(names.DOMAIN)})")


def _plain(value: Any) -> Any:  # noqa: ANN401
    """The same text, list or table, with plain http wherever it names a host of the estate."""
    if isinstance(value, str):
        return _SECURE.sub("http://", value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {_plain(key): _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _without_tls(estate: Table) -> None:
    estate |= _plain(estate)


@shape("plain-http", describe=_without_tls)
def plain_http(world: World) -> None:
    """A LAN without TLS: Authentik and all applications are at http:// addresses, and port 443 is closed."""
    _authentik(world)
    _applications(world)
    _cluster(world)
    world.edge.redirects_plain_http = False
    world.edge.silent.add("ingress-https")


def _authentik(world: World) -> None:
    for outpost in world.authentik.outposts.values():
        outpost.config = _plain(outpost.config)
    for provider in world.authentik.providers.values():
        for uri in provider.redirect_uris:
            uri.url = _plain(uri.url)
        if isinstance(provider, ProxyProvider):
            provider.external_host = _plain(provider.external_host)
            provider.follow_external_host()


def _applications(world: World) -> None:
    for application in world.applications.by_name.values():
        for name in ("base_url", "issuer", "authorize_url", "token_url", "userinfo_url", "discovery"):
            setattr(application, name, _plain(getattr(application, name)))


def _cluster(world: World) -> None:
    """Routes at the entry point `web` alone, and nothing that promises or demands https."""
    cluster = world.cluster
    cluster.rewrite(_plain)
    for route in cluster.list("ingressroutes"):
        route["spec"]["entryPoints"] = ["web"]
        del route["spec"]["tls"]
    headers = cluster.get("middlewares.traefik.io", "traefik-system", "security-headers")
    headers["spec"]["headers"] = {"contentTypeNosniff": True}
    container = traefik_container(world)
    secure = ("--entryPoints.websecure", "--entryPoints.web.http.redirections")
    plain = [argument for argument in container["args"] if not argument.startswith(secure)]
    container["args"] = [*plain, ALIASES_DELETED.replace("websecure", "web")]
