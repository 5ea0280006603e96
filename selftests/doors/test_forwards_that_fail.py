"""A port-forward ends in a clear failure, whatever answers in the place of the API server or of the pod."""

import contextlib
import socket
import struct
from types import SimpleNamespace

import httpcore
import pytest

from fixtures.doors import forwarding
from fixtures.doors.forwarding import LARGEST_FORWARD, PortForwards, Target
from fixtures.model.signals import NotVerified
from selftests.support.cluster_door import cluster_client
from selftests.support.loopback import OK, serving
from selftests.support.websockets import frame, upgrade

TARGET = Target("authentik", "authentik-server-0", 9000)
# What the API server says first on either channel: for which port that is.
BEGUN = frame(b"\x00" + struct.pack("<H", TARGET.port)) + frame(b"\x01" + struct.pack("<H", TARGET.port))


def opened(folder, port):
    """The socket of a port-forward by the API server at that port."""
    client = cluster_client(folder, f"http://127.0.0.1:{port}")
    return PortForwards(client.estate, lambda: client)._open(TARGET)


def read(carried):
    """Everything that comes over it before it ends."""
    with contextlib.closing(carried):
        carried.settimeout(5)
        come = bytearray()
        while piece := carried.recv(65536):
            come += piece
        return bytes(come)


def behaving(*frames, held=0.0):
    """Opens the WebSocket that is asked for, sends these frames, and waits before it closes the connection."""
    asked = SimpleNamespace(received=[])

    def answer(connection, ended):
        connection.sendall(upgrade(asked.received[-1]))
        for entry in frames:
            connection.sendall(entry)
        ended.wait(held)

    return asked, answer


def test_what_a_pod_says_is_carried(tmp_path):
    asked, answer = behaving(BEGUN, frame(b"\x00hel"), frame(b"\x00lo"))
    with serving(answer) as (port, asked.received):
        assert read(opened(tmp_path, port)) == b"hello"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "frames",
    [
        (frame(b""),),
        (frame(b"\x09"),),
        (frame(b"\x00no port"),),
        (frame(b"\x00\x01\x00"),),
        (BEGUN, frame(b"\x01connection refused")),
        (BEGUN, frame(b"\x01\xff\xfe")),
        (BEGUN, frame(b"a text", opcode=1)),
        (BEGUN, frame(b"", opcode=8)),
        (BEGUN, b"\x82\x7f" + b"\xff" * 8),
        (b"no frame at all",),
    ],
)
def test_what_is_no_port_forward_ends_for_who_reads(tmp_path, frames):
    asked, answer = behaving(*frames)
    with serving(answer) as (port, asked.received):
        assert read(opened(tmp_path, port)) == b""


def test_more_than_any_answers_come_to_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(forwarding, "LARGEST_FORWARD", 300_000)
    asked, answer = behaving(BEGUN, *[frame(b"\x00" + b"x" * 60_000)] * 100)
    with serving(answer) as (port, asked.received):
        assert len(read(opened(tmp_path, port))) < 300_000 < LARGEST_FORWARD


def test_half_a_frame_is_left(tmp_path):
    asked, answer = behaving(BEGUN, frame(b"\x00hello")[:12], held=5)
    with serving(answer) as (port, asked.received):
        assert read(opened(tmp_path, port)) == b""


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (OK, "200"),
        (b'HTTP/1.1 404 No\r\nContent-Length: 17\r\n\r\n{"message": "no"}', "404 no"),
        (b"", "ConnectionClosed"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "Invalid status line"),
        (lambda _, ended: ended.wait(5), "in time"),
    ],
)
def test_what_opens_none_is_said(tmp_path, answered, said):
    with serving(answered) as (port, _), pytest.raises(httpcore.ConnectError, match=f"authentik-server-0: .*{said}"):
        opened(tmp_path, port)


def test_nobody_is_handed_the_credentials_by_a_redirect(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.3)
        where = f"Location: ws://127.0.0.1:{elsewhere.getsockname()[1]}/\r\n"
        moved = f"HTTP/1.1 302 Found\r\n{where}Content-Length: 0\r\n\r\n".encode()
        with serving(moved) as (port, _), pytest.raises(httpcore.ConnectError, match="edirect"):
            opened(tmp_path, port)
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_without_the_right_it_is_not_verified(tmp_path):
    forbidden = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with serving(forbidden) as (port, _), pytest.raises(NotVerified, match="pods/portforward"):
        opened(tmp_path, port)
