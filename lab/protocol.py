"""HTTP/1.1 on a socket, with what a lab needs: heads as received, answers in one piece, and a way to be deaf."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HEAD_BOUND: Final = 64 * 1024
# struct linger {on, 0 seconds}: close() sends a reset instead of a farewell.
RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
# Keys of the state that each request's scope carries to the door.
HEAD: Final = "lab.head"
HANG_UP: Final = "lab.hang_up"


class HeadKeepingConnection(h11.Connection):
    """An h11 connection that leaves the bytes of each request head, as received, in `state`."""

    def __init__(self, state: dict[str, Any]) -> None:
        super().__init__(h11.SERVER, HEAD_BOUND)
        self._state = state
        self._unread = bytearray()
        self._head: list[bytes] = []

    def receive_data(self, data: bytes) -> None:
        """Take bytes from the wire."""
        self._unread += data
        super().receive_data(data)

    def next_event(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        """The next thing the client said."""
        event = super().next_event()
        if isinstance(event, h11.Request | h11.Data | h11.EndOfMessage):
            consumed = len(self._unread) - len(self.trailing_data[0])
            if isinstance(event, h11.Request):
                self._state[HEAD] = bytes(self._unread[:consumed])
            del self._unread[:consumed]
        return event

    def send_with_data_passthrough(self, event: h11.Event) -> list[bytes] | None:
        """The bytes of the next thing to say; an answer's head goes with the first of its body.

        Apart each would be a record of TLS, and would wake who reads.
        """
        said = super().send_with_data_passthrough(event)
        if said is None:
            return None
        said, self._head = [*self._head, *said], []
        if isinstance(event, h11.Response):
            said, self._head = [], said
        return said


class RecordingProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, handing each request its head as received; deaf while its listener is silent."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        silent: Callable[[], bool],
    ) -> None:
        # uvicorn shares one state among all connections; the head is this connection's own.
        super().__init__(config, server_state, dict(app_state), _loop)
        self.conn = HeadKeepingConnection(self.app_state)
        self._silent = silent

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected (and, on TLS, shook hands)."""
        super().connection_made(transport)
        self.app_state[HANG_UP] = transport.abort

    def data_received(self, data: bytes) -> None:
        """Bytes came; a connection kept alive from before the silence ends here."""
        if self._silent():
            self.transport.abort()
        else:
            super().data_received(data)

    def shutdown(self) -> None:
        """The server stops: an idle connection is cut, for a TLS farewell waits for a client that does not read."""
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


class DeafSocket(socket.socket):
    """A listening socket that resets new connections while its listener is silent, before any handshake; or takes
    them and never says a word, while it hangs."""

    def __init__(self, silent: Callable[[], bool], hanging: Callable[[], bool]) -> None:
        # asyncio turns Nagle's delay off only where the protocol number says TCP.
        super().__init__(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._silent, self._hanging = silent, hanging
        self._held: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection. Raises ConnectionAbortedError, which asyncio takes as "none", when silent."""
        connection, address = super().accept()
        if self._hanging():
            self._held.append(connection)
            raise ConnectionAbortedError
        if not self._silent():
            return connection, address
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        connection.close()
        raise ConnectionAbortedError

    def close(self) -> None:
        """Listen no more; who was kept waiting is let go."""
        for connection in self._held:
            connection.close()
        super().close()
