"""What --allow-writes makes is gone again, however the run ends; nothing else is touched, and the ledger tells all."""

import re
import signal
import time
from datetime import timedelta

import pytest

from lab.authentik.accounts import Token, User
from lab.authentik.providers import PolicyBinding
from lab.cluster.commands import ak_shell
from selftests.support.suite_runs import ROOT
from selftests.support.writing_stage import MACHINE, MADE

# A user, the mark on an ExternalSecret, a token, a machine's user: what is there in the middle of each write.
MIDDLES = (rf"{MADE}\w+$", "annotation", "-shell$", "ak-Grafana-client_credentials$")


def test_what_is_written_is_gone_again_and_said(stage):
    run = stage.run("--allow-writes", "-k", "WRITE")
    assert run.named("passed") >= {"SMOKE-WRITE-01", "SMOKE-WRITE-02", "SMOKE-WRITE-03"}, run.stdout[-2000:]
    assert not stage.changed()
    ledger = run.report["ledger"]
    assert ledger["written"] == sum(row["count"] for row in ledger["changes"]) >= 6
    assert (ledger["left_behind"], ledger["cleared_away"]) == ([], [])
    assert f"{ledger['written']} written: " in run.stdout
    assert "nothing stays behind" in run.stdout


def test_the_runbooks_own_request_keeps_who_was_there_and_removes_whom_it_made(stage):
    run = stage.run("--allow-writes", "-k", "OIDC-TOKEN-05")
    assert run.named("passed") == {"OIDC-TOKEN-05[argocd]", "OIDC-TOKEN-05[grafana]"}, run.stdout[-2000:]
    assert not stage.changed()
    assert stage.world.authentik.directory.users[77].last_login is not None
    (stays,) = run.report["ledger"]["left_behind"]
    assert MACHINE in stays
    assert f"left behind: {stays}" in run.stdout
    issued = stage.world.authentik.access_tokens.values()
    assert issued
    assert all(token.revoked for token in issued)


def test_a_client_whose_policies_let_no_machine_in_has_no_use_for_it(stage):
    grafana = next(app for app in stage.world.authentik.applications.values() if app.slug == "grafana")
    grafana.bindings = [PolicyBinding("6a2b1d7e-9a51-4a0e-8f3c-3d6a4f1c9b02", user=4)]
    stage.remember()
    run = stage.run("--allow-writes", "-k", "OIDC-TOKEN-05 and grafana")
    assert run.named("not applicable") == {"OIDC-TOKEN-05[grafana]"}, run.stdout[-2000:]
    assert not stage.changed()


def test_every_write_is_in_the_ledger(stage):
    run = stage.run("--allow-writes", "-k", "WRITE")
    received = [entry for entry in stage.lab.audit if entry.method in ("POST", "PATCH", "DELETE", "PUT")]
    shells = [entry for entry in stage.world.cluster.audit if entry.subresource == "exec"]
    assert run.report["ledger"]["written"] == len(received) + len(shells)
    assert {entry.header("User-Agent") for entry in received if entry.listener != "kubernetes"} == {
        f"sso-conformance/1 (run {run.report['run_id']})"
    }


def test_writes_come_after_everything_that_reads_and_one_at_a_time(stage):
    stage.run("--allow-writes")
    listened = list(stage.lab.audit)
    first = next(
        i for i, entry in enumerate(listened) if entry.method == "POST" and entry.target == "/api/v3/core/users/"
    )
    applications = {entry.host for entry in listened if entry.listener.startswith("ingress")}
    assert len(applications) > 5
    rest = [entry for entry in listened[first:] if not entry.target.startswith("/api/v3/core/users/")]
    asked = {entry.target.partition("?")[0] for entry in rest if "sign_out" not in entry.target}
    assert not {target for target in asked if "well-known" in target or "authorize" in target}


def test_without_leave_nothing_is_sent_for_their_sake(stage):
    run = stage.run("-k", "WRITE")
    assert {case["need"] for case in run.report["cases"]} == {"writes"}
    assert all("--allow-writes" in case["fix"] for case in run.report["cases"])
    assert not len(stage.lab.audit)
    # Nothing judged is never green, however little was asked for.
    assert run.verdict_line.startswith("UNHEALTHY")
    assert not stage.changed()


@pytest.mark.parametrize(
    ("number", "what"), [*((signal.SIGTERM, what) for what in MIDDLES), (signal.SIGINT, MIDDLES[0])]
)
def test_a_run_that_is_stopped_while_it_writes_removes_what_it_made(stage, number, what):
    stage.lab.latency = 0.06
    code, output = stage.stopped(number, what)
    assert code == 128 + number, output
    assert "INTERRUPTED" in output
    assert not stage.made, output
    assert not stage.changed()
    assert "could not be closed" not in output


def test_nobody_who_stops_a_run_waits_for_an_operator_that_is_deaf(stage):
    stage.lab.apply("operator-deaf")
    # Longer than a question is waited for when a run is stopped.
    stage.edit("force_sync_seconds = 3\n", "force_sync_seconds = 120\n")
    code, output = stage.stopped(signal.SIGTERM, "annotation", "--allow-writes", "-k", "SMOKE-WRITE-02")
    assert code == 128 + signal.SIGTERM, output
    assert "could not be closed" not in output
    assert not stage.made
    assert not stage.changed()


def test_the_runs_own_deadline_ends_a_write_as_a_signal_does(stage):
    stage.lab.apply("operator-deaf")
    stage.edit("force_sync_seconds = 3\n", "force_sync_seconds = 120\nrun_deadline_seconds = 5\n")
    run = stage.run("--allow-writes", "-k", "SMOKE-WRITE-02")
    assert run.exit_code == 1
    assert run.verdict_line.startswith("INTERRUPTED"), run.stdout[-2000:]
    assert run.report["ledger"]["written"] == 1
    assert "could not be closed" not in run.stdout
    assert not stage.made
    assert not stage.changed()


@pytest.mark.parametrize("what", MIDDLES)
def test_what_a_killed_run_left_is_removed_by_the_next_and_said(stage, what):
    stage.lab.latency = 0.06
    code, _ = stage.stopped(signal.SIGKILL, what)
    assert code == -signal.SIGKILL
    left = stage.made
    assert left
    stage.lab.latency = 0.0
    # A server's Date has whole seconds: what was made within the last one may be of a run that still goes on.
    time.sleep(1)
    run = stage.run()
    assert not stage.made, run.stdout
    assert not stage.changed()
    said = ", ".join(run.report["ledger"]["cleared_away"])
    assert said
    assert all(name in said for name in left - {"annotation"})
    assert said in run.stdout


def test_what_a_living_run_uses_is_not_taken_from_it(stage):
    directory, now = stage.world.authentik.directory, stage.world.clock.now()
    younger = now + timedelta(minutes=1)
    directory.add_user(User(78, f"{MADE}0badcafe", "of a run that has just begun", younger))
    ends = younger + timedelta(seconds=300)
    directory.tokens[f"{MADE}0badcafe-shell"] = Token(
        f"{MADE}0badcafe-shell", 4, "its token", expiring=True, expires=ends
    )
    directory.tokens[f"{MADE}0badcafe-api"] = Token(
        f"{MADE}0badcafe-api", 4, "its API token", expiring=True, expires=ends, description="process 1 on elsewhere"
    )
    stage.remember()
    run = stage.run()
    assert run.exit_code == 0, run.stdout[-2000:]
    assert not stage.changed()
    assert run.report["ledger"]["cleared_away"] == []


def test_what_the_guide_says_to_type_removes_all_that_runs_made_and_nothing_else(stage):
    directory, now = stage.world.authentik.directory, stage.world.clock.now()
    for pk, name in enumerate((f"{MADE}0badcafe", f"{MADE}0badcafe-argocd"), start=78):
        directory.add_user(User(pk, name, "left", now, attributes={"sso_conformance_made_for": "ak-ArgoCD"}))
    for name in (f"{MADE}0badcafe-shell", f"{MADE}0badcafe-api"):
        directory.tokens[name] = Token(name, 4, name)
    (block,) = re.findall(
        r"```sh\n(kubectl -n authentik exec .*?)```", (ROOT / "docs/logins.md").read_text(), re.DOTALL
    )
    code = re.search(r"ak shell -c '(.*?)'", block, re.DOTALL)[1]
    pod = stage.world.cluster.get("pods", "authentik", stage.world.cluster.server_pods[0])
    outcome = ak_shell(stage.world, pod, code)
    assert outcome.exit_code == 0, outcome.stderr
    assert f"('{MADE}0badcafe-argocd', 'ak-ArgoCD')" in outcome.stdout
    assert not stage.made
    assert not stage.changed()
