"""What the suite promises, told by the lab that was asked: it reads, it asks once, it fetches and keeps no secret."""

import re
from collections import Counter

import pytest

from lab.lab import Lab
from selftests.support.suite_runs import run_suite

READING = {"GET", "HEAD"}
# The questions that are no reads by their method, and change nothing all the same.
QUESTIONS = (
    "/application/o/token/",
    "/application/o/introspect/",
    "/application/o/revoke/",
    "/application/o/userinfo/",
)
# A file that names a credential has to be given it: this one names the API token alone.
NOT_GIVEN = re.compile(r'= \{ env = "(?!AUTHENTIK_TOKEN")')
GATED = ("longhorn.", "hubble.", "sympozium.", "whoami.")


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    """A run that was given an API token and the cluster, but no user to log in; and the lab it looked at."""
    with Lab() as lab:
        estate = lab.write_state(tmp_path_factory.mktemp("lab"))
        named = estate.read_text().splitlines()
        estate.write_text("\n".join(line for line in named if not NOT_GIVEN.search(line)))
        token = {"AUTHENTIK_TOKEN": lab.environment["AUTHENTIK_TOKEN"]}
        yield lab, run_suite("--estate", str(estate), environment=token)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that was given everything, logins included; and its lab."""
    with Lab() as lab:
        estate = lab.write_state(tmp_path_factory.mktemp("lab"))
        yield lab, run_suite("--estate", str(estate), environment=lab.environment)


def test_without_a_user_all_that_can_be_judged_is_green(reading):
    _, run = reading
    assert run.verdict_line.startswith("PARTIAL"), run.stdout[-2000:]
    assert not run.red
    assert {case["need"] for case in run.report["cases"] if case["outcome"] == "not verified"} <= {
        "user",
        "client",
        "secret",
        "writes",
        "browser",
    }


def test_nothing_is_written(reading):
    lab, run = reading
    assert run.report["ledger"]["written"] == 0
    assert not [entry for entry in lab.world.cluster.audit if entry.writes]
    for entry in (
        entry for entry in lab.audit if entry.method not in READING and not entry.target.startswith(QUESTIONS)
    ):
        assert entry.host.startswith(GATED), f"{entry.method} {entry.host}"
        assert entry.header("Content-Length") in (None, "0"), f"{entry.method} {entry.host} had a body"


@pytest.mark.parametrize("given", ["reading", "whole"])
def test_values_of_secrets_are_fetched_once_where_the_estate_file_lets_it_alone(given, request):
    lab, _ = request.getfixturevalue(given)
    secrets = [entry for entry in lab.world.cluster.audit if entry.resource == "secrets"]
    assert {entry.verb for entry in secrets} == {"get"}
    assert [entry for entry in secrets if entry.metadata_only]
    values = Counter((entry.namespace, entry.name) for entry in secrets if not entry.metadata_only)
    assert values == {("argocd", "argocd-oidc"): 1, ("grafana", "grafana-oidc"): 1}


def test_without_leave_no_value_of_a_secret_is_fetched(tmp_path):
    with Lab() as lab:
        estate = lab.write_state(tmp_path)
        estate.write_text(estate.read_text().replace("read_value = true\n", ""))
        run = run_suite("--estate", str(estate), "-k", "OIDC-TOKEN-03 or OIDC-SECRET", environment=lab.environment)
        assert all(entry.metadata_only for entry in lab.world.cluster.audit if entry.resource == "secrets")
    assert run.named("not verified") == {"OIDC-TOKEN-03[argocd]", "OIDC-TOKEN-03[grafana]"}
    assert "read_value = true" in run.stdout


@pytest.mark.parametrize("given", ["reading", "whole"])
def test_no_secret_of_the_lab_is_kept(given, request):
    lab, run = request.getfixturevalue(given)
    known = lab.world.secrets
    values = [
        known.api_token, known.bootstrap_token, known.probe_password, known.gate_app_password, known.user_password,
        known.conformance_client_secret,
        known.kubernetes_suite_token, known.kubernetes_admin_token, *known.client_secrets.values(),
    ]  # fmt: skip
    written = b"".join(run.files.values()).decode() + run.stdout + run.stderr
    for value in values:
        assert value not in written
        assert value[:12] not in written
        assert value[-12:] not in written


def test_every_question_is_asked_once(reading):
    lab, run = reading
    asked = Counter((entry.listener, entry.method, entry.head) for entry in lab.audit)
    assert [(name, head.split(b"\r\n")[0]) for (name, _, head), times in asked.items() if times > 1] == []
    assert run.report["effort"]["repeated_questions"] == 0


@pytest.mark.parametrize("given", ["reading", "whole"])
def test_the_ledger_agrees_with_what_the_lab_received(given, request):
    lab, run = request.getfixturevalue(given)
    counted = sum(row["count"] for row in run.report["ledger"]["rows"] if row["door"] != "tls")
    assert counted == len(lab.audit)


def test_path_tricks_arrive_byte_for_byte(reading):
    lab, run = reading
    assert "FWD-GATE-05[longhorn]" in run.named("passed")
    targets = {entry.head.split(b" ", 2)[1].lower() for entry in lab.audit if entry.host.startswith("longhorn.")}
    for trick in (b"//", b"/../", b"%2f", b";", b"%2e"):
        assert any(trick in target for target in targets), targets


@pytest.mark.parametrize("given", ["reading", "whole"])
def test_the_suite_says_who_it_is(given, request):
    lab, _ = request.getfixturevalue(given)
    asked = [entry for entry in lab.audit if entry.listener != "kubernetes"]
    assert asked
    assert all("sso-conformance/" in (entry.header("User-Agent") or "") for entry in asked)
