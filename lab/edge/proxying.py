"""The last step: handing the request to one of the backend's pods."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from lab.cluster.state import service_of
from lab.edge.exchange import PLAIN, Exchange, encoded
from lab.edge.forwarding import appended_client, is_websocket, without_hop_by_hop
from lab.edge.routers import Backend, Router
from lab.network import Headers, Refused, Scope
from lab.world import World

# Where the proxy's API and dashboard answer, which routes may lead to as api@internal.
_OWN: Final = Backend("traefik-system", "traefik", 8080)


class Balancer:
    """Takes the endpoints of each service in turn; Traefik talks to pods, not to Service addresses."""

    def __init__(self) -> None:
        self._turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)

    async def proxy(self, router: Router, exchange: Exchange) -> None:
        """Let a pod answer. 503 when no endpoint is ready, 502 when the chosen one takes no connection."""
        servers = [each for backend in router.backends for each in endpoints(exchange.world, backend)]
        if not servers:
            await exchange.answer(503, PLAIN, b"no available server\n")
            return
        address, port = servers[next(self._turns[router.service]) % len(servers)]
        try:
            app = exchange.network.find(address, port)
            await app(_backend_scope(exchange, address, port), exchange.receive, exchange.send)
        except Refused:
            await exchange.answer_phrase(502)


def endpoints(world: World, backend: Backend) -> list[tuple[str, int]]:
    """The ready addresses behind a Service's port; of an ExternalName the name that it stands for; the proxy's own."""
    if backend.is_internal:
        return endpoints(world, _OWN)
    service = world.cluster.find("services", backend.namespace, backend.name)
    if service and service["spec"].get("type") == "ExternalName":
        return [(service["spec"]["externalName"], int(backend.port))]
    ports = service["spec"].get("ports", ()) if service else ()
    wanted = {p.get("name", "") for p in ports if str(backend.port) in (str(p["port"]), p.get("name"))}
    found: list[tuple[str, int]] = []
    for piece in world.cluster.read("endpointslices", service_of, (backend.namespace, backend.name)):
        targets = [p["port"] for p in piece.get("ports") or () if p.get("name", "") in wanted]
        for endpoint in piece.get("endpoints") or ():
            if targets and endpoint.get("conditions", {}).get("ready") is not False:
                found += [(address, targets[0]) for address in endpoint["addresses"]]
    return found


def _backend_scope(exchange: Exchange, address: str, port: int) -> Scope:
    return {
        **exchange.scope,
        "method": exchange.method,
        "scheme": "http",
        "path": unquote(exchange.path),
        "raw_path": exchange.path.encode("latin-1"),
        "query_string": exchange.query.encode("latin-1"),
        "headers": encoded(_backend_headers(exchange)),
        "client": ("10.42.0.5", 40000),
        "server": (address, port),
        "state": {},
    }


def _backend_headers(exchange: Exchange) -> Headers:
    headers = [pair for pair in without_hop_by_hop(exchange.headers) if pair[0] != "x-forwarded-for"]
    if is_websocket(exchange.headers):
        headers += [("connection", "Upgrade"), ("upgrade", "websocket")]
    # The order in which Go writes them: by name, with Host before all others.
    return sorted([*headers, ("x-forwarded-for", appended_client(exchange))], key=_by_name_host_first)


def _by_name_host_first(header: tuple[str, str]) -> tuple[bool, str]:
    return header[0] != "host", header[0]
