"""Somebody takes no more requests (429) while a browser visits: what may be judged all the same."""

import pytest

from fixtures.model.signals import Broken, NotVerified

URL = "http://auth.example:9000"
LIMITED = ("Too Many Requests", {"retry-after": "3"}, 429)


async def fails(_):
    raise Broken("the login stops", "look why")


@pytest.mark.parametrize("act", [None, fails])
@pytest.mark.parametrize("limited", ["/limited", "/api/limited"])
def test_who_takes_no_more_requests_is_not_judged(site, visiting, limited, act):
    _, pages, _ = site
    pages["/limited"] = "<script>fetch('/api/limited')</script>"
    pages[limited] = LIMITED
    with pytest.raises(NotVerified, match=rf"{URL}{limited} takes no more requests for now \(429\)") as raised:
        visiting(f"{URL}/limited", act)
    assert raised.value.remedy == "run it again after 3 s"


async def finds_it(tab):
    tab.limited.excuse()


BY_XHR = "const asked = new XMLHttpRequest(); asked.open('GET', '/api/news'); asked.send()"


@pytest.mark.parametrize("script", ["fetch('/api/news')", BY_XHR])
def test_what_scripts_were_refused_counts_where_the_page_is_not_what_was_looked_for(site, visiting, script):
    _, pages, _ = site
    pages["/app"], pages["/api/news"] = f"<p>whole</p><script>{script}</script>", LIMITED
    tab, _ = visiting(f"{URL}/app", finds_it)
    assert tab.limited.why is None
    for act in (None, fails):
        with pytest.raises(NotVerified, match="/api/news takes no more requests"):
            visiting(f"{URL}/app", act)


@pytest.mark.parametrize("made_of", ["<script src='/part'></script>", "<link rel=stylesheet href='/part'>"])
def test_what_a_page_is_made_of_is_never_excused(site, visiting, made_of):
    _, pages, _ = site
    pages["/app"], pages["/part"] = f"<p>whole</p>{made_of}", LIMITED
    with pytest.raises(NotVerified, match="/part takes no more requests"):
        visiting(f"{URL}/app", finds_it)


@pytest.mark.parametrize(
    "part", ["<img src='/busy'>", "<script>navigator.sendBeacon('/busy')</script>", "<link rel=icon href='/busy'>"]
)
def test_what_no_login_needs_may_be_too_much_for_somebody(site, visiting, part):
    _, pages, seen = site
    pages["/whole"], pages["/busy"] = f"<p>whole</p>{part}", LIMITED
    tab, _ = visiting(f"{URL}/whole")
    assert (tab.status, tab.limited.why) == (200, None)
    assert "icon" in part or [path for _, _, path in seen if path == "/busy"]
