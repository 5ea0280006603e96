"""A request on its way through the proxy: what middlewares read and change, and how they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus

from lab.network import Headers, Message, Network, Receive, Scope, Send
from lab.world import World

PLAIN: Headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]


@dataclass
class Exchange:
    """One request. `path` and `query` are still encoded; header names of the request are lower case."""

    world: World
    network: Network
    entry_point: str
    scope: Scope = field(repr=False)
    receive: Receive = field(repr=False)
    send: Send = field(repr=False)
    peer: str
    method: str
    path: str
    query: str = field(repr=False)
    headers: Headers = field(repr=False)

    @property
    def secure(self) -> bool:
        """Whether the request came by TLS."""
        return self.entry_point == "websecure"

    @property
    def host(self) -> str:
        """The Host header as sent, empty without one."""
        return self.header("host") or ""

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name: str) -> str | None:
        """The first value of a header (name in lower case)."""
        return next((value for key, value in self.headers if key == name), None)

    def set_header(self, name: str, value: str) -> None:
        """Replace a header (name in lower case) by one value."""
        self.remove_headers([name])
        self.headers.append((name, value))

    def remove_headers(self, names: Iterable[str]) -> None:
        """Take away all headers of these names (in lower case)."""
        gone = frozenset(names)
        self.headers = [(key, value) for key, value in self.headers if key not in gone]

    def change_answer(self, change: Callable[[Headers], Headers]) -> None:
        """Let `change` have the headers of whatever is answered from here on."""
        send = self.send

        async def changing(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in message["headers"]]
                message = {**message, "headers": encoded(change(headers))}
            await send(message)

        self.send = changing

    async def answer(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer in the proxy's own name (or in the gate's)."""
        complete = [*headers, ("Content-Length", str(len(body)))]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded(complete)})
        sent = b"" if self.method == "HEAD" else body
        await self.send({"type": "http.response.body", "body": sent, "more_body": False})

    async def answer_phrase(self, status: int) -> None:
        """Answer with the status's own words, as Traefik's middlewares do: no content type, no newline."""
        await self.answer(status, [], HTTPStatus(status).phrase.encode())


Proceed = Callable[[Exchange], Awaitable[None]]


async def not_found(exchange: Exchange) -> None:
    """What answers when no router does."""
    await exchange.answer(404, PLAIN, b"404 page not found\n")


def encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI wants them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
