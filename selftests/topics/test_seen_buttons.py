"""A login that begins by a click: what is looked for, and what is said where it is not there or leads nowhere."""

import asyncio

import pytest

from fixtures.estate.loading import load_estate
from fixtures.estate.oidc import OidcApplication
from fixtures.login.credentials import Credentials
from fixtures.login.typing import Typist
from fixtures.model.errors import TypingFailed
from fixtures.model.secret import Secret
from fixtures.model.signals import Broken, NotVerified
from fixtures.topics.seen.buttons import Button, button_of, press
from lab.files import ESTATE_TEXT

APP = {
    "name": "hub",
    "slug": "hub",
    "kind": "generic",
    "client_id": "hub",
    "url": "https://hub.example.org",
    "redirect_uris": ["https://hub.example.org/callback"],
    "login_start": "/go",
}
DECLARED = Button("https://hub.example.org", "a", "'Sign in'", is_declared=True)
DERIVED = Button("https://hub.example.org", "button", "of the form's by=sso", is_declared=False)


class Tab:
    """A tab with one button that does what it is told to."""

    url = "https://auth.frank.derio.net/if/flow/login/"
    is_over = saved = False

    def __init__(self, *, there=True, leads_on=True, usable=True):
        self.there, self.leads_on, self.usable, self.hops = there, leads_on, usable, ["https://hub.example.org/"]

    async def has(self, _):
        return self.there

    async def watch(self, look, is_enough):
        return await look()

    async def click(self, _):
        if not self.usable:
            raise TypingFailed("another element covers it")
        self.hops += ["https://auth.example.org/"] * self.leads_on

    async def fill(self, *_):
        await self.click("")

    async def until(self, reached):
        return reached()

    async def ask(self, _):
        return {"stage": "ak-stage-identification", "usable": True}


@pytest.mark.parametrize(
    ("tab", "says"),
    [
        (Tab(there=False), "the page shows no button or link 'Sign in' (login_button)"),
        (Tab(leads_on=False), "nothing comes of a click on the button 'Sign in'"),
        (Tab(usable=False), "the button 'Sign in' cannot be clicked: another element covers it"),
    ],
)
def test_why_a_click_does_not_lead_on(tab, says):
    with pytest.raises(Broken) as stop:
        asyncio.run(press(tab, DECLARED))
    assert stop.value.cause == f"in a browser, no login begins: {says}"
    assert "login_button" in stop.value.remedy


def test_a_click_that_leads_on_is_the_end_of_it():
    tab = Tab()
    asyncio.run(press(tab, DECLARED))
    assert len(tab.hops) == 2


def test_a_button_that_nobody_described_is_not_verified_where_it_is_not_there():
    with pytest.raises(NotVerified) as signal:
        asyncio.run(press(Tab(there=False), DERIVED))
    assert "login_button" in signal.value.remedy
    assert signal.value.need == "browser"


def test_a_page_that_is_over_says_by_itself_why():
    tab = Tab(there=False)
    tab.is_over = True
    asyncio.run(press(tab, DECLARED))
    assert len(tab.hops) == 1


def test_what_is_looked_for():
    assert button_of(OidcApplication(**APP)) is None
    form = button_of(OidcApplication(**APP, login_start_form='by=a"b'))
    assert form is not None
    assert not form.is_declared
    assert form.selector == ':is(button, input)[name="by"][value="a\\"b"]:visible'
    named = button_of(OidcApplication(**APP, login_start_form="by=sso", login_button='Log in via "SSO"'))
    assert named is not None
    assert named.is_declared
    assert ':has-text("Log in via \\"SSO\\"")' in named.selector


def test_a_field_that_cannot_be_typed_into_stops_the_login():
    """It went through as a defect of the suite's own."""
    with pytest.raises(Broken, match="ak-stage-identification cannot be used: another element covers it"):
        asyncio.run(Typist(Tab(usable=False), load_estate(ESTATE_TEXT), Credentials("probe", Secret("…"))).log_in())
