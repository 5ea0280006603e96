"""What an estate file leaves out is named, and never healthy: each optional table and key of the lab's, in turn."""

from collections.abc import Sequence
from typing import Final

import pytest

from selftests.support.left_out import SAYS_OTHERWISE, WHOLE, Tables, refusals, run_described, without
from selftests.support.suite_runs import RunOf, SuiteRun

# What is undescribed then is live, and warned of.
STRANGERS: Final = {"SMOKE-PROV-02[providers]", "SMOKE-PROV-02[routes]", "SMOKE-TOKEN-01"}
# A key that gives what several questions need is named by its need, or its warning.
NAMED_OTHERWISE: Final = {"suite": "suite.vantage", "suite.vantage": "suite.vantage", "tokens": "[[tokens]]"}
REFUSED: Final = tuple(path for path, why in refusals().items() if why)
READ: Final = tuple(path for path, why in refusals().items() if not why)


def told(run: SuiteRun) -> str:
    """All that a run's red, warned and unverified cases say."""
    spoken = ("failed", "warned", "not verified")
    return "\n".join(f"{case['cause']} {case['fix']}" for case in run.report["cases"] if case["outcome"] in spoken)


def left_out(run: SuiteRun) -> set[str]:
    """The keys that a run says are left out."""
    return {case["undescribed"]["key"] for case in run.report["cases"] if case["undescribed"]}


@pytest.fixture(scope="module")
def healthy(made_once: RunOf) -> SuiteRun:
    return made_once(run_described, WHOLE)


def test_the_whole_file_is_healthy(healthy: SuiteRun):
    assert healthy.verdict_line.startswith("HEALTHY lab: ")
    assert not left_out(healthy)
    assert len(READ) > 50
    assert len(REFUSED) > 20


@pytest.mark.parametrize("path", REFUSED)
def test_a_key_that_must_be_there_is_named(path: str):
    names = path.split(".")
    message = refusals()[path]
    # A credential is named by its own key, an application's default by what it would have to say instead.
    known = {"oidc.kind": "login_start", "forward_auth": "forward_auth application", "oidc": "no application"}
    wanted = known.get(path, names[-2] if names[-1] == "env" else names[-1])
    assert wanted in message


@pytest.mark.parametrize("path", READ)
def test_what_is_left_out_is_named(path: str, healthy: SuiteRun):
    run = run_described(without(WHOLE, path))
    assert run.report, run.stdout[-3000:] + run.stderr[-3000:]
    red = run.named("failed") | run.named("blocked") | run.named("warned") - STRANGERS
    if path in SAYS_OTHERWISE:
        assert len(red) == 1
        assert SAYS_OTHERWISE[path] in told(run)
        return
    assert not red, run.stdout[-3000:]
    assert run.exit_code == 0
    if lost := healthy.named("passed") - run.named("passed"):
        assert run.report["verdict"] != "HEALTHY", sorted(lost)
        named = any(key == path or key.startswith(f"{path}.") for key in left_out(run))
        assert named or NAMED_OTHERWISE.get(path, path) in told(run), sorted(lost)


def _undescribed(*paths: str) -> Tables:
    """The lab's estate file without these keys, and what would speak of applications that are not there any more."""
    tables = WHOLE
    for path in paths:
        tables = without(tables, path)
    known = {app["name"] for table in ("oidc", "forward_auth") for app in tables.get(table, ())}
    for table in ("excluded_user", "service_account"):
        tables[table] = tables[table] | {"applications": [n for n in tables[table]["applications"] if n in known]}
    return tables


@pytest.mark.parametrize("fault", ["argocd-degraded", "argocd-out-of-sync", "external-secret-renamed-key"])
def test_a_fault_of_what_is_left_out_is_not_healthy(fault: str):
    tables = _undescribed("oidc.secret", "gitops", "external_secrets")
    run = run_described(tables, fault)
    assert run.report["verdict"] == "PARTIAL", run.verdict_line
    assert {"oidc.secret", "gitops", "external_secrets"} <= left_out(run)


def test_an_empty_list_and_false_say_that_there_is_none():
    empty = {"gitops": [], "external_secrets": [], "open_hosts": [], "retired_hosts": [], "workloads": []}
    tables = _undescribed("oidc.secret") | empty | {"excluded_user": False, "service_account": False}
    tables["oidc"] = [app | {"secret": False, "workload": False} for app in tables["oidc"]]
    run = run_described(tables)
    assert run.report["verdict"] == "HEALTHY", run.stdout[-3000:]
    assert not left_out(run)


@pytest.mark.parametrize("gone", [("oidc",), ("forward_auth",), ("oidc", "forward_auth")])
@pytest.mark.parametrize("said", [False, True])
def test_a_file_without_applications(gone: Sequence[str], said: bool):
    live = [{"provider": name, "reason": "not ours"} for name in ("ArgoCD", "Grafana", "Infisical", "Whoami")]
    tables = _undescribed(*gone) | {"ignore": live} | ({key: [] for key in gone} if said else {})
    run = run_described(tables)
    assert not run.named("failed"), run.stdout[-3000:]
    # Where the file says so, one kind of application may be missing; an estate without any proves no sign-on.
    silent = set() if said and len(gone) == 1 else set(gone)
    assert left_out(run) & {"oidc", "forward_auth"} == silent
    assert run.report["verdict"] not in (("HEALTHY",) if silent else ()), run.verdict_line
    if silent:
        assert f"not described in the estate file: {len(left_out(run))} thing" in run.stdout
