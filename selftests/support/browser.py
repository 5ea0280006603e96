"""A real browser to look at pages with: Debian's Chromium without windows, driven by Playwright, for files only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fixtures.doors.browser.launching import PROGRAMS

SECONDS: Final = 60
_OFFLINE: Final = ("--host-resolver-rules=MAP * ~NOTFOUND", "--disable-gpu", "--no-sandbox")


def installed(*programs: str) -> str | None:
    """The path of the first of these browsers, or of those that the suite takes; None where the machine has none."""
    return next(filter(None, map(shutil.which, programs or PROGRAMS)), None)


def required(*programs: str) -> None:
    """Skip the test where there is no browser (none of these); in CI there has to be one."""
    if installed(*programs) is None:
        reason = f"no Chromium here: apt-get install {' '.join(programs) or PROGRAMS[0]}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@contextmanager
def started(*args: str) -> Iterator[Browser]:
    """A browser that can reach no host; or those that `args`, Chromium's own, lead to."""
    given = args or _OFFLINE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=list(given), timeout=SECONDS * 1000)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, url: str, **how: Any) -> Iterator[Page]:  # new_context's own
    """The page at `url`, laid out, in a context of its own; `how` are Playwright's options of one."""
    context = browser.new_context(**how)
    context.set_default_timeout(SECONDS * 1000)
    try:
        page = context.new_page()
        page.goto(url, wait_until="load")
        yield page
    finally:
        context.close()
