"""The probe identity's blueprint: of a form that Authentik takes, without a secret, and with no right too many."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from lab.authentik.directory import SUITE_PERMISSIONS
from lab.authentik.operations import Task
from selftests.contract.recordings import BESIDE
from selftests.support import blueprints
from selftests.support.installing import Site
from selftests.support.manifests import objects_in, one, rendered_text
from selftests.support.suite_runs import run_suite

SHAPE = BESIDE.parent / "facts" / "probe-blueprint.yaml"
# Where the API shows the fields of a model that the accepted blueprint does not use.
SHOWN = {
    "authentik_policies.policybinding": "policies-bindings.json",
    "authentik_core.user": "core-users.json",
}
# Newer than that blueprint (facts/measured-2026.8.md); older versions pass over what their serializers do not know.
NEWER = {"authentik_providers_oauth2.oauth2provider": {"grant_types"}}
PREVIEW = "authentik_core.preview_user"
PROXY = "authentik_providers_proxy.view_proxyprovider"
TASKS = "authentik_tasks.view_task"
LISTS = [name for name in blueprints.permissions() if name not in (PREVIEW, TASKS)]


@pytest.fixture
def planted(lab):
    lab._between_requests(lambda: blueprints.plant(lab.world))
    return lab


@pytest.fixture
def judge(planted, tmp_path):
    """Runs the suite over frank's estate file, as the planted identity, against the lab."""
    estate = Site(planted, tmp_path)
    estate.describe(lambda text: text)
    return lambda *arguments: run_suite(*estate.options, *arguments)


def without(lab, permission: str) -> None:
    role = lab.world.authentik.directory.role(blueprints.SUITE)
    assert permission in role.permissions
    lab._between_requests(lambda: role.permissions.discard(permission))


def test_the_whole_suite_runs_as_this_identity(judge):
    run = judge()
    assert run.exit_code == 0, run.stdout[-3000:]
    assert not run.named("failed") | run.named("blocked")
    # What frank's estate file leaves open, and nothing that the identity may not.
    assert {case["need"] for case in run.report["cases"] if case["outcome"] == "not verified"} <= {
        "browser",
        "estate",
        "secret",
        "writes",
    }
    assert len(run.named("passed")) > 250
    assert run.report["ledger"]["written"] == 0


@pytest.mark.parametrize("permission", LISTS)
def test_each_permission_is_needed_and_its_absence_named(permission, planted, judge):
    without(planted, permission)
    run = judge("-k", "SMOKE-API-02")
    assert run.exit_code == 1
    (root,) = run.report["roots"]
    assert permission in root["cause"]
    assert permission in root["fix"]


def test_a_permissions_name_is_no_secret(planted, judge):
    """authentik_providers_proxy begins as a gate's cookie does: it must not be blacked out where it is the way out."""
    without(planted, PROXY)
    run = judge("-k", "SMOKE-API-02 or FWD-COOKIE-01")
    assert run.named("passed"), "no gate gave a cookie"
    assert PROXY in run.stdout


def test_claims_cannot_be_previewed_without_the_permission(planted, judge):
    without(planted, PREVIEW)
    run = judge("-k", "OIDC-PROV-09")
    unseen = [case for case in run.report["cases"] if case["outcome"] == "not verified"]
    assert len(unseen) == len(run.report["cases"]) > 0
    assert all(PREVIEW in case["fix"] for case in unseen)


def test_an_old_failure_is_told_from_a_new_one_by_the_tasks(planted, judge):
    operations = planted.world.authentik.operations
    schedule = operations.schedules[0]
    old = planted.world.clock.now() - timedelta(days=9)

    def fail() -> None:
        schedule.status = "error"
        operations.tasks.append(Task(schedule.actor, schedule.description, old, "error"))

    planted._between_requests(fail)
    assert judge("-k", "SMOKE-WORK-01").exit_code == 0
    without(planted, TASKS)
    run = judge("-k", "SMOKE-WORK-01")
    assert run.exit_code == 1, "view_task is not needed"


def test_nothing_beyond_looking_is_permitted():
    held = blueprints.permissions()
    assert len(set(held)) == len(held)
    assert {name.partition(".")[2].partition("_")[0] for name in held} == {"view", "preview"}
    assert not [name for name in held if name.endswith("_key")]
    # What a real Authentik took, and the lab's own identity holds.
    assert set(held) <= set(SUITE_PERMISSIONS)


def test_who_is_let_in_is_made_before():
    """Authentik applies files in no order of its own; a user that is not there yet puts a blueprint in error."""
    first, second = (yaml.load((blueprints.FOLDER / name).read_text(), blueprints.Loader) for name in blueprints.FILES)
    applied = second["entries"][0]
    assert applied["model"] == blueprints.APPLYING
    assert applied["attrs"] == {"identifiers": {"name": first["metadata"]["name"]}, "required": True}


def test_no_secret_stands_in_the_file():
    """What it takes from the environment is what External Secrets puts there, and what the suite is given."""
    taken, literal = set(), []
    for entry in (entry for name in blueprints.FILES for entry in blueprints.entries(name)):
        for field in ("key", "password", "client_secret"):
            value = entry["attrs"].get(field)
            if isinstance(value, blueprints.Tag) and value.name == "Env":
                taken.add(value.argument)
            elif value is not None:
                literal.append(field)
    assert not literal
    worker, suite = identity_secret(), one("frank", "ExternalSecret", "sso-conformance-credentials")
    assert {entry["secretKey"] for entry in worker["spec"]["data"]} == taken
    keys = [{entry["remoteRef"]["key"] for entry in secret["spec"]["data"]} for secret in (worker, suite)]
    assert keys[0] == keys[1] == taken


def identity_secret():
    objects = objects_in(rendered_text(blueprints.FOLDER))
    return next(obj for obj in objects if obj["kind"] == "ExternalSecret")


def test_the_users_addresses_are_ones_that_applications_accept():
    """Seen: pgAdmin refuses those of special-use names; email-validator 2.4 lists these (RFC 6761)."""
    entries = [entry for name in blueprints.FILES for entry in blueprints.entries(name)]
    found = [entry["attrs"]["email"] for entry in entries if "email" in entry["attrs"]]
    assert len(found) >= 2
    assert not [each for each in found if each.rpartition(".")[2] in ("arpa", "invalid", "local", "localhost", "test")]


def test_the_config_map_holds_both_blueprints():
    objects = objects_in(rendered_text(blueprints.FOLDER))
    (files,) = (obj for obj in objects if obj["kind"] == "ConfigMap")
    assert files["metadata"]["namespace"] == "authentik"
    assert files["metadata"]["name"] == "authentik-blueprints-sso-conformance"
    assert set(files["data"]) == set(blueprints.FILES)


def test_every_model_and_field_is_one_that_authentik_took():
    if not SHAPE.exists():
        pytest.skip(f"no accepted blueprint to compare with: {SHAPE}")
    accepted: dict[str, set[str]] = {}
    for entry in yaml.load(SHAPE.read_text(encoding="utf-8"), blueprints.Loader)["entries"]:
        accepted.setdefault(entry["model"], set()).update(entry["identifiers"], entry["attrs"])
    for model, file in SHOWN.items():
        accepted.setdefault(model, set()).update(fields(BESIDE / "probe-identity" / file))
    for entry in (entry for name in blueprints.FILES for entry in blueprints.objects(name)):
        used = {*entry["identifiers"], *entry["attrs"]}
        assert used <= accepted[entry["model"]] | NEWER.get(entry["model"], set()), entry["model"]


def fields(recording: Path) -> set[str]:
    results = json.loads(recording.read_text(encoding="utf-8"))["response"]["json"]["results"]
    return {field for result in results for field in result}
