"""A site that a browser visits, and who visits it."""

import pytest

from fixtures.doors.browser.chromium import Chromium
from fixtures.doors.browser.door import BrowserDoor
from fixtures.login.journey import new_jar
from selftests.support import browser
from selftests.support.browser_site import serving
from selftests.support.http_door import door


@pytest.fixture(scope="module")
def site():
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def visiting(site):
    """Opens an address in a tab; gives the tab's findings and the record of who asked."""
    browser.required()
    port, _, _ = site
    _, _, client = door(port)
    chromium = Chromium(client, list)

    def visit(url, act=None):
        _, record, _ = door(port, "own")

        async def look(tab):
            await tab.open(url)
            await tab.until(lambda: True)
            if act:
                await act(tab)
            return tab

        return BrowserDoor(chromium, client, record).visit(look, jar=new_jar()), record

    yield visit
    chromium.stop()
