"""The line in the report that asks a question again: run in a shell, it asks the same; and it holds no secret."""

import re
import socket
import subprocess

import httpx
import pytest

from fixtures.exchange.requests import asked
from fixtures.model.outcomes import Exchange
from fixtures.model.secret import Secret
from fixtures.reports.repeating import command, quoted
from selftests.support.http_door import URL, door
from selftests.support.loopback import OK, serving

TOKEN = "canary-bearer-5f0b7c2e41"
PASSWORD = "canary-password-77ab1c"
JAR = httpx.Cookies({"authentik_session": "canary-cookie-123456"})
USUAL = (b"user-agent:", b"accept-encoding:", b"connection:", b"content-length:", b"accept: */*")
QUESTIONS = {
    "plain": (("GET", f"{URL}/a/../b?q=it's&x=%2F"), {}),
    "headers": (("GET", URL), {"headers": {"Accept": "text/html", "X-It": '$(touch x) `y` "z"'}}),
    "foreign host": (("GET", URL), {"headers": {"Host": "other.example"}}),
    "target": (("GET", URL), {"target": b"//a/../%2e;x/%2f?q"}),
    "bearer": (("GET", f"{URL}/api/v3/core/users/"), {"bearer": Secret(TOKEN)}),
    "form": (
        ("POST", f"{URL}/application/o/token/"),
        {"form": {"grant_type": "refresh_token", "refresh_token": PASSWORD, "client_id": "a b&c"}},
    ),
    "json": (("POST", f"{URL}/api/v3/flows/executor/x/"), {"json": {"password": PASSWORD, "n": 1}}),
    "cookie": (("GET", URL), {"cookies": JAR}),
    "state": (("GET", f"{URL}/callback?state=canary-state-99&next=%2Fx%3Fcode%3Dcanary-code-1"), {}),
}
ENVIRONMENT = {
    "AUTHENTIK_TOKEN": TOKEN,
    "REFRESH_TOKEN": PASSWORD,
    "PASSWORD": PASSWORD,
    "COOKIE": "authentik_session=canary-cookie-123456",
    "STATE": "canary-state-99",
    "CODE": "canary-code-1",
    "PATH": "/usr/bin:/bin",
}


def essence(request: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The request's first line, the headers that say something, and its body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    told = [name.lower() + b":" + value for name, _, value in (line.partition(b":") for line in headers)]
    return first, sorted(line for line in told if not line.startswith(USUAL)), body


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_the_line_asks_the_same_question(name, tmp_path):
    words, how = QUESTIONS[name]

    def answer(connection: socket.socket, _: object) -> None:
        announced = re.search(rb"(?i)content-length: (\d+)", received[-1])
        while len(received[-1].partition(b"\r\n\r\n")[2]) < int(announced[1] if announced else 0):
            received[-1] += connection.recv(65536)
        connection.sendall(OK)

    with serving(answer) as (port, received):
        asking, record, _ = door(port, "own")
        asking.request(*words, **how)
        line = command(record.exchanges[0])
        subprocess.run(["bash", "-c", line], env=ENVIRONMENT, cwd=tmp_path, timeout=20, check=True, capture_output=True)
    assert len(received) == 2
    assert essence(received[0]) == essence(received[1])
    assert not list(tmp_path.iterdir())
    for exchange in record.exchanges:
        assert "canary" not in repr(exchange) + line


def test_what_gave_no_answer_can_be_asked_again():
    with serving(OK) as (port, _):
        asking, record, _ = door(port)
    with pytest.raises(Exception, match="connection"):
        asking.get(f"{URL}/x", headers={"Accept": "text/html"}, once=True)
    (exchange,) = record.exchanges
    assert exchange.error
    expected = f"curl -sSi --path-as-is --connect-to auth.example:9000:127.0.0.1:{port} -H 'accept: text/html' {URL}/x"
    assert command(exchange) == expected
    assert asked(httpx.Request("GET", URL), ()).sent == ""


@pytest.mark.parametrize(
    ("exchange", "line"),
    [
        (("kubernetes", "GET", "/api/v1/pods?limit=5&a=b"), "kubectl get --raw '/api/v1/pods?limit=5&a=b'"),
        (
            ("kubernetes", "GET", "/api/v1/namespaces/grafana/secrets/grafana-oidc"),
            "kubectl -n grafana describe secret grafana-oidc",
        ),
        (("kubernetes", "GET", "/api/v1/secrets?limit=500"), ""),
        (("kubernetes", "PATCH", "/apis/x"), ""),
        (("kubernetes", "EXEC", "/api/v1/namespaces/a/pods/b/exec (ak shell …)"), ""),
        (
            ("tls", "HANDSHAKE", "https://auth.example"),
            "openssl s_client -connect auth.example:443 -servername auth.example </dev/null",
        ),
        (("http", "HEAD", "https://x/"), "curl -sSi --path-as-is --head https://x/"),
    ],
)
def test_each_door_has_its_tool(exchange, line):
    assert command(Exchange(*exchange, 200, None, 0.1)) == line


def test_kubectl_is_led_to_the_estates_cluster():
    asked = Exchange("kubernetes", "GET", "/api/v1/pods", 200, None, 0.1, via=("--context=a b",))
    assert command(asked) == "kubectl '--context=a b' get --raw /api/v1/pods"


def test_nothing_is_a_word_as_well():
    assert quoted("") == "''"
    assert quoted("a'b***c", "X") == "'a'\"'\"'b'\"$X\"c"
