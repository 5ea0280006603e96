"""Nothing secret of a login is in anything that a run leaves: healthy, in every variant, and with every login fault."""

import base64
import importlib
import re
from urllib.parse import quote, unquote

import pytest

from lab.faults import load
from lab.lab import Lab
from selftests.support import browser
from selftests.support.suite_runs import run_suite

# Where the faults are that only a login meets.
LOGINS = ("app_logins", "gate_sessions", "login_flow", "own_client")
NAMES = (
    "access_token|client_secret|code|code_verifier|id_token|id_token_hint|nonce|password|refresh_token|session_state|"
    "state|token"
)
# Whatever makes pytest say more.
TALKATIVE = ("-vv", "--showlocals", "--tb=long", "--log-level=DEBUG", "-rA")
# What is shorter says nothing, and is found anywhere.
SHORTEST = 12
PIECE = 16


def faults_of(*modules):
    """The faults of the runbook's estate that these modules of `lab.faults` declare."""
    own = [value for name in modules for value in vars(importlib.import_module(f"lab.faults.{name}")).values()]
    return [fault for fault in load().values() if fault.apply in own and "--lab-shape" not in fault.options]


def sent(entry):
    """The values in one request's head that open something: parameters, however deep in a URL, cookies, credentials."""
    text = entry.target
    for _ in range(4):
        yield from (value for _, value in re.findall(rf"(?i)(?<![\w-])({NAMES})=([^&#\s\"]+)", text))
        text = unquote(text)
    for cookie in (entry.header("Cookie") or "").split("; "):
        yield cookie.partition("=")[2].strip('"')
    scheme, _, credential = (entry.header("Authorization") or "").partition(" ")
    yield credential
    if scheme.lower() == "basic":
        yield base64.b64decode(credential).decode().partition(":")[2]


def canaries(lab):
    """Whatever the lab was sent, holds or issued that must be nowhere else, in the forms in which it may appear."""
    state, secrets = lab.world.authentik, lab.world.secrets
    found = {value for entry in lab.audit for value in sent(entry)}
    for table in (
        state.access_tokens,
        state.refresh_tokens,
        state.codes,
        state.spent_codes,
        state.sessions,
        state.gate_sessions,
        *(app.sessions for app in lab.world.applications.by_name.values()),
        *(app.pending for app in lab.world.applications.by_name.values()),
    ):
        found |= set(table)
    found |= {session.csrf for session in state.sessions.values()}
    found |= {pending.state for app in lab.world.applications.by_name.values() for pending in app.pending.values()}
    found |= {
        secrets.api_token, secrets.bootstrap_token, secrets.probe_password, secrets.user_password,
        secrets.gate_app_password, secrets.conformance_client_secret, *secrets.client_secrets.values(),
    }  # fmt: skip
    long = {value for value in found if len(value) >= SHORTEST}
    return {form for value in long for form in (value, unquote(value), quote(value, safe=""))}


def leaks(lab, run):
    """The canaries that are in what a run printed or wrote, whole or by their last characters."""
    kept = (run.stdout + run.stderr + b"".join(run.files.values()).decode(errors="replace")).replace("\\/", "/")
    known = canaries(lab)
    # It logged in: there is something that could have leaked.
    assert len(known) > 20
    return {value for value in known if value in kept or value[-PIECE:] in kept}


@pytest.fixture(scope="module", params=[False], ids=["reads"])
def served(request, tmp_path_factory):
    """A lab for this module (one that allows writes, if the test says so), and its estate file."""
    with Lab(allow_writes=request.param) as lab:
        yield lab, str(lab.write_state(tmp_path_factory.mktemp("lab")))


@pytest.fixture
def judged(served):
    """Runs checks against a freshly healed lab."""
    lab, estate = served

    def run(*arguments):
        return lab, run_suite("--estate", estate, *arguments, environment=lab.environment)

    yield run
    lab.heal()
    lab.audit.clear()


@pytest.mark.parametrize("fault", faults_of(*LOGINS), ids=lambda fault: fault.name)
def test_a_failing_login_leaks_nothing(fault, judged, served):
    served[0].apply(fault.name)
    checks = {"SMOKE-LOGIN-01", *(red.partition("[")[0] for red in fault.turns_red)}
    lab, run = judged("-k", " or ".join(sorted(checks)), *TALKATIVE)
    assert run.red, run.stdout[-2000:]
    assert leaks(lab, run) == set()


def test_a_healthy_run_leaks_nothing(judged):
    lab, run = judged(*TALKATIVE)
    assert run.exit_code == 0, run.stdout[-2000:]
    assert leaks(lab, run) == set()


@pytest.mark.parametrize("fault", [None, "login-form-hidden", "policy-against-inline-scripts"])
def test_what_a_browser_does_leaks_nothing(fault, judged, served):
    browser.required()
    if fault:
        served[0].apply(fault)
    lab, run = judged("--browser", "-k", "SEEN", *TALKATIVE)
    assert bool(run.red) == bool(fault), run.stdout[-2000:]
    assert any(name.endswith(".webp") for name in run.files)
    assert leaks(lab, run) == set()


@pytest.mark.parametrize("served", [True], indirect=True, ids=["writes"])
@pytest.mark.parametrize("fault", [None, *faults_of("writes")], ids=lambda fault: fault.name if fault else "healthy")
def test_what_writes_leaks_nothing(fault, judged, served):
    if fault:
        served[0].apply(fault.name)
    lab, run = judged("--allow-writes", "-k", "WRITE or OIDC-TOKEN-05", *TALKATIVE)
    assert bool(run.red) == bool(fault), run.stdout[-2000:]
    assert leaks(lab, run) == set()


def test_what_is_kept_would_be_found(judged):
    lab, run = judged("-k", "SMOKE-LOGIN-01")
    assert leaks(lab, run) == set()
    run.files["left.txt"] = f"… {lab.world.secrets.probe_password[-20:]}".encode()
    assert leaks(lab, run) == {lab.world.secrets.probe_password}
