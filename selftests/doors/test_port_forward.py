"""From outside, the cluster's inside is reached by port-forwards: where the estate allows them, and nowhere else."""

import re

from lab.files import ADMIN_CONTEXT, SUITE_CONTEXT
from selftests.support.suite_runs import run_suite

INSIDE = "SMOKE-UP-03 or SMOKE-PODS-04 or OIDC-DISC-03 or FWD-GATE-03 or FWD-OUT-03 or FWD-ROUTE-06"
OUTSIDE = (
    (r', "(10\.42\.|[a-z.-]+\.svc)[^"]*" = "[^"]*"', ""),
    (r'vantage = "inside"', 'vantage = "outside"'),
)
ALLOWED = (r"isolated = true", "isolated = true\nport_forward = true")


def judged(lab, folder, context, *changes):
    """A run from outside against the running lab, whose estate file leads no other way to the inside."""
    path = lab.write_state(folder)
    text = path.read_text().replace(SUITE_CONTEXT, context)
    for pattern, instead in (*OUTSIDE, *changes):
        text, count = re.subn(pattern, instead, text)
        assert count
    path.write_text(text)
    return run_suite("--estate", str(path), "-k", INSIDE, environment=lab.environment)


def forwarded(lab):
    """The pods that the API server was asked to forward to."""
    return {entry.name for entry in lab.world.cluster.audit if entry.subresource == "portforward"}


def test_port_forwards_reach_services_and_pods(lab, tmp_path):
    run = judged(lab, tmp_path, ADMIN_CONTEXT, ALLOWED)
    assert set(run.outcomes.values()) == {"passed"}, run.stdout
    assert run.report["ledger"]["written"] == 0
    assert set(lab.world.cluster.server_pods) < forwarded(lab)
    assert any(name.startswith("traefik-") for name in forwarded(lab))


def test_without_the_right_the_message_names_it(lab, tmp_path):
    run = judged(lab, tmp_path, SUITE_CONTEXT, ALLOWED)
    assert set(run.outcomes.values()) == {"not verified"}
    assert all("pods/portforward" in case["fix"] for case in run.report["cases"])


def test_without_the_estates_leave_nothing_is_forwarded(lab, tmp_path):
    run = judged(lab, tmp_path, ADMIN_CONTEXT)
    assert set(run.outcomes.values()) == {"not verified"}
    assert all("port_forward = true" in case["fix"] for case in run.report["cases"])
    assert not forwarded(lab)


def test_a_pod_that_does_not_answer_is_named(lab, tmp_path):
    lab.world.edge.silent.add("authentik-pod-1")
    run = judged(lab, tmp_path, ADMIN_CONTEXT, ALLOWED)
    assert run.exit_code == 1
    assert [root["id"] for root in run.report["roots"]] == ["SMOKE-PODS-04"]
    assert lab.world.cluster.server_pods[1] in run.report["roots"][0]["cause"]
