"""Addresses at which nobody is to answer: a closed port, somebody who says nothing, and what nothing leads to."""

import pytest

from fixtures.engine.subjects import HttpsHost
from fixtures.model.signals import NotVerified
from fixtures.topics.certificates.questions import plain_http
from fixtures.topics.gate.open_hosts import StatedHost, stated_host_answer
from selftests.support.http_door import ESTATE, door
from selftests.support.loopback import serving

RETIRED = StatedHost("old.example", "http://old.example:9000/", opened=False)
HOST = HttpsHost("auth.example", "auth.example", 9000)
# What the connections of plain http and of the retired host are made to, and what leads to the public address.
LED = '"auth.example:80" = "127.0.0.1:{port}", "old.example:9000" = "127.0.0.1:{port}"'


def says_nothing(_connection, ended):
    ended.wait(2)


def never_ends(connection, _ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + b"data: x\n\n" * 300_000)


def hangs_up(_connection, _ended):
    return


def asked(question, port, led=LED, isolated="true"):
    estate = ESTATE.replace("isolated = true", f"isolated = {isolated}")
    estate = estate.replace('public_url = "http:', 'public_url = "https:')
    estate = estate.replace("connect_to = {{ ", f"connect_to = {{{{ {led}{', ' if led else ''}")
    estate = estate.replace(
        "[network]", '[[retired_hosts]]\nurl = "http://old.example:9000/"\nreason = "moved"\n[network]'
    )
    http, _, client = door(port, estate=estate)
    return question(http, client.estate)


def retired(http, estate):
    return stated_host_answer(http, estate, RETIRED)


def plain(http, estate):
    return plain_http(http, estate, HOST)


@pytest.mark.parametrize("question", [retired, plain])
@pytest.mark.parametrize("answer", [says_nothing, never_ends])
def test_who_takes_a_request_and_gives_no_answer_is_somebody(question, answer):
    """A proxy has no route, and says so at once; or it has one, to a pod that is gone, or to what streams for ever."""
    with serving(answer) as (port, received), pytest.raises(NotVerified, match=r"takes requests"):
        asked(question, port)
    assert received


@pytest.mark.parametrize("question", [retired, plain])
def test_who_hangs_up_is_nobody(question):
    with serving(hangs_up) as (port, _):
        assert asked(question, port) is None


@pytest.mark.parametrize("question", [retired, plain])
@pytest.mark.parametrize("isolated", ["true", "false"])
def test_a_name_that_means_nothing_here_is_no_closed_port(question, isolated):
    """Connections to the auth host are made elsewhere, for its name leads nowhere from here."""
    with (
        serving(hangs_up) as (port, received),
        pytest.raises(NotVerified, match=r"has no entry for (auth|old)") as raised,
    ):
        asked(question, port, led="", isolated=isolated)
    assert not received
    assert "connect_to = { " in raised.value.remedy
