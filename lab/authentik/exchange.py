"""One request to a server replica: who asks, under which name, and what is written about it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from lab.authentik.accounts import User
from lab.authentik.audit_log import record_event
from lab.authentik.outpost.model import OutpostView
from lab.authentik.sessions import Session
from lab.authentik.state import Authentik, Replica
from lab.world import World

NAMESPACE: Final = "authentik"
_PID: Final = 42


@lru_cache(maxsize=1024)
def _within(address: str, network: str) -> bool:
    return ip_address(address) in ip_network(network)


def write_line(world: World, replica: int, line: dict[str, Any]) -> None:
    """Append a JSON line to the log of the replica's pod."""
    pods = world.cluster.server_pods
    if replica < len(pods):
        write_line_of(world, NAMESPACE, pods[replica], line)


def write_line_of(world: World, namespace: str, pod: str, line: dict[str, Any]) -> None:
    """Append a JSON line to the log of any pod, its keys in order."""
    world.cluster.log(namespace, pod, json.dumps(dict(sorted(line.items()))))


@dataclass
class Exchange:
    """A request with its body read.

    `auth_via` and `actor` are how the access line names the caller; `save_session` makes the answer carry the
    session's cookie, `cookies` are further Set-Cookie values.
    """

    world: World
    replica: int
    request: Request
    body: bytes = field(default=b"", repr=False)
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    auth_via: str = "unauthenticated"
    actor: str = ""
    session: Session | None = field(default=None, repr=False)
    save_session: bool = False
    cookies: list[str] = field(default_factory=list, repr=False)

    @property
    def state(self) -> Authentik:
        """Authentik as it is now."""
        return self.world.authentik

    @property
    def process(self) -> Replica:
        """The replica that answers."""
        return self.world.authentik.replicas[self.replica]

    @property
    def build_version(self) -> str:
        """The release of the process that answers."""
        return self.process.build_version or self.state.version

    @property
    def view(self) -> OutpostView:
        """What the outpost that judges this request has loaded."""
        return self.world.authentik.view(self.replica)

    def kept_as(self, sid: str) -> str:
        """Under which name the outpost that judges finds a gate session: the embedded one keeps all in the database."""
        return sid

    @property
    def asks_from(self) -> tuple[str, int] | None:
        """From where its outpost asks the core: the embedded one by a socket of the server's own."""
        return None

    def write(self, line: dict[str, Any]) -> None:
        """Write a line of the process that answers."""
        write_line(self.world, self.replica, line)

    @property
    def now(self) -> datetime:
        """The world's time."""
        return self.world.clock.now()

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.request.scope["path"])

    @property
    def query_string(self) -> str:
        """The query as sent, without its question mark."""
        return bytes(self.request.scope["query_string"]).decode("latin-1")

    @property
    def target(self) -> str:
        """Path and query as access lines show them."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last, as Django takes it."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a form body; empty for other content."""
        if self.header("content-type").partition(";")[0].strip() != "application/x-www-form-urlencoded":
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def header(self, name: str) -> str:
        """A request header, or an empty string."""
        return self.request.headers.get(name, "")

    @property
    def host(self) -> str:
        """The host the browser is thought to have asked: X-Forwarded-Host where trusted, else Host."""
        forwarded = self.header("x-forwarded-host").partition(",")[0].strip()
        return forwarded if forwarded and self._from_trusted_proxy() else self.header("host")

    def _from_trusted_proxy(self) -> bool:
        client = self.request.scope.get("client")
        return client is None or any(_within(client[0], known) for known in self.state.rules.trusted_proxies)

    @property
    def scheme(self) -> str:
        """https when the connection is, or when X-Forwarded-Proto says so (in newer releases: of a trusted proxy)."""
        believed = not self.state.release.trusts_listed_proxies_alone or self._from_trusted_proxy()
        forwarded = self.header("x-forwarded-proto").partition(",")[0].strip() if believed else ""
        return forwarded or str(self.request.scope.get("scheme", "http"))

    @property
    def origin(self) -> str:
        """Scheme and host, and the path that all is below: from them issuer and endpoints are made."""
        return f"{self.scheme}://{self.host}{self.state.rules.web_path}"

    @property
    def client_ip(self) -> str:
        """The caller's address, by X-Forwarded-For if given."""
        forwarded = self.header("x-forwarded-for").partition(",")[0].strip()
        client = self.request.scope.get("client")
        return forwarded or (client[0] if client else "127.0.0.1")

    @property
    def remote(self) -> str:
        """The peer's address and port, as the Go parts log it."""
        host, port = self.request.scope.get("client") or ("127.0.0.1", 0)
        return f"{self.header('x-forwarded-for').partition(',')[0].strip() or host}:{port or 40000}"

    def log(self, event: str, logger: str, level: str = "info", **more: Any) -> None:  # noqa: ANN401
        """Write a line of the Django part: structured, keys in order, with the request's id."""
        line = {
            "auth_via": self.auth_via,
            "domain_url": self.host.partition(":")[0],
            "event": event,
            "host": self.host,
            "level": level,
            "logger": logger,
            "pid": _PID,
            "request_id": self.request_id,
            "schema_name": "public",
            "timestamp": self.now.isoformat()[:26],
            **more,
        }
        self.write(line)

    def warn(self, event: str, logger: str, **more: Any) -> None:  # noqa: ANN401
        """Write a warning."""
        self.log(event, logger, "warning", **more)

    def log_access(self, status: int, milliseconds: int) -> None:
        """Write the access line of the Django part."""
        self.log(
            self.target,
            "authentik.asgi",
            method=self.method,
            remote=self.client_ip,
            runtime=milliseconds,
            scheme=self.scheme,
            status=status,
            user=self.actor,
            user_agent=self.header("user-agent"),
        )

    def record(
        self,
        action: str,
        app: str,
        *,
        user: User | None = None,
        attempted: str | None = None,
        arguments: dict[str, str] | None = None,
        **context: Any,  # noqa: ANN401
    ) -> None:
        """Write an event to the audit log, with the request it came from."""
        http = {
            "args": self.query if arguments is None else arguments,
            "path": self.path,
            "method": self.method,
            "request_id": self.request_id,
            "user_agent": self.header("user-agent"),
        }
        record_event(
            self.world,
            action,
            app,
            user=user,
            attempted=attempted,
            context={**context, "http_request": http},
            client_ip=self.client_ip,
        )
