"""The cluster's inside: names and addresses resolved as kube-proxy and DNS would, requests made in process.

Nothing here opens a socket. What is resolved comes from the Service and EndpointSlice objects as they are at
that moment, so a fault that takes an endpoint away is felt by everybody who talks to it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from lab import names
from lab.cluster.state import service_of
from lab.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[str, str]]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
ENTRY_POINTS: Final = {80: "web", 443: "websecure"}
# Container ports of the proxy's own pod.
PROXY_PORTS: Final = {8000: "web", 8443: "websecure", 8080: "traefik"}
LISTENER_OF_ENTRY_POINT: Final = {
    "web": "ingress-http",
    "websecure": "ingress-https",
    "traefik": "traefik-api",
}


def first_header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first header of that name, in any case, or None."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


class Refused(Exception):
    """Nobody listens there: the name is unknown, no endpoint is ready, or what listened was silenced."""


@dataclass(frozen=True)
class Answer:
    """What an in-process request came back with; header names as the answering side wrote them."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        return first_header(self.headers, name)


class Network:
    """Finds what listens at an address of the estate. Applications are built once, at their first use."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._built: dict[str, ASGIApp] = {}
        self._turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)

    def find(self, host: str, port: int) -> ASGIApp:
        """What listens at `host:port`: a public name, a Service's name or address, or a pod's address.

        A Service with several ready endpoints gives them in turn. Raises Refused when nobody listens.
        """
        host = host.lower().rstrip(".")
        if host.endswith(f".{names.DOMAIN}") and port in ENTRY_POINTS:
            return self._entry_point(ENTRY_POINTS[port])
        if _is_address(host):
            return self._at_address(host, port)
        namespace, name = _service_name(host)
        return self._at_service(namespace, name, port)

    async def request(
        self, method: str, url: str, headers: Headers, body: bytes = b"", *, peer: str = "10.42.0.5"
    ) -> Answer:
        """Ask `url` from inside the cluster. Follows nothing, normalises nothing. Raises Refused."""
        scope = http_scope(method, url, headers, peer)
        return await call(self.find(*scope["server"]), scope, body)

    def workload(self, key: str, port: int = 0) -> ASGIApp:
        """The application of a workload key such as `authentik-server/0`, `traefik` or `longhorn`.

        Raises Refused for one that serves nothing or was silenced.
        """
        name, _, replica = key.partition("/")
        if name == "traefik":
            return self._entry_point(PROXY_PORTS.get(port, "traefik"))
        self._refuse_if_silent(f"authentik-pod-{replica}" if name == "authentik-server" else name)
        return self._application(key)

    def _entry_point(self, name: str) -> ASGIApp:
        self._refuse_if_silent(LISTENER_OF_ENTRY_POINT[name])
        return self._application(f"traefik/{name}")

    def _refuse_if_silent(self, listener: str) -> None:
        if listener in self._world.edge.silent:
            raise Refused(f"{listener} does not answer")

    def _application(self, key: str) -> ASGIApp:
        if key not in self._built:
            self._built[key] = _build(self._world, self, key)
        return self._built[key]

    def _at_address(self, host: str, port: int) -> ASGIApp:
        key = self._world.cluster.pod_application(host, port)
        if key is not None:
            return self.workload(key, port)
        for service in self._world.cluster.read("services", _service_addresses, host):
            return self._at_service(service["metadata"]["namespace"], service["metadata"]["name"], port)
        raise Refused(f"nobody listens at {host}:{port}")

    def _at_service(self, namespace: str, name: str, port: int) -> ASGIApp:
        service = self._world.cluster.find("services", namespace, name)
        ports = service["spec"].get("ports", []) if service else []
        wanted = next((entry for entry in ports if entry["port"] == port), None)
        if wanted is None:
            raise Refused(f"there is no Service {namespace}/{name} with port {port}")
        endpoints = list(self._ready_endpoints(namespace, name, wanted.get("name", "")))
        # All of the proxy's questions come from its one pod, which a Service with affinity leads to one endpoint.
        affine = service is not None and service["spec"].get("sessionAffinity") == "ClientIP"
        sticky = affine or self._world.edge.keeps_connections
        turn = itertools.count() if sticky else self._turns[f"{namespace}/{name}"]
        for _ in endpoints:
            address, target = endpoints[next(turn) % len(endpoints)]
            key = self._world.cluster.pod_application(address, target)
            if key is not None:
                return self.workload(key, target)
        raise Refused(f"Service {namespace}/{name} has no endpoint that answers")

    def _ready_endpoints(self, namespace: str, name: str, port_name: str) -> Iterator[tuple[str, int]]:
        for piece in self._world.cluster.read("endpointslices", service_of, (namespace, name)):
            targets = [p["port"] for p in piece.get("ports") or [] if p.get("name", "") == port_name]
            for endpoint in piece.get("endpoints") or []:
                # An absent condition means ready (discovery.k8s.io/v1 EndpointConditions).
                if targets and endpoint.get("conditions", {}).get("ready") is not False:
                    yield endpoint["addresses"][0], targets[0]


async def call(app: ASGIApp, scope: Scope, body: bytes = b"") -> Answer:
    """Hand one request to an ASGI application and collect its answer, without a socket."""
    done = asyncio.Event()
    incoming = iter([body])
    started: Message = {"status": 500, "headers": []}
    chunks: list[bytes] = []

    async def receive() -> Message:
        for chunk in incoming:
            return {"type": "http.request", "body": chunk, "more_body": False}
        await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                done.set()

    await app(scope, receive, send)
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in started["headers"]]
    return Answer(started["status"], headers, b"".join(chunks))


def http_scope(method: str, url: str, headers: Headers, peer: str) -> Scope:
    """The ASGI scope of a request for `url`, whose target stays as written; `headers` may bring a Host."""
    scheme, _, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    host, _, port = authority.partition(":")
    path, _, query = (slash + tail or "/").partition("?")
    sent = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
    if not any(key == b"host" for key, _ in sent):
        sent.insert(0, (b"host", authority.encode("latin-1")))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": scheme,
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": sent,
        "client": (peer, 40000),
        "server": (host, int(port) if port else DEFAULT_PORTS[scheme]),
        "state": {},
    }


def _build(world: World, network: Network, key: str) -> ASGIApp:
    from lab import parts  # noqa: PLC0415 - the parts use the network

    try:
        return parts.build(world, network, key)
    except KeyError:
        raise Refused(f"{key} serves nothing") from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _service_name(host: str) -> tuple[str, str]:
    labels = host.removesuffix(".cluster.local").removesuffix(".svc").split(".")
    if len(labels) != 2:
        raise Refused(f"{host} is no name that this cluster resolves")
    return labels[1], labels[0]


def _service_addresses(service: dict[str, Any]) -> list[str]:
    balancer = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return [service["spec"].get("clusterIP", ""), *(entry.get("ip", "") for entry in balancer)]
