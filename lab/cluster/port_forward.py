"""`pods/portforward` over WebSocket (v4.channel.k8s.io): two channels for each port, data and errors.

kubectl from 1.31 on tunnels SPDY instead, which is not spoken here; the official clients' `portforward` is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from lab.cluster.answers import bad_request
from lab.cluster.state import Object

PROTOCOL: Final = "v4.channel.k8s.io"
_CHUNK: Final = 64 * 1024

# Where this process serves a pod's address and port; None where nobody listens.
Reach = Callable[[str, int], tuple[str, int] | None]


def nowhere(_address: str, _port: int) -> None:
    """A Reach by which no pod is served."""


def ports_of(values: list[str]) -> list[int]:
    """The ports that the query names. Raises Refusal (400) when there is none, or one that is no port."""
    named = [port for value in values for port in value.split(",")]
    if not named:
        raise bad_request('query parameter "port" is required')
    wrong = next((port for port in named if not port.isdecimal() or not 1 <= int(port) <= 65535), None)
    if wrong is not None:
        raise bad_request(f'unable to parse "{wrong}" as a port')
    return [int(port) for port in named]


async def serve(reach: Reach, pod: Object, ports: list[int], receive: Receive, send: Send) -> None:
    """Accept the connection and carry bytes between it and the pod's ports, until one side has enough."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    for channel in range(2 * len(ports)):
        await _write(send, channel, ports[channel // 2].to_bytes(2, "little"))
    connections = [await _connect(reach, pod, port) for port in ports]
    for index, connection in enumerate(connections):
        if connection is None:
            text = f"failed to connect to localhost:{ports[index]} inside the pod: connection refused"
            await _write(send, 2 * index + 1, text.encode())
    opened = {2 * index: connection for index, connection in enumerate(connections) if connection is not None}
    carriers = [asyncio.create_task(_to_client(send, channel, reader)) for channel, (reader, _) in opened.items()]
    carriers.append(asyncio.create_task(_from_client(receive, {channel: pair[1] for channel, pair in opened.items()})))
    await asyncio.wait(carriers, return_when=asyncio.FIRST_COMPLETED)
    for carrier in carriers:
        carrier.cancel()
    for _, writer in opened.values():
        writer.close()
    # The client may have gone first.
    with contextlib.suppress(RuntimeError):
        await send({"type": "websocket.close", "code": 1000})


async def _connect(reach: Reach, pod: Object, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    served = reach(pod["status"].get("podIP", ""), port)
    if served is None:
        return None
    try:
        return await asyncio.open_connection(*served)
    except OSError:
        return None


async def _to_client(send: Send, channel: int, reader: asyncio.StreamReader) -> None:
    while data := await reader.read(_CHUNK):
        await _write(send, channel, data)


async def _from_client(receive: Receive, writers: dict[int, asyncio.StreamWriter]) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        frame: bytes = message.get("bytes") or b""
        if frame[:1] and frame[0] in writers:
            writers[frame[0]].write(frame[1:])
            await writers[frame[0]].drain()


async def _write(send: Send, channel: int, data: bytes) -> None:
    message: Message = {"type": "websocket.send", "bytes": bytes([channel]) + data}
    await send(message)


def offered(scope: Scope) -> None:
    """Raises Refusal (400) for a client that does not speak the protocol."""
    if PROTOCOL not in scope.get("subprotocols", ()):
        raise bad_request("unable to upgrade: unable to negotiate protocol: client supports none of the server's")
