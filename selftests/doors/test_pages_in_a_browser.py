"""Pages as applications have them: what a visit makes of each, and that none keeps it."""

import tomllib

import pytest

from fixtures.doors.browser.chromium import Chromium
from fixtures.doors.browser.door import BrowserDoor
from fixtures.estate import parse_estate
from fixtures.login.credentials import Credentials
from fixtures.login.journey import new_jar
from fixtures.model.secret import Secret
from fixtures.model.signals import NotVerified
from fixtures.topics.seen.rules import not_the_page
from fixtures.topics.seen.sessions import TEXT
from fixtures.topics.seen.visits import see_page
from selftests.support import browser
from selftests.support.browser_site import serving
from selftests.support.http_door import ESTATE, door

GATED = "http://gated.example:9000"
QUICK = ESTATE + "page_seconds = 3\n"
PATIENT = ESTATE + "page_seconds = 20\n"
PROBE = Credentials("probe", Secret("a password of the probe's", place="probe_user.password"))


async def see(tab, estate):
    """What a visit makes of the gated application's page."""
    return await see_page(tab, estate, PROBE, f"{GATED}/")


async def read(tab, _):
    """The text of that page, asked for as soon as it is opened."""
    await tab.open(f"{GATED}/")
    return await tab.ask(TEXT)


@pytest.fixture(scope="module")
def shown():
    """What a look, a visit's if nothing else is said, makes of a page: one as browser_site takes it."""
    browser.required()
    with serving() as (port, pages, _):
        pages["/api/news"] = ("Too Many Requests", {"retry-after": "3"}, 429)
        _, _, client = door(port, estate=QUICK)
        chromium = Chromium(client, list)
        estate = parse_estate(tomllib.loads(QUICK.format(port=port)), "test")

        def show(page, text=QUICK, look_at=see):
            pages["/"] = page
            _, record, own = door(port, "own", estate=text)
            look = BrowserDoor(chromium, own, record).visit
            return look(lambda tab: look_at(tab, estate), jar=new_jar())

        yield show
        chromium.stop()


def wrong_with(page):
    estate = parse_estate(tomllib.loads(QUICK.format(port=1)), "test")
    return not_the_page(page, estate, estate.forward_auth[0])


def script(text):
    return f"<h1>Here</h1><script>{text}</script>"


MODULE = "<script type='module' src='/app.js'></script>"
CLOSED = """<x-app></x-app><script>customElements.define('x-app', class extends HTMLElement {
  connectedCallback() { this.attachShadow({ mode: 'closed' }).innerHTML = '<p>Here</p>' } })</script>"""


@pytest.mark.parametrize(
    "page",
    [
        script("alert('a'); confirm('b'); prompt('c')"),
        script("for (let i = 0; i < 30; i++) window.open('/more')"),
        script("setInterval(() => fetch('/poll'), 50); new EventSource('/a'); new WebSocket('ws://' + location.host)"),
        script("navigator.serviceWorker?.register('/worker.js')"),
        script("addEventListener('beforeunload', (event) => event.preventDefault())"),
        "<meta http-equiv='refresh' content='1'><h1>Here</h1>",
        "<script>setTimeout(() => document.body.append('Here'), 1500)</script>",
        "<script>if (!location.search) setTimeout(() => location.replace('/?a=1'), 300)</script><h1>Here</h1>",
        "<h1>Here</h1><script src='http://cdn.example/app.js'></script>",
        ("<h1>Here</h1>", {"content-security-policy-report-only": "script-src 'none'; report-uri http://csp.example/"}),
        ("<status><ok/></status>", {"content-type": "application/xml"}),
        ("just text", {"content-type": "text/plain"}),
        "<frameset cols='50%,50%'><frame src='/a'><frame src='/b'></frameset>",
        CLOSED,
        CLOSED.replace("closed", "open"),
    ],
)  # fmt: skip
def test_a_page_that_shows_something_is_the_applications(shown, page):
    seen = shown(page)
    assert seen.arrived
    assert wrong_with(seen) is None


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (script("for (;;) alert('again')"), "a script of it comes to no end"),
        (script("for (;;);"), "a script of it comes to no end"),
        (f"<p></p><script src='http://cdn.example/a.js'></script>{MODULE}", "Failed to load module script"),
    ],
)  # fmt: skip
def test_a_page_that_nobody_can_use_is_named(shown, page, said):
    wrong = wrong_with(shown(page))
    assert wrong is not None
    assert said in wrong.what


def test_a_page_that_loads_itself_anew_without_end_is_named(shown):
    """However slow this machine is: five turns fit into the time of a page."""
    assert "reloads itself without end" in wrong_with(shown(script("location.reload()"), PATIENT)).what


@pytest.mark.parametrize("root", ["<x-app></x-app>", "<div></div>"])
def test_an_element_with_nothing_in_it_shows_nothing(shown, root):
    made = "connectedCallback() { this.attachShadow({ mode: 'open' }) }"
    element = f"customElements.define('x-app', class extends HTMLElement {{ {made} }})"
    wrong = wrong_with(shown(f"{root}<script>{element}</script>"))
    assert (wrong.severity, "stays empty" in wrong.what) == ("warning", True)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<div id='root'></div><script src='http://cdn.example/app.js'></script>", "loads from cdn.example"),
        ("<script>fetch('http://config.example/').then(() => document.body.append('Here'))</script>", "config.example"),
        (("PK", {"content-type": "application/zip", "content-disposition": "attachment"}), "a file to save"),
    ],
)
def test_what_this_browser_may_not_have_is_not_held_against_the_application(shown, page, said):
    with pytest.raises(NotVerified, match=said):
        shown(page)


def test_a_worker_that_is_not_let_in_is_not_held_against_the_application(shown):
    """A service worker needs https, which this server has not: the page says what a browser says where it has."""
    with pytest.raises(NotVerified, match="service worker"):
        shown("<div></div><script>console.warn('Service Worker registration blocked by Playwright')</script>")


def test_a_page_is_read_once_all_of_it_is_there(shown):
    parts = ["<!doctype html><title>me</title>" + " " * 2000, "<p>signed in as probe</p>"]
    assert shown(parts, look_at=read) == "signed in as probe"


REFUSED = "<script>fetch('/api/news')</script>"


def test_a_page_that_is_whole_needed_nothing_that_its_script_was_refused(shown):
    assert wrong_with(shown(f"<p>whole</p>{REFUSED}")) is None


@pytest.mark.parametrize("page", [REFUSED, (f"<p>no</p>{REFUSED}", {}, 503)])
def test_a_page_that_is_not_may_lack_what_its_script_was_refused(shown, page):
    with pytest.raises(NotVerified, match="/api/news takes no more requests for now"):
        shown(page)
