"""The Kubernetes door: what is no API server, or a hostile one, ends in a clear failure."""

import base64
import re
from contextlib import suppress
from functools import partial

import pytest

from fixtures.doors.cluster import ClusterDoor
from fixtures.doors.credential_reader import CredentialReader
from fixtures.estate.names import NamespacedName
from fixtures.estate.sources import SecretCredential
from fixtures.exchange.kubernetes_answers import said
from fixtures.model.kinds import KUBERNETES_DOWN, group_down
from fixtures.model.limits import MOST_PAGES
from fixtures.model.secret import given_secrets
from fixtures.model.signals import Broken, NotVerified
from selftests.support.asking import asking
from selftests.support.cluster_door import BUSY, POD, answer, cluster_client
from selftests.support.loopback import serving


@pytest.fixture
def client_of(tmp_path):
    """Makes the client of a cluster whose API server is at that address."""
    return partial(cluster_client, tmp_path)


@pytest.fixture
def door_of(client_of):
    """Makes a door to an API server on loopback."""

    def make(port):
        record = asking("none")
        return ClusterDoor(client_of(f"http://127.0.0.1:{port}"), record), record

    return make


def drip_headers(connection, ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ended.wait(0.05):
        connection.sendall(b"X-Drip: drop\r\n")


def drip_body(connection, ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not ended.wait(0.05):
        connection.sendall(b" ")


def drip_to_the_close(connection, ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while not ended.wait(0.05):
        connection.sendall(b" ")


@pytest.mark.parametrize("drip", [drip_headers, drip_body, drip_to_the_close])
def test_an_answer_that_drips_is_cut(door_of, drip):
    with serving(drip) as (port, _):
        door, record = door_of(port)
        with pytest.raises(Broken, match="no complete answer in time"):
            door.get("v1", "pods", "authentik", "x")
    assert record.exchanges[-1].error == "no complete answer in time"


def test_a_list_without_an_end_is_ended(door_of):
    pages = [answer({"metadata": {"continue": f"{number}"}, "items": []}) for number in range(MOST_PAGES)]
    with serving(*pages) as (port, received):
        with pytest.raises(Broken, match=f"more than {MOST_PAGES} pages"):
            door_of(port)[0].list("v1", "pods", "authentik")
        assert len(received) == MOST_PAGES


@pytest.mark.parametrize("body", [b"<html>log in first</html>", b"[]", b'"pods"', b"[" * 100_000])
def test_what_is_no_object_is_no_api_server(door_of, body):
    with serving(answer(body)) as (port, _), pytest.raises(Broken, match="no JSON object"):
        door_of(port)[0].get("v1", "pods", "authentik", "x")


@pytest.mark.parametrize(("lost", "counted"), [(b"", 1), (BUSY, 0), (answer(b"", "503 Service Unavailable"), 1)])
def test_a_read_that_nobody_answered_is_sent_again_and_counted(door_of, lost, counted):
    """Who is busy is no replica that is dead."""
    with serving(lost, POD) as (port, received):
        door, record = door_of(port)
        assert door.get("v1", "pods", "authentik", "x") == {"metadata": {"name": "x"}}
    assert (record.retries, len(received)) == (counted, 2)
    assert [exchange.attempt for exchange in record.exchanges] == [1, 2]


@pytest.mark.parametrize("status", ["403 Forbidden", "401 Unauthorized", "500 Internal Server Error", "404 Not Found"])
def test_an_answer_is_final(door_of, status):
    with serving(answer({"kind": "Status"}, status)) as (port, received):
        door, record = door_of(port)
        with suppress(Broken, NotVerified):
            assert door.get("v1", "pods", "authentik", "x") is None
    assert (record.retries, len(received)) == (0, 1)


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("v1", KUBERNETES_DOWN),
        ("networking.k8s.io/v1", KUBERNETES_DOWN),
        ("gateway.networking.k8s.io/v1", group_down("gateway.networking.k8s.io")),
        ("traefik.io/v1alpha1", group_down("traefik.io")),
    ],
)
def test_whose_trouble_it_is_that_a_group_is_not_served_is_said_in_its_own_words(door_of, group, kind):
    with serving(answer({"kind": "Status", "message": "webhook failed:\n no endpoints"}, "500 Broken")) as (port, _):
        door, _ = door_of(port)
        with pytest.raises(Broken, match=r": 500 \(webhook failed: no endpoints\)$") as raised:
            door.list(group, "things")
    assert raised.value.kind == kind


@pytest.mark.parametrize(
    ("body", "said_of_it"),
    [
        (b"service unavailable\n", r"503 \(service unavailable\)"),
        (b"<html>Sorry</html>", "503"),
        (b'{"message": [1]}', "503"),
        (b"[" * 70_000, "503"),
        (b"x" * 70_000, r"503 \(x{400}\)"),
    ],
)
def test_what_else_answers_badly_is_quoted_where_it_is_a_line(body, said_of_it):
    assert re.fullmatch(said_of_it, said(503, body))


@pytest.mark.parametrize(
    ("location", "where"),
    [
        (b"https://login.example/?state=x", r"https://login\.example"),
        (b"http://[::1", "an address that cannot be read"),
    ],
)
def test_where_a_redirect_leads_is_said(door_of, location, where):
    login = answer(b"", "302 Found").replace(b"\r\n", b"\r\nLocation: " + location + b"\r\n", 1)
    with serving(login) as (port, _):
        door, _ = door_of(port)
        with pytest.raises(Broken, match=f"302, which leads to {where}$"):
            door.version()


def test_a_change_is_sent_once(client_of):
    with serving(answer(b"", "503 Service Unavailable"), POD) as (port, received):
        client = client_of(f"http://127.0.0.1:{port}", allow_writes=True)
        door = ClusterDoor(client, asking("write"))
        with pytest.raises(Broken, match="503"):
            door.patch("v1", "pods", "authentik", "x", {"metadata": {}})
    assert len(received) == 1


def test_a_list_of_nothing_is_empty_and_no_list_is_said(door_of):
    with serving(answer({"metadata": {}, "items": None})) as (port, _):
        assert door_of(port)[0].list("v1", "pods", "authentik") == []
    with serving(POD) as (port, _), pytest.raises(Broken, match="is no list"):
        door_of(port)[0].list("v1", "pods", "authentik")


def test_a_refused_form_is_no_object(door_of):
    status = {"kind": "Status", "status": "Failure", "code": 400}
    with serving(answer(status, "400 Bad Request")) as (port, _), pytest.raises(Broken, match="no usable answer"):
        door_of(port)[0].get("v1", "pods", "authentik", "x")


def test_an_isolated_estate_reaches_no_other_machine(client_of):
    with pytest.raises(NotVerified, match="not on this machine"):
        client_of("https://kubernetes.example:6443")


TAKEN = {"metadata": {"name": "x"}, "kind": "taken"}


def test_the_environments_proxy_is_not_taken_unasked(door_of, monkeypatch):
    with serving(answer(TAKEN)) as (port, _), serving(answer({})) as (proxy, through):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy}")
        found = door_of(port)[0].get("v1", "pods", "authentik", "x")
    assert found == TAKEN
    assert not through


KEPT = SecretCredential(secret=NamespacedName("authentik", "probe"), key="token")


def secret(**data):
    return answer({"kind": "Secret", "data": {key: base64.b64encode(value).decode() for key, value in data.items()}})


def take(door_of, port):
    door, record = door_of(port)
    return CredentialReader(lambda _: door).take(record, KEPT, "authentik.token", need="api")


def test_a_credential_is_read_from_a_secret(door_of):
    with serving(secret(token=b"kept-in-the-cluster\n", other=b"not-asked-for")) as (port, received):
        assert take(door_of, port).reveal() == "kept-in-the-cluster"
    assert received[0].startswith(b"GET /api/v1/namespaces/authentik/secrets/probe ")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (secret(other=b"x"), "no value under token in Secret authentik/probe"),
        (secret(token=b"\n"), "no value under token"),
        (answer({"kind": "Status"}, "404 Not Found"), "no value under token"),
        (answer({"kind": "Status"}, "403 Forbidden"), "authentik.token: .* no right to get on secrets"),
    ],
)
def test_a_credential_that_is_not_there_is_what_was_needed(door_of, given, says):
    with serving(given) as (port, _), pytest.raises(NotVerified, match=says) as missing:
        take(door_of, port)
    assert missing.value.need == "api"
    assert missing.value.remedy


def test_whatever_is_read_from_a_secret_is_in_custody(door_of):
    with serving(secret(token=b"an-applications-own-3f9a\n")) as (port, _):
        value = door_of(port)[0].secret_value("authentik", "probe", "token", place="oidc.grafana.secret")
    assert value.reveal() == "an-applications-own-3f9a\n"
    assert (value, "oidc.grafana.secret") in given_secrets()


def test_a_value_that_is_no_text_is_said_without_it(door_of):
    with serving(secret(token=b"\xff\xfe")) as (port, _), pytest.raises(Broken, match="no text in UTF-8"):
        take(door_of, port)


GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
FIRST = answer({"metadata": {"continue": "more"}, "items": [{"at": 1}]})
LAST = answer({"metadata": {}, "items": [{"at": 2}]})


def test_a_list_that_expired_is_begun_anew(door_of):
    with serving(FIRST, GONE, FIRST, LAST) as (port, received):
        assert door_of(port)[0].list("v1", "pods", "authentik") == [{"at": 1}, {"at": 2}]
        assert len(received) == 4


def test_a_list_that_expires_again_and_again_is_said(door_of):
    with serving(*[FIRST, GONE] * 5) as (port, received):
        with pytest.raises(Broken, match="forgets the list of pods while it is read: 3 times"):
            door_of(port)[0].list("v1", "pods", "authentik")
        assert len(received) == 6


def test_pages_that_lead_in_a_circle_are_ended(door_of):
    with serving(FIRST) as (port, received):
        with pytest.raises(Broken, match="the pages of the list of pods lead in a circle"):
            door_of(port)[0].list("v1", "pods", "authentik")
        assert len(received) == 2


def test_the_groups_that_are_served(door_of):
    gateway = {"groupVersion": "gateway.networking.k8s.io/v1"}
    listed = [{"name": "gateway.networking.k8s.io", "versions": [gateway, 7]}, {"name": "apps"}, None]
    with serving(answer({"groups": listed})) as (port, requests):
        assert door_of(port)[0].groups() == {"gateway.networking.k8s.io": ("gateway.networking.k8s.io/v1",), "apps": ()}
    assert requests[0].startswith(b"GET /apis HTTP")
    with serving(answer({"groups": "none"})) as (port, _), pytest.raises(Broken, match="does not list the groups"):
        door_of(port)[0].groups()
    forbidden = answer({"message": "forbidden"}, "403 Forbidden")
    with serving(forbidden) as (port, _), pytest.raises(NotVerified, match="does not say which groups it serves"):
        door_of(port)[0].groups()
