"""The Kubernetes door, where the API server takes no more requests for now: by its priority and fairness."""

import pytest

from fixtures.doors.cluster import ClusterDoor
from fixtures.model.signals import NotVerified
from selftests.support.asking import asking
from selftests.support.cluster_door import BUSY, POD, cluster_client
from selftests.support.loopback import serving


@pytest.fixture
def ask_of(tmp_path):
    """Makes a door to an API server on loopback."""
    return lambda port: ClusterDoor(cluster_client(tmp_path, f"http://127.0.0.1:{port}"), asking("none"))


def busy_for(seconds):
    """As the API server's priority and fairness answers (kubernetes/kubernetes, apiserver's filters/priority-and-
    fairness.go and flowcontrol/dropped_requests_tracker.go: 1 to 32 seconds, as many as are dropped)."""
    text = b"Too many requests, please try again later.\n"
    head = f"HTTP/1.1 429 Too Many Requests\r\nRetry-After: {seconds}\r\nContent-Type: text/plain\r\n"
    return f"{head}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text


@pytest.fixture
def waited(monkeypatch):
    """For how long was waited before reads were sent again; nobody waits for that."""
    spans = []
    monkeypatch.setattr("tenacity.nap.time.sleep", spans.append)
    return spans


def test_who_is_busy_is_asked_again_when_it_says(ask_of, waited):
    with serving(busy_for(2), busy_for(4), POD) as (port, _):
        assert ask_of(port).get("v1", "pods", "authentik", "x")
    assert waited == [2, 4]


@pytest.mark.parametrize(
    ("answers", "spans", "way_out"),
    [
        ([busy_for(32)], [], "run it again after 32 s"),
        ([busy_for(4), busy_for(16)], [4], "run it again after 16 s"),
        ([busy_for(1)] * 3, [1, 1], "run it again after 1 s"),
        ([BUSY] * 3, [0.15, 0.3], "run it again later"),
        ([busy_for("Sat, 28 Nov 2026 17:00:00 GMT")] * 3, [0.15, 0.3], "run it again later"),
        ([busy_for(-1)] * 3, [0.15, 0.3], "run it again later"),
    ],
)
@pytest.mark.parametrize("ask", [lambda door: door.list("v1", "pods"), lambda door: door.version()])
def test_who_stays_busy_is_not_verified(ask_of, waited, ask, answers, spans, way_out):
    with serving(*answers) as (port, _), pytest.raises(NotVerified, match=r"takes no more requests .*429") as raised:
        ask(ask_of(port))
    assert waited == pytest.approx(spans)
    assert raised.value.remedy.startswith(way_out)


def test_a_change_that_is_not_taken_is_not_sent_again(tmp_path):
    with serving(busy_for(1)) as (port, received):
        door = ClusterDoor(cluster_client(tmp_path, f"http://127.0.0.1:{port}", allow_writes=True), asking("write"))
        with pytest.raises(NotVerified, match="429"):
            door.patch("v1", "pods", "authentik", "x", {})
    assert len(received) == 1
