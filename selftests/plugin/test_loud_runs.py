"""After a run in which every case fails, no secret is in any file, on stdout or on stderr, however loud the run was."""

import base64
import html
import json
from urllib.parse import quote

from selftests.support.suite_runs import SuiteRun, run_suite

LOUD = ("-vv", "--showlocals", "--log-level=debug", "--tb=long", "-o", "junit_logging=all")
KINDS = {
    "API token", "client secrets", "passwords", "TOTP seed", "Kubernetes tokens", "access tokens",
    "refresh tokens", "sessions", "Secret values", "cookies", "authorization", "state in addresses",
    "code in addresses",
}  # fmt: skip


def encoded(secret: str) -> set[str]:
    """The secret in the forms that occur on wires and in reports."""
    raw = secret.encode()
    plain = {secret, base64.b64encode(raw).decode().rstrip("="), base64.urlsafe_b64encode(raw).decode().rstrip("=")}
    return plain | {quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1], secret[:14], secret[-14:]}


def leaks(run: SuiteRun, canaries: dict[str, list[str]]) -> list[str]:
    """Where which kind of secret is to be seen; never the secret itself, which a failing self-test would print."""
    places = {name: content.decode(errors="replace") for name, content in run.files.items()}
    places |= {"stdout": run.stdout, "stderr": run.stderr}
    kinds = {form: kind for kind, secrets in canaries.items() for secret in secrets for form in encoded(secret)}
    return [
        f"{kind} (form of {len(form)}) in {place}"
        for form, kind in kinds.items()
        for place, text in places.items()
        if len(form) >= 12 and form in text
    ]


def test_no_secret_is_seen_when_every_case_fails(tmp_path):
    listed, trace = tmp_path / "canaries.json", tmp_path / "trace"
    loud = (*LOUD, f"--debug={trace}")
    run = run_suite("-p", "selftests.support.canaries", "--lab", *loud, environment={"CANARIES": str(listed)})
    run.files["trace"] = trace.read_bytes()
    assert run.exit_code == 1
    judged = {outcome for outcome in run.outcomes.values() if outcome not in ("not applicable", "not verified")}
    assert judged == {"failed"}
    assert len(run.named("failed")) > 250
    canaries = json.loads(listed.read_text())
    assert {kind for kind, found in canaries.items() if found} >= KINDS
    assert len({value for values in canaries.values() for value in values}) > 50
    assert leaks(run, canaries) == []


def test_the_search_finds_what_is_there():
    run = SuiteRun(1, "a canary-123456789-secret", "", {}, {"x": quote("käfig=canary&secret", safe="").encode()})
    assert leaks(run, {"token": ["canary-123456789-secret"]})
    assert leaks(run, {"token": ["käfig=canary&secret"]})
