"""A TLS handshake of which a byte comes now and then is ended by the exchange's deadline, at both doors."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest

from fixtures.doors.cluster import ClusterDoor
from fixtures.doors.http import HttpDoor, Unreachable
from fixtures.model.signals import Broken
from selftests.support.asking import asking
from selftests.support.cluster_door import cluster_client
from selftests.support.http_door import ESTATE, door

# The beginning of a record of 16 KiB: a ServerHello that would take half an hour.
BEGINNING = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"
SECONDS = 20.0


@pytest.fixture
def port() -> Iterator[int]:
    """Where such a server listens, until the test is over."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        pieces = itertools.chain([BEGINNING], itertools.repeat(b"\0", int(SECONDS / 0.1)))
        with connection:
            for piece in pieces:
                if over.wait(0.1):
                    return
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        over.set()
        listening.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def https(port: int) -> HttpDoor:
    """A door that leads there by TLS."""
    opened, _, _ = door(port, estate=ESTATE.replace("http://", "https://"))
    return opened


def test_a_request_is_ended(https):
    with pytest.raises(Unreachable, match="in time"):
        https.get("https://auth.example:9000/")


def test_a_look_at_a_certificate_is_ended(https):
    with pytest.raises(Broken, match=r"gives no answer: no TLS handshake: .*timed out"):
        https.certificate("https://auth.example:9000/", what="the proxy", remedy="look at it")


def test_a_question_to_kubernetes_is_ended(port, tmp_path):
    client = cluster_client(tmp_path, f"https://127.0.0.1:{port}")
    with pytest.raises(Broken, match=r"in time|timed out"):
        ClusterDoor(client, asking("none")).version()
