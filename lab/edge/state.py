"""The reverse proxy's state: what it presents, trusts and does, apart from what the cluster tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from packaging.version import Version
from starlette.requests import Request
from starlette.responses import Response

from lab.cluster.state import Cluster
from lab.tls import HostCertificate

MiddlewareReference = tuple[str, str]


@dataclass
class Edge:
    """Traefik, apart from its routers, which it derives from the cluster's objects at each request.

    `certificates` says what a host presents (absent: the good one). `silent` names listeners that abort every
    connection, `hanging` those that take it and say nothing. `stale_objects` is set when the proxy has something
    else loaded than the cluster holds (see `freeze`). `forwarded_headers_trusted` is the entry points' insecure
    mode; `forwarded_headers_kept` are those
    (in lower case) that an entry point without it forgets to discard. `default_middlewares` maps an
    entry point to (namespace, name) pairs put in front of each of its routers. `redirects_plain_http` sends
    `web` to `websecure`, except for the hosts in `plain_http_hosts`, whose routers then answer on both.
    `cross_namespace_allowed`, `external_names_allowed` and `empty_services_allowed` are options of its providers;
    `reads_ingresses` is whether it has the one that reads Ingresses.
    `client_address` replaces the address that requests come from. `clears_identity_headers` is
    False when a listed header stays as the client sent it wherever the gate says nothing about it.
    `sanitizes_paths` is Traefik's own default:
    `//` and dot segments are resolved before a router is chosen. It `keeps_connections` where one question after the
    other goes by the same connection, and so to the same pod (Go, net/http, Transport); else they go to all in turn.
    """

    started: datetime
    certificates: dict[str, HostCertificate] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    tampering: list[Callable[[Request, Response], Response]] = field(default_factory=list)
    forwarded_headers_trusted: bool = False
    forwarded_headers_kept: frozenset[str] = frozenset()
    stale_objects: Cluster | None = None
    default_middlewares: dict[str, list[MiddlewareReference]] = field(default_factory=dict)
    redirects_plain_http: bool = True
    redirect_permanent: bool = True
    redirect_port: int = 443
    plain_http_hosts: set[str] = field(default_factory=set)
    cross_namespace_allowed: bool = True
    external_names_allowed: bool = False
    empty_services_allowed: bool = True
    reads_ingresses: bool = True
    clears_identity_headers: bool = True
    sanitizes_paths: bool = True
    keeps_connections: bool = False
    client_address: str | None = None
    version: str = "3.7.12"

    @property
    def knows_wildcards(self) -> bool:
        """Whether Host takes wildcards: from 3.7 on (traefik/traefik PR 12884)."""
        return Version(self.version) >= Version("3.7")

    @property
    def groups(self) -> tuple[str, ...]:
        """The API groups whose objects it reads; version 3 has dropped the old one."""
        return ("traefik.io", "traefik.containo.us")[: 1 if Version(self.version) >= Version("3") else 2]
