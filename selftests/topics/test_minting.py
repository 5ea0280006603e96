"""`token = { mint = true }`: the run's own API token is minted in the server's pod, used, and gone afterwards; and a
token that may not write says which right it lacks."""

import signal
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse

from lab.authentik.accounts import Role, Token, User
from lab.faults.rewriting import where
from selftests.support.writing_stage import MADE

READS = ("-k", "SMOKE-API or SMOKE-USER or OIDC-PROV")
API_TOKEN = rf"^{MADE}\w+-api$"


@pytest.fixture
def minting(stage):
    """A stage whose estate file gives no token, but leave to mint one; nothing else is in the environment."""
    stage.edit('\ntoken = { env = "AUTHENTIK_TOKEN" }\n', "\ntoken = { mint = true }\n")
    del stage.environment["AUTHENTIK_TOKEN"]
    return stage


def bearers(stage):
    """The API tokens that Authentik received."""
    asked = [entry for entry in stage.lab.audit if entry.target.startswith("/api/v3/")]
    return {entry.header("Authorization") for entry in asked if entry.header("Authorization")}


def scripts(stage):
    return [entry for entry in stage.world.cluster.audit if entry.subresource == "exec"]


def test_a_token_is_minted_used_and_gone(minting):
    run = minting.run(*READS)
    assert run.exit_code == 0, run.stdout[-2000:]
    assert {"SMOKE-API-01", "OIDC-PROV-04[grafana]"} <= run.named("passed")
    (bearer,) = bearers(minting)
    assert minting.world.authentik.directory.bearer(bearer.removeprefix("Bearer "), minting.world.clock.now()) is None
    assert not minting.made
    assert not minting.changed()
    # Minted once, deleted once; the estate file's leave is enough, and the ledger counts both.
    assert len(scripts(minting)) == run.report["ledger"]["written"] == 2
    kept = run.stdout + run.stderr + b"".join(run.files.values()).decode()
    assert bearer.removeprefix("Bearer ") not in kept
    assert bearer[-16:] not in kept


def test_it_is_minted_once_however_often_is_looked_again(minting):
    minting.world.authentik.providers[1].invalidation_flow = None
    minting.remember()
    run = minting.run(*READS, "--settle", "3")
    assert run.exit_code == 1
    assert len(bearers(minting)) == 1
    assert len(scripts(minting)) == 2
    assert not minting.changed()


def test_with_leave_to_write_the_runs_own_token_lives_to_the_end(minting):
    run = minting.run("--allow-writes", "-k", "WRITE or SMOKE-API-01")
    assert run.exit_code == 0, run.stdout[-2000:]
    assert not minting.made
    assert not minting.changed()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_deletes_its_token(minting, number):
    minting.lab.latency = 0.06
    code, output = minting.stopped(number, API_TOKEN, *READS)
    assert code == 128 + number, output
    assert "could not be closed" not in output
    assert not minting.made
    assert not minting.changed()


def test_what_a_killed_run_minted_is_deleted_by_the_next_and_said(minting):
    minting.lab.latency = 0.06
    assert minting.stopped(signal.SIGKILL, API_TOKEN, *READS, "--settle", "900")[0] == -signal.SIGKILL
    (left,) = minting.made
    token = minting.world.authentik.directory.tokens[left]
    # It outlives the longest run that there can be, and would end by itself soon after.
    assert token.expiring
    assert 600 + 900 < (token.expires - minting.world.clock.now()).total_seconds() < 600 + 900 + 120
    minting.lab.latency = 0.0
    run = minting.run(*READS)
    assert run.exit_code == 0, run.stdout[-2000:]
    assert run.report["ledger"]["cleared_away"] == [f"the token {left} that an earlier run left behind"]
    assert f"removed: the token {left}" in run.stdout
    assert not minting.made
    assert not minting.changed()


def test_without_the_right_to_a_shell_the_token_is_what_is_missing(minting):
    cluster = minting.world.cluster
    cluster.delete("roles.rbac.authorization.k8s.io", "authentik", "sso-conformance-writes")
    minting.remember()
    run = minting.run(*READS)
    assert "SMOKE-API-01" in run.named("not verified")
    assert not run.named("passed")
    assert "pods/exec" in run.stdout
    assert not minting.changed()


def may(stage, *permissions):
    """Let the estate's write token be one whose role has these permissions."""
    directory = stage.world.authentik.directory
    directory.roles["limited"] = Role("limited", "limited", set(permissions))
    directory.add_user(User(90, "limited", "may little", stage.world.clock.now(), roles=["limited"]))
    directory.tokens["limited"] = Token("limited", 90, "a-limited-token-that-may-little")
    stage.environment["AUTHENTIK_WRITE_TOKEN"] = "a-limited-token-that-may-little"
    stage.remember()


@pytest.mark.parametrize(
    ("permissions", "missing"),
    [
        ((), "authentik_core.view_user"),
        (("authentik_core.add_user", "authentik_core.delete_user"), "authentik_core.view_user"),
        (("authentik_core.view_user",), "authentik_core.add_user"),
    ],
)
def test_a_write_token_that_may_not_says_what_it_lacks_and_makes_nothing(stage, permissions, missing):
    may(stage, *permissions)
    run = stage.run("--allow-writes", "-k", "SMOKE-WRITE-01")
    assert run.named("not verified") == {"SMOKE-WRITE-01"}, run.stdout[-2000:]
    (case,) = run.report["cases"]
    assert f"lacks {missing}" in case["cause"]
    assert "write_token" in case["fix"]
    assert run.report["ledger"]["left_behind"] == []
    assert not stage.changed()


def test_one_that_may_create_and_not_delete_leaves_a_user_and_says_whom(stage):
    may(stage, "authentik_core.view_user", "authentik_core.add_user")
    run = stage.run("--allow-writes", "-k", "SMOKE-WRITE-01")
    (name,) = stage.made
    assert run.named("passed") == set()
    assert "lacks authentik_core.delete_user" in run.stdout
    (left,) = run.report["ledger"]["left_behind"]
    assert name in left
    assert "delete_user" in left

    # The next run does not add one: it may not clear away the first, older than a run takes, and says so again.
    made = next(user for user in stage.world.authentik.directory.users.values() if user.username == name)
    made.joined -= timedelta(minutes=5)
    again = stage.run("--allow-writes", "-k", "SMOKE-WRITE-01")
    assert "lacks authentik_core.delete_user" in again.stdout
    assert stage.made == {name}


def test_a_user_that_no_list_shows_is_removed_all_the_same(stage):
    def lags(request, _):
        return request.method == "GET" and MADE in str(request.url)

    empty = JSONResponse({"pagination": {"next": 0, "count": 0}, "results": []})
    stage.world.authentik.tampering.append(where(lags, lambda _request, _response: empty))
    run = stage.run("--allow-writes", "-k", "SMOKE-WRITE-01")
    assert run.named("failed") == {"SMOKE-WRITE-01"}, run.stdout[-2000:]
    assert "does not list that user" in run.stdout
    assert not stage.changed()
