"""One look at a host's certificate serves the check that judges it and the browser that is told whom to trust."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from fixtures.doors.client import HttpClient
from fixtures.doors.tls import presented, shown_before
from fixtures.estate.loading import load_estate
from fixtures.exchange.ledger import Ledger
from lab.names import AUTH_HOST
from selftests.support.asking import asking

URL = f"https://{AUTH_HOST}"


@pytest.fixture
def client(lab, tmp_path):
    return HttpClient(load_estate(lab.write_state(tmp_path)), Ledger(), "test", allow_writes=False)


@pytest.mark.parametrize(
    ("looks", "handshakes"),
    [
        ((presented, shown_before, shown_before), 1),
        ((shown_before, presented, shown_before), 1),
        # Who looks again means it (--settle).
        ((presented, presented), 2),
        ((shown_before, presented, presented), 2),
    ],
)
def test_a_handshake_is_had_once_and_again_for_who_looks_again(client, looks, handshakes):
    found = [look(client, asking(), URL) for look in looks]
    assert not any(each.problem for each in found)
    assert client.ledger.requests["tls", "HANDSHAKE", AUTH_HOST] == handshakes


def test_who_looks_at_the_same_time_waits_for_the_other(client):
    looks = (shown_before, presented, shown_before, shown_before)
    with ThreadPoolExecutor(len(looks)) as threads:
        for done in [threads.submit(look, client, asking(), URL) for look in looks]:
            assert not done.result().problem
    assert client.ledger.requests["tls", "HANDSHAKE", AUTH_HOST] == 1
