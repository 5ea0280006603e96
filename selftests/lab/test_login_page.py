"""The lab's login page does what was measured of the real one (facts/browser.md), in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from lab import names, seeded
from lab.authentik.flows.model import AUTHENTICATION
from lab.faults.rewriting import at, becomes_page, replacing, where
from lab.lab import Lab
from selftests.support import browser

GRAFANA = f"https://{names.public_host('grafana')}"
SECONDS = 20_000


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    browser.required()
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def chromium(lab):
    leads = f"--host-resolver-rules=MAP *:443 127.0.0.1:{lab.ports['ingress-https']},MAP * ~NOTFOUND"
    with browser.started(leads, "--ignore-certificate-errors", "--no-sandbox", "--no-proxy-server") as started:
        yield started


@pytest.fixture
def page(lab, chromium) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US", ignore_https_errors=True)
    context.set_default_timeout(SECONDS)
    yield context.new_page()
    context.close()
    lab.heal()


def give(page: Page, stage: str, field: str, value: str) -> None:
    page.locator(f"{stage} input[name={field}]").fill(value)
    page.locator(f"{stage} button[type=submit]").click()


def log_in(page: Page, lab: Lab, password: str = "") -> None:
    page.goto(f"{GRAFANA}/login/generic_oauth")
    give(page, "ak-stage-identification", "uidField", "conformance-probe")
    give(page, "ak-stage-password", "password", password or lab.world.secrets.probe_password)


def stuck_at(page: Page) -> str:
    """The headline that the page stops at."""
    return page.locator("main [role=status] h1").inner_text()


def test_a_login_is_typed_and_ends_in_the_application(page, lab):
    noise = []
    page.on("pageerror", lambda error: noise.append(error.message))
    page.on("console", lambda message: noise.append(message.text) if message.type in ("error", "warning") else None)
    page.on("requestfailed", lambda request: noise.append(request.url))
    log_in(page, lab)
    page.wait_for_url(f"{GRAFANA}/")
    assert noise == []


def test_its_form_is_in_no_text_of_the_document(page):
    """Section 0.3: whoever reads the document alone sees nothing of the form."""
    page.goto(f"{GRAFANA}/login/generic_oauth")
    page.locator("ak-stage-identification input[name=uidField]").wait_for()
    assert "uidField" not in page.content()
    assert page.title().endswith(" - authentik")


def test_the_first_stage_has_fields_that_are_none_of_its_form(page):
    """Section 2.1: three decoys outside of the body, visible to a robot, until the password's stage."""
    page.goto(f"{GRAFANA}/login/generic_oauth")
    page.locator("ak-stage-identification input[name=uidField]").wait_for()
    assert page.locator("input[name=password]").count() == 1
    assert page.locator("main input[name=password]").count() == 0
    give(page, "ak-stage-identification", "uidField", "conformance-probe")
    page.locator("main input[name=password]").wait_for()
    assert page.locator("input[name=code]").count() == 0


def test_a_wrong_password_is_said_and_stays_typed_nowhere_else(page, lab):
    log_in(page, lab, "not the password")
    assert page.get_by_role("alert").inner_text() == "Invalid password"
    assert page.locator("main input[name=password]").get_attribute("aria-invalid") == "true"


def test_a_second_factor_is_a_stage_in_a_stage(page, lab):
    seeded.user(lab.world, "conformance-probe").totp_seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    log_in(page, lab)
    page.locator("ak-stage-authenticator-validate-code input[name=code]").wait_for()


def test_name_and_password_may_stand_on_one_page(page, lab):
    flow = lab.world.authentik.flows[AUTHENTICATION]
    password = next(stage for stage in flow.stages if stage.kind == "password")
    next(stage for stage in flow.stages if stage.kind == "identification").settings["password_stage"] = password.pk
    page.goto(f"{GRAFANA}/login/generic_oauth")
    page.locator("ak-stage-identification input[name=uidField]").fill("conformance-probe")
    give(page, "ak-stage-identification", "password", lab.world.secrets.probe_password)
    page.wait_for_url(f"{GRAFANA}/")


def test_without_its_script_the_page_stays_blank(page, lab):
    lab.world.authentik.tampering.append(where(at("/static/dist/flow/"), becomes_page(404, "")))
    page.goto(f"{GRAFANA}/login/generic_oauth")
    assert page.title() == "authentik"
    assert not page.evaluate("Boolean(customElements.get('ak-flow-executor'))")


def test_a_stage_that_does_not_load_is_said(page, lab):
    lab.world.authentik.tampering.append(where(at("/static/dist/src/flow/stages"), becomes_page(404, "")))
    page.goto(f"{GRAFANA}/login/generic_oauth")
    page.get_by_text("Failed to fetch dynamically imported module: https://").wait_for()


def test_a_policy_against_inline_scripts_stops_it_behind_the_password(page, lab):
    def with_policy(_, response):
        response.headers["content-security-policy"] = "default-src 'self'"
        return response

    lab.world.edge.tampering.append(where(at("/if/flow/"), with_policy))
    with page.expect_event("pageerror") as broken:
        log_in(page, lab)
    assert "reading 'flowsContinuousLogin'" in broken.value.message
    assert stuck_at(page) == "Loading"


def test_an_authentik_that_believes_in_plain_http_is_not_asked(page, lab):
    told = replacing(f'"base": "{names.AUTH_URL}', f'"base": "http://{names.AUTH_HOST}')
    lab.world.authentik.tampering.append(where(at("/if/flow/"), told))
    page.goto(f"{GRAFANA}/login/generic_oauth")
    page.get_by_text("the interceptors did not return an alternative response").wait_for()
    assert stuck_at(page).startswith("The request failed")
