"""The sharded nightly run, as the manifests have it: an Indexed Job's pods, and the one that joins their reports."""

import pytest

from selftests.support.manifests import one
from selftests.support.pods import HARMLESS, Node, PodRun

OVERLAY = "frank-sharded"
SHARES, MERGE = "sso-conformance-shares", "sso-conformance-merge"


@pytest.fixture
def node(lab, built):
    built.install(OVERLAY)
    built.forget_volumes()
    return built


def parts() -> int:
    completions: int = one(OVERLAY, "CronJob", SHARES)["spec"]["jobTemplate"]["spec"]["completions"]
    return completions


def judge(node: Node, *indexes: int) -> list[list[str]]:
    """Run these pods of the Indexed Job, one after the other; returns the cases that each has judged."""
    return [names(node.run(OVERLAY, SHARES, environment={"JOB_COMPLETION_INDEX": str(index)})) for index in indexes]


def names(run: PodRun) -> list[str]:
    return [case["name"] for case in run.report["cases"]]


def test_all_pods_and_the_merge(node, lab):
    lab.apply("authentik-host-stale")
    cases = judge(node, *range(parts()))
    joined = node.run(OVERLAY, MERGE)
    assert joined.exit_code == 1
    assert sorted(names(joined)) == sorted(name for share in cases for name in share)
    assert len(set(names(joined))) == len(names(joined)) > 300
    assert joined.report["verdict"] == "UNHEALTHY"
    assert joined.report["roots"][0]["id"] == "FWD-HOST-02"
    assert joined.message.startswith("UNHEALTHY frank: ")
    assert "FWD-HOST-02" in joined.message
    assert set(joined.refused) <= HARMLESS
    # The next night's shares are missing: this night's do not stand in for them.
    node.minute += 1440
    judge(node, 0, 1, 3)
    late = node.run(OVERLAY, MERGE, waits=0.5)
    assert late.exit_code == 1
    assert "share 3 of 4 left no report" in late.message + late.log
    assert {root["id"] for root in late.report["roots"]} >= {"SMOKE-SHARE-01", "FWD-HOST-02"}


def test_no_share_at_all_is_said_where_kubectl_describe_shows_it(node):
    run = node.run(OVERLAY, MERGE, waits=0.5)
    assert run.exit_code == 4
    assert "no share's report" in run.termination_message
    assert "Traceback" not in run.log
