"""Listeners on loopback: the lab's applications over real sockets, each request noted as it came in."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any, Final, cast

import uvicorn

from lab.audit import Audit, Entry
from lab.network import ASGIApp, Message, Network, Receive, Refused, Scope, Send
from lab.protocol import HANG_UP, HEAD, DeafSocket, RecordingProtocol
from lab.world import World

logger = logging.getLogger("lab")

LOOPBACK: Final = "127.0.0.1"
# Who asks, as the estate sees it: a machine on the LAN, because the runbook's allow-lists know no loopback.
CLIENT_ADDRESS: Final = "192.168.55.10"
# A busy machine takes its time: with every core taken, thirty times longer than an idle one.
START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 6.0
# What is still being answered at the end has so long.
ANSWER_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Listener:
    """One address of the estate: its name, the `host:port` patterns it stands for, and what answers there.

    What is not `of_the_estate` (the lab's own control) is neither delayed nor recorded.
    """

    name: str
    patterns: tuple[str, ...]
    app: ASGIApp
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    websockets: bool = False
    of_the_estate: bool = True


def forward_to(network: Network, host: str, port: int) -> ASGIApp:
    """Whatever listens at that address of the estate at the time of each request."""

    async def forward(scope: Scope, receive: Receive, send: Send) -> None:
        await network.find(host, port)(scope, receive, send)

    return forward


@dataclass(frozen=True)
class Door:
    """Stands before a listener's application: delays, dates and records each request."""

    listener: Listener
    world: World
    audit: Audit
    latency: Callable[[], float]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a connection that nobody takes inside the estate is cut."""
        note = _Note(self.audit, self.listener.name, scope)
        hang_up: Callable[[], None] = scope["state"].pop(HANG_UP)
        scope["client"] = (CLIENT_ADDRESS, scope["client"][1] if scope["client"] else 0)
        if delay := self.latency():
            await asyncio.sleep(delay)
        try:
            await self.listener.app(scope, receive, self._watching(send, note))
        except Refused:
            hang_up()
        except Exception:
            logger.exception("%s: the handler of %s failed", self.listener.name, scope["path"])
            note.write(500)
            raise
        finally:
            note.write(None)

    def _watching(self, send: Send, note: _Note) -> Send:
        async def watch(message: Message) -> None:
            status = _status_of(message)
            if status is not None:
                note.write(status)
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._dated(message.get("headers", ()))}
            await send(message)

        return watch

    def _dated(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        kept = list(headers)
        if not any(name.lower() == b"date" for name, _ in kept):
            date = format_datetime(self.world.clock.now(), usegmt=True)
            kept.append((b"Date", date.encode("ascii")))
        return kept


class _Note:
    """The audit's line for one request: written once, when its status is known."""

    def __init__(self, audit: Audit, listener: str, scope: Scope) -> None:
        self._audit = audit
        self._listener = listener
        self._scope = scope
        self._head: bytes = scope["state"].pop(HEAD)
        self._time = datetime.now(UTC)
        self._written = False

    def write(self, status: int | None) -> None:
        """Put the request into the audit, unless it is there already."""
        if not self._written:
            self._written = True
            self._audit.record(self._entry(status))

    def _entry(self, status: int | None) -> Entry:
        scope = self._scope
        headers = tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"])
        # The request line says it best: whatever the handlers made of the scope meanwhile does not count.
        method, target, _ = self._head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        host = next((value for key, value in headers if key == "host"), "")
        return Entry(self._time, self._listener, method, host, target, self._head, headers, status)


def _status_of(message: Message) -> int | None:
    """The HTTP status that this message settles, if any."""
    kind = message["type"]
    if kind in ("http.response.start", "websocket.http.response.start"):
        return int(message["status"])
    # uvicorn answers a WebSocket that is closed before it was accepted with 403.
    return {"websocket.accept": 101, "websocket.close": 403}.get(kind)


class Serving:
    """All listeners in one event loop in one daemon thread."""

    def __init__(self, listeners: Iterable[Listener], world: World, audit: Audit, latency: Callable[[], float]) -> None:
        self._sockets: dict[str, DeafSocket] = {}
        self._servers: list[tuple[_Server, DeafSocket]] = []
        self._ready = threading.Event()
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="lab", daemon=True)
        for listener in listeners:
            silent = partial(_is_silent, world, listener.name)
            bound = self._sockets[listener.name] = _bound(silent, partial(_is_hanging, world, listener.name))
            door = Door(listener, world, audit, latency) if listener.of_the_estate else listener.app
            server = _Server(_config(listener, door, silent), self._ended)
            self._servers.append((server, bound))

    @property
    def ports(self) -> dict[str, int]:
        """The loopback port of each listener, by its name."""
        return {name: bound.getsockname()[1] for name, bound in self._sockets.items()}

    def start(self) -> None:
        """Serve. Returns when every listener answers; raises RuntimeError when that takes too long."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise RuntimeError(f"the lab's listeners did not start within {START_SECONDS:g} s")

    def stop(self) -> None:
        """Stop serving; what is still being answered is cut off after a moment."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(STOP_SECONDS)

    def between_requests(self, change: Callable[[], None]) -> None:
        """Call `change` in the serving thread, so that no handler sees it half done; its error comes back."""
        if self._loop is None or threading.current_thread() is self._thread:
            change()
            return
        asyncio.run_coroutine_threadsafe(_called(change), self._loop).result(START_SECONDS)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        serving = [asyncio.create_task(server.serve([bound])) for server, bound in self._servers]
        while not all(server.started for server, _ in self._servers):
            await asyncio.sleep(0.005)
        self._ready.set()
        await asyncio.gather(*serving)
        self._loop = None


async def _called(change: Callable[[], None]) -> None:
    change()


def _is_silent(world: World, listener: str) -> bool:
    return listener in world.edge.silent


def _is_hanging(world: World, listener: str) -> bool:
    return listener in world.edge.hanging


def _bound(silent: Callable[[], bool], hanging: Callable[[], bool]) -> DeafSocket:
    listening = DeafSocket(silent, hanging)
    listening.bind((LOOPBACK, 0))
    listening.listen(128)
    return listening


class _Server(uvicorn.Server):
    """uvicorn's, which is told that it ends: uvicorn looks ten times a second, and a lab has a dozen of them."""

    def __init__(self, config: uvicorn.Config, ended: asyncio.Event) -> None:
        super().__init__(config)
        self._ended = ended

    async def main_loop(self) -> None:
        """Serve until then."""
        await self.on_tick(0)
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen no more, cut idle connections, and after a moment what is still being answered."""
        for server in self.servers:
            server.close()
        for bound in sockets or ():
            bound.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                while self.server_state.connections or self.server_state.tasks:
                    await asyncio.sleep(0.005)
        for task in self.server_state.tasks:
            task.cancel()


def _websocket(*given: Any, **named: Any) -> asyncio.Protocol:  # noqa: ANN401  # uvicorn's
    """uvicorn's protocol after an upgrade. Few runs have one, and importing it is a tenth of a lab's start."""
    from uvicorn.protocols.websockets import websockets_sansio_impl as websockets  # noqa: PLC0415

    return websockets.WebSocketsSansIOProtocol(*given, **named)


def _config(listener: Listener, app: ASGIApp, silent: Callable[[], bool]) -> uvicorn.Config:
    """A uvicorn server that is quiet, has no lifespan, and leaves the Date header to the lab's clock."""
    config = uvicorn.Config(
        cast("Any", app),
        http=cast("Any", partial(RecordingProtocol, silent=silent)),
        ws=cast("Any", _websocket) if listener.websockets else "none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
    )
    config.load()
    config.ssl = listener.tls
    return config
