"""What --allow-writes makes is gone again, however the run ends; nothing else is touched, and the ledger tells all."""

import copy
import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from lab.authentik.accounts import Token, User
from lab.authentik.providers import PolicyBinding
from lab.lab import Lab
from selftests.suite_runs import ROOT, run_suite

SECONDS = 60
MADE = "sso-conformance-run-"
WRITES = ("--allow-writes", "-k", "WRITE or OIDC-TOKEN-05")
MACHINE = "ak-ArgoCD-client_credentials"
SYNCED = ("externalsecrets", "argocd", "argocd-oidc")


class Stage:
    """A lab that allows writes, in which an operator's token and a machine's user are in use."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.world = lab, folder, lab.world
        self.estate = lab.write_state(folder)
        directory = self.world.authentik.directory
        directory.tokens["api-ops"] = Token("api-ops", 4, "the operators' own key, in use")
        directory.add_user(User(77, MACHINE, "a machine", self.world.clock.now()))
        self.before = self.looks()

    def looks(self):
        """Whatever a write of the suite could have changed."""
        directory, cluster = self.world.authentik.directory, self.world.cluster
        annotations = {
            (entry["metadata"]["namespace"], entry["metadata"]["name"]): entry["metadata"].get("annotations") or {}
            for entry in cluster.list("externalsecrets")
        }
        secrets = {key: value.get("data") for key, value in cluster.objects.items() if key[1] == "secrets"}
        users = copy.deepcopy(directory.users)
        # Whoever asks as a machine logs it in: the ledger says so.
        users[77].last_login = None
        return users, *copy.deepcopy((directory.tokens, directory.groups, annotations, secrets))

    @property
    def made(self):
        """The names of what runs have made and not removed yet."""
        directory = self.world.authentik.directory
        known = {user.username for user in self.before[0].values()}
        names = {user.username for user in directory.users.values()} - known
        names |= {name for name in directory.tokens if name.startswith(MADE)}
        annotated = "sso-conformance/force-sync" in (
            self.world.cluster.get(*SYNCED)["metadata"].get("annotations") or ()
        )
        return names | ({"annotation"} if annotated else set())

    def run(self, *arguments):
        """A whole run."""
        return run_suite("--estate", str(self.estate), *(arguments or WRITES), environment=self.lab.environment)

    def stopped(self, number, what):
        """A run that gets a signal as soon as there is something whose name matches `what`; its exit code and text."""
        known = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SSO_"))}
        output = self.folder / "stdout"
        options = ("-p", "no:cacheprovider", f"--reports={self.folder}/reports", "--estate", str(self.estate))
        with output.open("w") as stream:
            run = subprocess.Popen(
                [sys.executable, "-m", "pytest", *options, *WRITES],
                cwd=ROOT,
                env=known | self.lab.environment,
                stdout=stream,
                stderr=stream,
            )
        try:
            ends = time.monotonic() + SECONDS
            while not any(re.search(what, name) for name in self.made):
                assert time.monotonic() < ends, output.read_text()
                assert run.poll() is None, output.read_text()
                time.sleep(0.005)
            run.send_signal(number)
            return run.wait(SECONDS), output.read_text()
        finally:
            run.kill()
            run.wait()


@pytest.fixture
def stage(tmp_path):
    """The stage of a test of its own."""
    with Lab(allow_writes=True) as lab:
        yield Stage(lab, tmp_path)


# A user, the mark on an ExternalSecret, a token, a machine's user: what is there in the middle of each write.
MIDDLES = (rf"{MADE}\w+$", "annotation", "-shell$", "ak-Grafana-client_credentials$")


def test_what_is_written_is_gone_again_and_said(stage):
    run = stage.run("--allow-writes", "-k", "WRITE")
    assert run.named("passed") >= {"SMOKE-WRITE-01", "SMOKE-WRITE-02", "SMOKE-WRITE-03"}, run.stdout[-2000:]
    assert stage.looks() == stage.before
    ledger = run.report["ledger"]
    assert ledger["written"] == sum(row["count"] for row in ledger["changes"]) >= 6
    assert (ledger["left_behind"], ledger["cleared_away"]) == ([], [])
    assert f"{ledger['written']} written: " in run.stdout
    assert "nothing stays behind" in run.stdout


def test_the_runbooks_own_request_keeps_who_was_there_and_removes_whom_it_made(stage):
    run = stage.run("--allow-writes", "-k", "OIDC-TOKEN-05")
    assert run.named("passed") == {"OIDC-TOKEN-05[argocd]", "OIDC-TOKEN-05[grafana]"}, run.stdout[-2000:]
    assert stage.looks() == stage.before
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
    run = stage.run("--allow-writes", "-k", "OIDC-TOKEN-05 and grafana")
    assert run.named("not applicable") == {"OIDC-TOKEN-05[grafana]"}, run.stdout[-2000:]
    assert stage.looks() == stage.before


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
    assert stage.looks() == stage.before


@pytest.mark.parametrize(
    ("number", "what"), [*((signal.SIGTERM, what) for what in MIDDLES), (signal.SIGINT, MIDDLES[0])]
)
def test_a_run_that_is_stopped_while_it_writes_removes_what_it_made(stage, number, what):
    stage.lab.latency = 0.06
    code, output = stage.stopped(number, what)
    assert code == 128 + number, output
    assert "INTERRUPTED" in output
    assert not stage.made, output
    assert stage.looks() == stage.before
    assert "could not be closed" not in output


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
    assert stage.looks() == stage.before
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
    before = stage.looks()
    run = stage.run()
    assert run.exit_code == 0, run.stdout[-2000:]
    assert stage.looks() == before
    assert run.report["ledger"]["cleared_away"] == []
