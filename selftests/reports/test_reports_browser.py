"""The reports in a real browser: nothing stands in the way of whoever reads them, with scripts or without."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from selftests.screenshots import RUNS, run
from selftests.support import browser

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# In this order: the last one tells what is newly red since the one before.
RUN = ("healthy", "three-roots")
GRAVE = ("serious", "critical")
# Most of what axe takes it takes for these: each text is looked at with all that lies below it.
COLOURS = ["color-contrast", "link-in-text-block"]
# What is folded is not looked at otherwise.
UNFOLD = "for (const folded of document.querySelectorAll('details')) folded.open = true"
# A row that differs from one before it in texts and addresses alone has the same colours: that one stands for it.
ONE_OF_EACH = r"""() => {
  const seen = new Set();
  for (const row of document.querySelectorAll("tbody > tr")) {
    const form = row.outerHTML.replace(/>[^<]*/g, ">").replace(/ (?:id|href|for|title)="[^"]*"/g, "");
    seen.has(form) ? row.remove() : seen.add(form);
  }
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    browser.required()
    with browser.started() as started:
        yield started


def written(folder: str) -> dict[str, str]:
    """Addresses of the report of a healthy lab with pictures, of one with three faults, and of the list of runs."""
    reports = Path(folder)
    found = {name: run(reports, *RUNS[name]) for name in RUN}
    return {name: page.as_uri() for name, page in (found | {"index": reports / "index.html"}).items()}


@pytest.fixture(scope="module")
def pages(chromium: Browser, made_once: Callable[..., Any], shared_folder: Path) -> dict[str, str]:
    """As `written`, for all workers."""
    found: dict[str, str] = made_once(written, str(shared_folder / "reports-in-a-browser"))
    return found


def found_by_axe(page: Page, **options: Any) -> list[tuple[str, str]]:
    """What is grave of what axe finds, and where; `options` are axe's own."""
    found = Axe().run(page, options=options).response
    assert found["passes"], "axe looked at nothing"
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"] if one["impact"] in GRAVE]


@pytest.mark.parametrize("name", [*RUN, "index"])
def test_axe_finds_nothing_grave(chromium, pages, name):
    with browser.opened(chromium, pages[name], viewport=DESK) as page:
        page.evaluate(UNFOLD)
        assert found_by_axe(page, rules={rule: {"enabled": False} for rule in COLOURS}) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*RUN, "index"])
def test_axe_finds_no_text_that_is_hard_to_see(chromium, pages, name, scheme):
    with browser.opened(chromium, pages[name], viewport=DESK, color_scheme=scheme) as page:
        page.evaluate(UNFOLD)
        page.evaluate(ONE_OF_EACH)
        assert found_by_axe(page, runOnly=COLOURS) == []


@pytest.mark.parametrize("name", [*RUN, "index"])
def test_a_phone_scrolls_in_one_direction(chromium, pages, name):
    with browser.opened(chromium, pages[name], viewport=PHONE, is_mobile=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_screen_answers(chromium, pages, scripts):
    with browser.opened(chromium, pages["three-roots"], viewport=DESK, java_script_enabled=scripts) as page:
        for seen in (
            "UNHEALTHY",
            "healthy means",
            "newly red",
            "Applications",
            "OIDC-PROV-04",
            "can log in to argocd",
            "-X PATCH",
        ):
            box = page.locator("#sso-report").get_by_text(seen).locator("visible=true").first.bounding_box()
            assert box is not None, seen
            assert box["y"] + box["height"] <= DESK["height"], seen


def test_cases_are_searched_and_filtered(chromium, pages):
    with browser.opened(chromium, pages["three-roots"], viewport=DESK) as page:
        rows = page.locator("table.cases > tbody > tr:visible")
        page.get_by_label("Search").fill("grafana OIDC-SECRET")
        page.get_by_role("checkbox", name="failed").check()
        told = page.locator(".filter output")
        told.get_by_text("2 of ").wait_for()
        found = [name.split()[0] for name in rows.locator("th").all_inner_texts()]
        assert found == ["OIDC-SECRET-01", "OIDC-SECRET-02"]
        page.get_by_role("button", name="Show all").click()
        told.get_by_text("2 of ").wait_for(state="detached")
        assert rows.count() > 50


@pytest.mark.parametrize("scripts", [True, False])
def test_a_sign_of_the_matrix_leads_into_a_folded_area(chromium, pages, scripts):
    with browser.opened(chromium, pages["healthy"], viewport=DESK, java_script_enabled=scripts) as page:
        target = page.locator(".matrix tbody a").first.get_attribute("href")
        case = page.locator(f"{target} th")
        assert not case.is_visible()
        page.locator(".matrix tbody a").first.click()
        case.wait_for(state="visible")


def test_the_keyboard_reaches_what_can_be_done(chromium, pages):
    with browser.opened(chromium, pages["three-roots"], viewport=DESK) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to every case"
        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.type") in ("search", "checkbox")
