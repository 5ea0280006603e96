"""`ak shell` through pod exec: whatever answers in the place of the API server or the shell ends in a clear failure."""

import json
import re
import struct

import pytest

from fixtures.doors.execution import LARGEST_OUTPUT
from fixtures.doors.run import MADE
from fixtures.doors.shell import RESULT, ShellDoor, ShellPlace
from fixtures.exchange.side_effects import Refused
from fixtures.model.secret import Secret
from fixtures.model.signals import Broken, NotVerified
from fixtures.topics.minting.scripts import Deleted, Minted
from selftests.support.asking import asking
from selftests.support.cluster_door import cluster_client
from selftests.support.loopback import OK, serving
from selftests.support.websockets import frame, upgrade

PLACE = ShellPlace("authentik", "authentik-server-0", "server")
SUCCESS = b'\x03{"status": "Success"}'
MIB = b"x" * 1024 * 1024
MADE_TOKEN = [f"{MADE}0-api", "process 1 on host", -60]
MINTED = {"owner": True, "key": "k-3f9a", "made": [MADE_TOKEN], "standing": True}
DELETED = {"deleted": [MADE_TOKEN[0]], "left": 0, "made": [], "standing": True}


# What ends by itself, or at a number of bytes, has all the time that a busy machine takes for it.
PATIENT, QUICK = 60, 0.6
CLOSE = frame(struct.pack("!H", 1000), opcode=8)


class Shell:
    """A door to whatever answers the handshake by `accept` and then behaves as it does."""

    def __init__(self, folder, behave, accept=upgrade):
        self.folder, self.behave, self.accept = folder, behave, accept
        self.record = asking("write")

    def run(self, *, allow_writes=True, form=Minted, seconds=PATIENT):
        def answer(connection, ended):
            connection.sendall(self.accept(self.received[-1]))
            self.behave(connection, ended)

        with serving(answer) as (port, self.received):
            client = cluster_client(
                self.folder, f"http://127.0.0.1:{port}", allow_writes=allow_writes, shell_seconds=seconds
            )
            return ShellDoor(client, self.record).run(PLACE, "print(1)", form)

    def fails(self, **more):
        """The failure of a run; its fix is what to type by hand."""
        with pytest.raises(Broken) as broken:
            self.run(**more)
        assert str(broken.value.kind) in ("ak shell does not answer", "ak shell fails")
        assert broken.value.remedy == PLACE.by_hand
        assert self.record.exchanges[-1].error
        assert len(broken.value.cause) < 500
        return broken.value.cause


@pytest.fixture
def shell(tmp_path):
    """Makes a shell of these frames, or of that behaviour."""

    def make(*frames, behave=None, **more):
        def send(connection, _):
            for entry in frames:
                connection.sendall(entry)

        return Shell(tmp_path, behave or send, **more)

    return make


def silent(_, ended):
    ended.wait(5)


def without_end(*entries):
    def behave(connection, ended):
        while not ended.is_set():
            for entry in entries:
                connection.sendall(entry)

    return behave


def drip(connection, ended):
    while not ended.wait(0.05):
        connection.sendall(frame(b"\x01."))


def result(text):
    return frame(b"\x01a banner\n" + RESULT.encode() + text + b"\n")


def test_a_result_is_read_from_among_the_rest_and_its_key_is_a_secret(shell):
    ran = shell(frame(b"\x02a log line\n"), result(json.dumps(MINTED).encode()), frame(SUCCESS), CLOSE).run()
    assert ran.owner is True
    assert ran.made == (tuple(MADE_TOKEN),)
    assert isinstance(ran.key, Secret)
    assert ran.key.reveal() == "k-3f9a"
    assert "k-3f9a" not in repr(ran)


NO_OWNER = {"owner": False, "made": [], "standing": True}
OTHER_FORMS = [
    *((Minted, {name: value for name, value in MINTED.items() if name != left}, left) for left in MINTED),
    *((Deleted, {name: value for name, value in DELETED.items() if name != left}, left) for left in DELETED),
    *((Minted, MINTED | {"key": key}, "key") for key in (None, "", 7, ["k-3f9a"], {"key": "k-3f9a"})),
    *(
        (Minted, MINTED | {"made": made}, "made")
        for made in (None, {}, "k-3f9a", [1], [["k-3f9a"]], [[*MADE_TOKEN, 1]])
    ),
    *((Minted, MINTED | {"made": [[*MADE_TOKEN[:at], None, *MADE_TOKEN[at + 1 :]]]}, "made") for at in range(3)),
    # Whatever a shell says: what is deleted is what a run made.
    (Minted, MINTED | {"made": [["k-3f9a", "somebody's", 60]]}, "made"),
    (Minted, MINTED | {"standing": "k-3f9a"}, "standing"),
    (Minted, MINTED | {"owner": 1}, "owner"),
    (Deleted, DELETED | {"left": "k-3f9a"}, "left"),
    (Deleted, DELETED | {"deleted": "k-3f9a"}, "deleted"),
    (Deleted, DELETED | {"deleted": [f"{MADE}0-api\ud800"]}, "deleted"),
    (Deleted, MINTED, "deleted"),
]


@pytest.mark.parametrize(("form", "answered", "named"), OTHER_FORMS)
def test_a_result_of_another_form_is_said_and_not_shown(shell, form, answered, named):
    cause = shell(result(json.dumps(answered).encode()), frame(SUCCESS), CLOSE).fails(form=form)
    assert f"answers something else than the script that it was given: {named}" in cause
    assert "k-3f9a" not in cause


@pytest.mark.parametrize(
    ("form", "answered"), [(Minted, NO_OWNER), (Minted, NO_OWNER | {"key": None}), (Deleted, DELETED)]
)
def test_a_result_of_its_form_is_one(shell, form, answered):
    ran = shell(result(json.dumps(answered | {"more": 1}).encode()), frame(SUCCESS), CLOSE).run(form=form)
    assert ran.standing is True


@pytest.mark.parametrize(
    "behave",
    [silent, drip, without_end(frame(b"", opcode=9)), without_end(frame(b"\x07")), without_end(frame(b""))],
    ids=["silent", "dripping", "pings", "another channel", "empty frames"],
)
def test_what_does_not_end_is_cut(shell, behave):
    assert re.search("no complete answer in time|more than .* bytes came", shell(behave=behave).fails(seconds=QUICK))


@pytest.mark.parametrize(
    "behave",
    [
        without_end(frame(b"\x01" + MIB)),
        without_end(frame(MIB, opcode=0, final=False)),
        lambda connection, ended: (
            connection.sendall(struct.pack("!BBQ", 130, 127, 2**62)),
            without_end(MIB)(connection, ended),
        ),
    ],
    ids=["output", "fragments", "one huge frame"],
)
def test_what_is_too_large_is_left(shell, behave):
    assert f"more than {LARGEST_OUTPUT} bytes came" in shell(behave=behave).fails()


def test_a_frame_that_promises_more_than_comes_ends(shell):
    assert "ConnectionClosed" in shell(struct.pack("!BBQ", 130, 127, 2**40) + b"\x01some").fails()


@pytest.mark.parametrize("status", [b"", b"\x03", b"\x03{", b"\x03[]", b'\x03{"status": 7}', b"\x03" + b"[" * 90_000])
def test_without_a_word_on_how_it_ended_nothing_succeeded(shell, status):
    assert "failed" in shell(result(b'{"owner": true}'), frame(status), CLOSE).fails()


def test_a_connection_that_breaks_off_after_the_result_is_no_success(shell):
    assert "ConnectionClosed" in shell(result(b'{"owner": true}')).fails()


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'"owner"', b"[" * 90_000, b"\xff\xfe"])
def test_a_result_that_is_none_is_said(shell, text):
    assert "printed no result" in shell(result(text), frame(SUCCESS), CLOSE).fails()


def test_the_shells_last_words_are_told(shell):
    status = b'\x03{"status": "Failure", "message": "exit code 1"}'
    cause = shell(frame(b"\x02Traceback\nOperationalError: no database\n"), frame(status), CLOSE).fails()
    assert "exit code 1; OperationalError: no database" in cause


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (OK, "200"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "edirect"),
        (b"HTTP/1.1 400 Bad\r\nContent-Length: 23\r\n\r\n" + b'{"message": "no such x"}'[:23], "400"),
        (b'HTTP/1.1 404 No\r\nContent-Length: 17\r\n\r\n{"message": "no"}', "404 no"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 99999999999\r\n\r\nfoo", "ConnectionClosed"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "Invalid status line"),
        (b"HTTP/1.1 " + b"x" * 30_000 + b"\r\n", "Invalid status line"),
        (b"", "ConnectionClosed"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Invalid WebSocket"),
    ],
)
def test_what_opens_no_websocket_is_said(shell, answered, said):
    assert said in shell(accept=lambda _: answered).fails()


def test_headers_without_end_are_left(shell):
    head = b"HTTP/1.1 101 Switching Protocols\r\n"
    said = shell(accept=lambda _: head, behave=without_end(b"X-More: " + MIB[:8000] + b"\r\n")).fails(seconds=QUICK)
    assert re.search("no complete answer in time|bytes came", said)


def test_another_protocol_is_none(shell):
    said = shell(SUCCESS, accept=lambda asked: upgrade(asked, "v9.channel.k8s.io")).fails()
    assert "Invalid WebSocket Header" in said


def test_without_the_right_the_way_to_it_is_said(shell):
    forbidden = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(NotVerified, match="get and create on pods/exec") as missing:
        shell(accept=lambda _: forbidden).run()
    assert missing.value.need == "cluster"


def test_without_leave_no_shell_is_opened(shell):
    never = shell(silent)
    with pytest.raises(Refused):
        never.run(allow_writes=False)
    assert not never.received


def test_nobody_listens(tmp_path):
    with serving(OK) as (port, _):
        pass
    client = cluster_client(tmp_path, f"http://127.0.0.1:{port}", allow_writes=True)
    with pytest.raises(Broken, match="ConnectionRefusedError"):
        ShellDoor(client, asking("write")).run(PLACE, "print(1)", Minted)
