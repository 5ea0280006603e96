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

# Namespace and name.
MiddlewareReference = tuple[str, str]


@dataclass
class Edge:
    """Traefik, apart from its routers, which it derives from the cluster's objects at each request."""

    started: datetime
    version: str = "3.7.12"
    # Its connections. Host by host, what is presented where that is not the good certificate.
    certificates: dict[str, HostCertificate] = field(default_factory=dict)
    # Listeners that abort every connection, and those that take it and say nothing.
    silent: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    # What every request comes from, where that is not the client's own address.
    client_address: str | None = None
    # One question after the other goes by the same connection, and so to the same pod (Go, net/http, Transport); else
    # they go to all pods in turn.
    keeps_connections: bool = False
    tampering: list[Callable[[Request, Response], Response]] = field(default_factory=list)

    # Its entry points. Trusted is their insecure mode; kept are the headers, in lower case, that one without it forgets
    # to discard.
    forwarded_headers_trusted: bool = False
    forwarded_headers_kept: frozenset[str] = frozenset()
    # Traefik's own default: `//` and dot segments are resolved before a router is chosen.
    sanitizes_paths: bool = True
    # What an entry point puts in front of each of its routers.
    default_middlewares: dict[str, list[MiddlewareReference]] = field(default_factory=dict)
    # `web` leads to `websecure`, but for these hosts, whose routers answer on both.
    redirects_plain_http: bool = True
    redirect_permanent: bool = True
    redirect_port: int = 443
    plain_http_hosts: set[str] = field(default_factory=set)

    # Its providers, and what they allow.
    reads_ingresses: bool = True
    cross_namespace_allowed: bool = True
    external_names_allowed: bool = False
    empty_services_allowed: bool = True
    # What it has loaded, where that is something else than the cluster holds (see `freeze`).
    stale_objects: Cluster | None = None

    # Without it, a listed header stays as the client sent it wherever the gate says nothing about it.
    clears_identity_headers: bool = True

    @property
    def knows_wildcards(self) -> bool:
        """Whether Host takes wildcards: from 3.7 on (traefik/traefik PR 12884)."""
        return Version(self.version) >= Version("3.7")

    @property
    def groups(self) -> tuple[str, ...]:
        """The API groups whose objects it reads; version 3 has dropped the old one."""
        return ("traefik.io", "traefik.containo.us")[: 1 if Version(self.version) >= Version("3") else 2]
