"""Of an answer's cookies as many are kept as browsers keep, of the length that they keep, and what is not is said."""

import httpx
import pytest

from fixtures.exchange.set_cookies import LONGEST_COOKIE, MOST_COOKIES, as_browsers_keep
from fixtures.model.redaction import MASK, redactor
from selftests.support.http_door import URL, door
from selftests.support.loopback import serving
from selftests.support.suite_runs import run_suite


def kept_of(*cookies):
    lines = [("Server", "x"), *(("Set-Cookie", f"{name}={value}; Path=/") for name, value in cookies)]
    return as_browsers_keep(httpx.Headers(lines), "auth.example")


def answer(*cookies, body="hi"):
    lines = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in cookies)
    return f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize("length", [0, 1, 300, LONGEST_COOKIE - 1])
def test_what_browsers_keep_is_kept(length):
    kept = kept_of(("c", "v" * length))
    assert (kept.values, kept.dropped, kept.remark) == (("v" * length,), (), "")
    assert kept.headers["set-cookie"].startswith("c=")


@pytest.mark.parametrize("length", [LONGEST_COOKIE, 20_000, 90_000])
def test_a_cookie_that_no_browser_keeps_is_dropped_and_named(length):
    kept = kept_of(("mine", "v"), ("c", "v" * length))
    assert (kept.values, kept.dropped) == (("v",), ("v" * length,))
    assert kept.headers.get_list("set-cookie") == ["mine=v; Path=/"]
    assert kept.headers["server"] == "x"
    assert f"auth.example sets a cookie 'c' of {length + 1:,} bytes" in kept.remark
    assert "vvvv" not in kept.remark


def test_more_cookies_than_browsers_must_keep_are_counted():
    kept = kept_of(*((f"c{number}", "v") for number in range(2000)))
    assert len(kept.headers.get_list("set-cookie")) == MOST_COOKIES
    assert "auth.example sets 2,000 cookies in one answer" in kept.remark


def test_the_door_notes_it_down_and_masks_what_the_page_repeats():
    long = "".join(chr(97 + at * 7 % 26) + str(at) for at in range(1500))
    with serving(answer("small=kept-in-the-jar-0123", f"big={long}", body=f"you have {long[:200]}")) as (port, _):
        asking, log, _ = door(port)
        jar = httpx.Cookies()
        got = asking.get(URL, cookies=jar)
    assert [cookie.name for cookie in got.cookies] == ["small"] == [cookie.name for cookie in jar.jar]
    assert "sets a cookie 'big'" in log.remark
    assert log.exchanges[0].body == f"you have {MASK}"
    assert redactor.clean("kept-in-the-jar-0123") == MASK


def test_a_usual_answer_is_not_remarked_on():
    with serving(answer("small=1")) as (port, _):
        asking, log, _ = door(port)
        asking.get(URL)
    assert log.remark == ""


@pytest.mark.parametrize(("flood", "verdict"), [("1x3000", "HEALTHY"), ("1x20000", "DEGRADED"), ("60x30", "DEGRADED")])
def test_a_run_says_once_what_it_left_out(flood, verdict):
    run = run_suite("-p", "selftests.support.cookie_flood", "--lab", environment={"COOKIE_FLOOD": flood})
    assert run.stdout.strip().splitlines()[-1].startswith(verdict), run.stdout[-2000:]
    assert run.stdout.count("true, but") == (verdict == "DEGRADED")
