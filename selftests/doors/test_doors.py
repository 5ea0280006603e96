"""The HTTP door: where it leads, what it refuses, and that no answer keeps it waiting."""

import gzip
import time
from contextlib import closing

import httpx
import pytest

from fixtures.doors.network import Unreachable
from fixtures.exchange.answers import Answer, Cookie
from fixtures.exchange.side_effects import Refused
from fixtures.model.redaction import redactor
from fixtures.model.secret import Secret
from fixtures.model.signals import NotVerified
from selftests.support.http_door import ESTATE, URL, door
from selftests.support.loopback import OK, serving


def test_names_are_kept_wherever_the_connection_goes():
    with serving(OK) as (port, received):
        answer = door(port)[0].get(f"{URL}/a")
    assert (answer.status, answer.text) == (200, "hi")
    assert b"Host: auth.example:9000" in received[0]
    assert b"sso-conformance" in received[0]


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        (b"Retry-After: 30\r\n", "after 30 s"),
        (b"", "later"),
        (b"Retry-After: Fri\r\n", "later"),
        (b"Retry-After: " + b"9" * 5000 + b"\r\n", "later"),
    ],
    ids=["seconds", "none", "date", "endless"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_takes_no_more_requests_is_not_judged(method, headers, says):
    """And is not asked again at once: that makes it worse."""
    busy = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n" + headers + b"\r\n"
    asked = f"{URL}/application/o/introspect/"
    with serving(busy) as (port, received), pytest.raises(NotVerified, match=f"^{asked} takes no more req") as raised:
        door(port)[0].request(method, f"{asked}?with=parameters")
    assert says in raised.value.remedy
    assert len(received) == 1


@pytest.mark.parametrize("url", ["http://evil.example/", "http://auth.example/", "https://auth.example:9000/"])
def test_strangers_get_nothing(url):
    with serving(OK) as (port, received), pytest.raises(Refused):
        door(port)[0].get(url)
    assert not received


@pytest.mark.parametrize(
    ("method", "path", "form", "side_effect"),
    [
        ("POST", "/api/v3/core/users/", {"username": "x"}, "account"),
        ("GET", "/application/o/authorize/?client_id=x", None, "none"),
        ("POST", "/application/o/token/", {"grant_type": "client_credentials"}, "account"),
        ("POST", "/api/v3/flows/executor/login/", {"a": "b"}, "session"),
        ("DELETE", "/api/v3/core/users/1/", None, "account"),
    ],
)
def test_more_than_declared_is_refused_before_it_is_sent(method, path, form, side_effect):
    with serving(OK) as (port, received), pytest.raises(Refused, match="behind"):
        door(port, side_effect)[0].request(method, URL + path, form=form)
    assert not received


def test_a_declared_write_still_wants_the_option():
    with serving(OK) as (port, received), pytest.raises(Refused, match="allow-writes"):
        door(port, "write")[0].request("DELETE", f"{URL}/api/v3/core/users/1/")
    assert not received


def test_a_target_is_sent_byte_for_byte():
    with serving(OK) as (port, received):
        door(port, "session")[0].request("GET", "http://gated.example:9000/", target=b"//a/../%2e;x/%2f?q")
    assert received[0].startswith(b"GET //a/../%2e;x/%2f?q HTTP/1.1\r\n")


def test_redirects_are_not_followed_and_cookies_stay_in_their_journey():
    moved = (
        b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/?state=abc\r\nSet-Cookie: s=verysecretvalue; Path=/\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    jar = httpx.Cookies()
    with serving(moved, OK) as (port, received):
        asking, record, _ = door(port)
        answer = asking.get(f"{URL}/", cookies=jar)
        asking.get(f"{URL}/", cookies=jar)
        asking.get(f"{URL}/")
    assert answer.location == "http://evil.example/?state=abc"
    assert [b"verysecretvalue" in request for request in received] == [False, True, False]
    assert "verysecretvalue" not in str(record.exchanges)
    assert "abc" not in str(record.exchanges[0].response_headers)


def test_credentials_are_learned_by_the_redactor():
    with serving(OK) as (port, received):
        door(port)[0].get(f"{URL}/", basic=("client", Secret("a-very-long-client-secret")))
    sent = next(line for line in received[0].split(b"\r\n") if line.lower().startswith(b"authorization"))
    assert redactor.clean(sent.decode().split()[-1]) == "***"


def test_a_recovered_read_is_counted_and_a_post_is_never_repeated():
    bad = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with serving(bad, OK) as (port, received):
        asking, record, _ = door(port)
        assert asking.get(f"{URL}/").status == 200
        assert (record.retries, len(received)) == (1, 2)
    with serving(bad) as (port, received):
        asking, record, _ = door(port)
        assert asking.request("POST", f"{URL}/application/o/token/", form={"grant_type": "x"}).status == 503
        assert (record.retries, len(received)) == (0, 1)


def drip(connection, ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not ended.wait(0.05):
        connection.sendall(b"X-More: x\r\n")


def endless(connection, ended):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    block = b"x" * 65536
    while not ended.is_set():
        connection.sendall(block)


def silent(connection, ended):
    ended.wait(5)


MOVED = b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BOMB = gzip.compress(b"\0" * 8_000_000)
HOSTILE = {
    "a drip of headers": drip,
    "a body without end": endless,
    "silence": silent,
    "a gzip bomb": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB,
    "no HTTP": b"SSH-2.0-OpenSSH_9\r\n",
    "a body cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    "a closed connection": b"",
    "a redirect to no address": MOVED % b"http://[::1/x",
    "a redirect to no port": MOVED % b"//host:99999/",
    "a redirect to two addresses": MOVED.replace(b"\r\n", b"\r\nLocation: http://b.example/\r\n", 1)
    % b"http://a.example/",
    "bad gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_answers_end_in_a_clear_failure(answer):
    with serving(answer) as (port, _):
        asking, record, client = door(port)
        began = time.monotonic()
        # What is whole, and only cannot be unpacked, leaves its connection to be used again.
        with closing(client.connections), pytest.raises(Unreachable) as lost:
            asking.get(f"{URL}/")
    assert str(lost.value)
    assert record.exchanges[-1].error
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("page", [b"<title" * 300_000, b"<title>" * 250_000, b"<title>" + b"x" * 2_000_000])
def test_a_page_of_nothing_but_titles_has_none(page):
    assert Answer("GET", f"{URL}/", 200, httpx.Headers(), page, 0.1).title == ""


PLAIN = Cookie("a", secure=False, http_only=False, same_site="", path="", domain="", max_age=None, expires=None)
ENDS = "Wed, 25 Nov 2026 08:00:00 GMT"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("a=b; Path=/x; HttpOnly; SameSite=Lax", {"path": "/x", "http_only": True, "same_site": "Lax"}),
        ("a=b;secure ; max-age=60;DOMAIN=x.org", {"secure": True, "max_age": 60, "domain": "x.org"}),
        (f"a=b; Expires={ENDS}", {"expires": 1795593600.0}),
        ('a={"b": 1}; Partitioned; Priority=High; Secure', {"secure": True}),
        ("a=; Max-Age=-1", {"max_age": -1}),
        *((f"a=b; Max-Age={age}", {}) for age in ("--5", "²", "9" * 5000, "")),
    ],
)
def test_a_cookie_is_read_as_browsers_read_it(line, read):
    headers = httpx.Headers([("set-cookie", line)], encoding="utf-8")
    assert Answer("GET", f"{URL}/", 200, headers, b"", 0.1).cookies == (PLAIN._replace(**read),)


@pytest.mark.parametrize("line", ["", "Secure", "=b; Secure", " ; a=b"])
def test_what_names_no_cookie_is_none(line):
    assert Answer("GET", f"{URL}/", 200, httpx.Headers([("set-cookie", line)]), b"", 0.1).cookies == ()


def test_nobody_there_is_said():
    with serving(OK) as (port, _):
        pass
    with pytest.raises(Unreachable, match="not accepted"):
        door(port)[0].get(f"{URL}/")


def test_isolation_refuses_what_has_no_entry():
    without = ESTATE.replace('"auth.example:9000" = "127.0.0.1:{port}", ', "")
    with pytest.raises(Unreachable, match="isolated"):
        door(1, estate=without)[0].get(f"{URL}/")
