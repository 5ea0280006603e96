"""Connections are kept for who comes next, in bounds, and never used by two at once."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from fixtures.doors.connections import KeptConnections

SECONDS = 10


class Server(ThreadingHTTPServer):
    """Counts the connections to it, and those that are open still."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.opened, self.closed = 0, threading.Semaphore(0)
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def shutdown_request(self, request: socket.socket) -> None:
        super().shutdown_request(request)
        self.closed.release()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def setup(self) -> None:
        super().setup()
        self.server.opened += 1

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        if self.path == "/once":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")
        # It closes, and did not say so.
        self.close_connection = self.path in ("/once", "/silently")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def servers(number: int) -> Iterator[list[Server]]:
    running = [Server() for _ in range(number)]
    for server in running:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield running
    finally:
        for server in running:
            server.shutdown()
            server.server_close()


@pytest.fixture
def kept() -> Iterator[KeptConnections]:
    connections = KeptConnections(httpcore.ConnectionPool(), most=2)
    yield connections
    connections.close()


def ask(kept: KeptConnections, url: str) -> httpcore.Response:
    return kept.handle_request(httpcore.Request("GET", url, headers={"Host": "127.0.0.1"}))


def read(kept: KeptConnections, url: str) -> bytes:
    response = ask(kept, url)
    body = response.read()
    response.close()
    return body


def test_one_serves_what_comes_one_after_the_other(kept):
    with servers(1) as (server,):
        assert [read(kept, server.url) for _ in range(5)] == [b"ok"] * 5
        assert server.opened == 1


def test_no_two_use_one_at_once(kept):
    with servers(1) as (server,):
        first, second = ask(kept, server.url), ask(kept, server.url)
        assert (first.read(), second.read()) == (b"ok", b"ok")
        # Closed twice is given back once.
        for response in (first, first, second):
            response.close()
        third, fourth = ask(kept, server.url), ask(kept, server.url)
        assert server.opened == 2
        third.close()
        fourth.close()


def test_the_one_used_least_lately_is_closed(kept):
    with servers(3) as (first, second, third):
        for server in (first, second, third):
            read(kept, server.url)
        assert first.closed.acquire(timeout=SECONDS)
        for server in (third, second, first):
            read(kept, server.url)
        assert [server.opened for server in (first, second, third)] == [2, 1, 1]


@pytest.mark.parametrize("path", ["once", "silently"])
def test_one_that_the_other_side_has_closed_is_not_used(kept, path):
    with servers(1) as (server,):
        assert read(kept, server.url + path) == b"ok"
        assert server.closed.acquire(timeout=SECONDS)
        assert read(kept, server.url) == b"ok"
        assert server.opened == 2


def test_closed_are_all_that_nobody_uses(kept):
    with servers(2) as (first, second):
        read(kept, first.url)
        used = ask(kept, second.url)
        kept.close()
        assert first.closed.acquire(timeout=SECONDS)
        assert used.read() == b"ok"
        used.close()
        kept.close()
        assert second.closed.acquire(timeout=SECONDS)


def test_one_that_fails_is_not_kept(kept):
    with servers(1) as (server,):
        gone = server.url
    with pytest.raises(httpcore.ConnectError):
        ask(kept, gone)
    with pytest.raises(httpcore.ConnectError):
        ask(kept, gone)
