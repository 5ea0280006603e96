"""Sessions that are no cookie, and logouts that are a form, in a real browser at the lab."""

from urllib.parse import parse_qs, urlsplit

import pytest

from lab import names
from lab.faults.rewriting import where
from lab.lab import Lab
from selftests.support import browser
from selftests.support.lab_state import still_open
from selftests.support.suite_runs import run_suite

AGAIN = "/oauth2/oidc/redirect"


@pytest.fixture
def run(tmp_path):
    """What the checks in a browser come to for Miniflux and Node-RED; first, the lab is changed."""
    browser.required()
    with Lab(shape="relying-parties") as lab:
        estate = lab.write_state(tmp_path)

        def judge(change=lambda _: None):
            change(lab.world)
            asked = ("--browser", "-k", "OIDC-SEEN and (miniflux or node-red)")
            judged = run_suite("--estate", str(estate), *asked, environment=lab.environment)
            assert judged.report["ledger"]["left_behind"] == []
            assert not list(still_open(lab.world))
            return judged, lab.world

        yield judge


def test_a_token_is_shown_and_taken_back_and_a_form_is_sent(run):
    tokens = set()

    def notes_tokens(world):
        def note(_, response):
            tokens.update(parse_qs(urlsplit(response.headers.get("location", "")).query).get("access_token", ()))
            return response

        world.applications.tampering.append(note)

    judged, _ = run(notes_tokens)
    assert judged.named("passed") == {f"OIDC-SEEN-0{n}[{app}]" for n in (1, 2) for app in ("miniflux", "node-red")}
    kept = (judged.stdout + judged.stderr).encode() + b"".join(judged.files.values())
    assert tokens
    assert not [token for token in tokens if token.encode() in kept]


def test_a_form_that_leads_into_the_next_login_is_warned_of(run):
    def logs_in_again(world):
        def is_logout(request, _):
            return request.url.hostname == names.public_host("miniflux") and request.url.path == "/logout"

        def leads_on(_, response):
            response.headers["location"] = AGAIN
            return response

        world.applications.tampering.append(where(is_logout, leads_on))

    judged, _ = run(logs_in_again)
    assert judged.red == {"OIDC-SEEN-02[miniflux]"}
    (said,) = (case["cause"] for case in judged.report["cases"] if case["outcome"] == "warned")
    assert "a person logs out of miniflux in a browser and is logged in after it, by" in said
    assert AGAIN in said
