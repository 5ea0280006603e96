"""Logins as the suite makes them: in every healthy variant of a flow, once, ended, and never astray."""

import pytest

from lab import names, seeded
from lab.authentik.flows.model import AUTHENTICATION, EXPLICIT_CONSENT
from lab.faults.login_flow import PROBE
from lab.faults.rewriting import login_asks
from lab.lab import Lab
from selftests.support import browser
from selftests.support.lab_state import still_open
from selftests.support.logins import SEED, failed_logins
from selftests.support.suite_runs import run_suite

LOGINS = "SMOKE-LOGIN or OIDC-LOGIN or OIDC-CODE or OIDC-UINFO or OIDC-INTRO or FWD-PASS"


def explicit_consent(world):
    flow = world.authentik.flows[EXPLICIT_CONSENT].pk
    for provider in world.authentik.providers.values():
        provider.authorization_flow = flow


def second_factor(world):
    seeded.user(world, PROBE).totp_seed = SEED


def password_with_the_name(world):
    identification, password = world.authentik.flows[AUTHENTICATION].stages[:2]
    identification.settings["password_stage"] = password.pk


def password_with_the_name_alone(world):
    password_with_the_name(world)
    del world.authentik.flows[AUTHENTICATION].stages[1]


@pytest.fixture
def own_lab(tmp_path):
    """A lab of its own that serves, and its estate file, which knows the seed of the probe user's second factor."""
    with Lab() as lab:
        estate = lab.write_state(tmp_path)
        wanted = 'password = { env = "SSO_PROBE_PASSWORD" }\n'
        text = estate.read_text()
        assert wanted in text
        estate.write_text(text.replace(wanted, wanted + 'totp_seed = { env = "SSO_PROBE_TOTP_SEED" }\n'))
        yield lab, estate


def run(own_lab, *arguments, **environment):
    lab, estate = own_lab
    given = {**lab.environment, "SSO_PROBE_TOTP_SEED": SEED, **environment}
    return run_suite("--estate", str(estate), *arguments, environment=given)


@pytest.mark.parametrize(
    "variant", [explicit_consent, second_factor, password_with_the_name, password_with_the_name_alone]
)
def test_a_healthy_variant_of_the_flow_stays_green(variant, own_lab):
    variant(own_lab[0].world)
    judged = run(own_lab, "-k", LOGINS)
    assert judged.exit_code == 0, judged.stdout[-3000:]
    assert not judged.red
    assert "OIDC-LOGIN-01[grafana]" in judged.named("passed")
    assert "OIDC-CODE-04[sso-conformance]" in judged.named("passed")
    assert "FWD-PASS-01[longhorn]" in judged.named("passed")
    assert not failed_logins(own_lab[0])


@pytest.mark.parametrize(
    "options", [(), ("--settle", "6"), ("--browser",)], ids=["plainly", "settling", "in-a-browser"]
)
def test_a_wrong_password_is_tried_once(options, own_lab):
    judged = run(own_lab, *options, SSO_PROBE_PASSWORD="not-the-probe-users-password")
    assert [event.user["username"] for event in failed_logins(own_lab[0])] == [PROBE]
    assert judged.named("failed") == {f"SMOKE-LOGIN-01[{PROBE}]"}
    assert [root["id"] for root in judged.report["roots"]] == ["SMOKE-LOGIN-01"]
    assert "not-the-probe-users-password" not in judged.stdout + b"".join(judged.files.values()).decode()


def test_everything_of_a_login_is_ended(own_lab):
    judged = run(own_lab)
    assert judged.exit_code == 0, judged.stdout[-3000:]
    assert "left behind" not in judged.stdout
    assert not list(still_open(own_lab[0].world))


def test_a_session_that_a_login_asked_again_renews_is_ended_too(own_lab):
    second_factor(own_lab[0].world)
    own_lab[0].world.applications.tampering.append(login_asks(names.public_host("infisical"), "prompt=login"))
    judged = run(own_lab, "-k", "OIDC-LOGIN-01 and infisical")
    assert judged.exit_code == 0, judged.stdout[-3000:]
    assert judged.report["ledger"]["left_behind"] == []
    assert not list(still_open(own_lab[0].world))


def test_a_session_that_a_logout_does_not_end_is_said_to_stay(own_lab):
    own_lab[0].world.applications["argocd"].logout_ends_session = False
    own_lab[0].world.applications["infisical"].keeps_session_in_cookie = True
    judged = run(own_lab, "-k", "OIDC-LOGIN and (argocd or infisical or grafana)")
    said = sorted(line.partition(" could")[0] for line in judged.report["ledger"]["left_behind"])
    assert said == [f"the session of {PROBE} in {app}" for app in ("argocd", "infisical")]


def test_no_token_or_code_is_kept(own_lab):
    judged = run(own_lab, "-k", LOGINS)
    state = own_lab[0].world.authentik
    kept = (judged.stdout + judged.stderr + b"".join(judged.files.values()).decode()).replace("\\/", "/")
    assert state.access_tokens
    for value in (*state.access_tokens, *state.refresh_tokens, *state.codes, *state.sessions, *state.gate_sessions):
        assert value not in kept
        assert value[-16:] not in kept


def test_no_flow_of_another_host_gets_a_credential(own_lab):
    lab, estate = own_lab
    # Without a second factor each login is one of its own.
    estate.write_text(estate.read_text().replace("totp_seed = ", "# totp_seed = "))
    stranger = "status.frank.derio.net"

    def astray(request, response):
        if request.url.path == "/application/o/authorize/" and "/if/flow/" in response.headers.get("location", ""):
            response.headers["location"] = f"https://{stranger}/if/flow/{AUTHENTICATION}/"
        return response

    lab.world.authentik.tampering.append(astray)
    judged = run(own_lab, "-k", "OIDC-LOGIN or OIDC-RP-02 or FWD-PASS-01")
    assert "OIDC-RP-02[grafana]" in judged.named("failed")
    assert "FWD-PASS-01[longhorn]" in judged.named("failed")
    posts = [entry for entry in lab.audit if entry.method == "POST"]
    assert posts
    assert {entry.host for entry in posts} <= {names.AUTH_HOST, "192.168.55.211:9000"}
    assert [entry for entry in lab.audit if entry.host == stranger]


def test_a_code_is_typed_in_a_browser_and_none_is_spent_twice(own_lab):
    browser.required()
    lab, _ = own_lab
    second_factor(lab.world)
    judged = run(own_lab, "--browser", "-k", "SEEN")
    assert (judged.red, judged.exit_code) == (set(), 0), judged.stdout[-2000:]
    assert "SMOKE-SEEN-02" in judged.named("passed")
    assert failed_logins(lab) == []
