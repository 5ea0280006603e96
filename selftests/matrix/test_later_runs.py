"""What one run made Authentik write counts in no later one: the trouble mended, the estate is healthy again."""

import tempfile
from pathlib import Path

import pytest

from lab.lab import Lab
from selftests.support.suite_runs import run_suite

# Each ends logins, so that Authentik, an outpost or an application writes of what the suite tried.
DENYING = ("grafana-denied-by-policy", "infisical-holds-an-old-secret", "service-account-kept-out")


@pytest.mark.parametrize("release", ["2026.5", "2026.8"])
def test_a_denied_login_of_one_run_is_no_trouble_of_the_next(release):
    with tempfile.TemporaryDirectory() as name, Lab(faults=DENYING, authentik=release) as lab:
        state = lab.write_state(Path(name))
        assert run_suite("--estate", str(state), environment=lab.environment).red
        logs, events = dict(lab.world.cluster.logs), list(lab.world.authentik.operations.events)
        lab.world.heal()
        lab.world.cluster.logs.update(logs)
        lab.world.authentik.operations.events.clear()
        lab.world.authentik.operations.events.extend(events)
        assert any("Invalid client secret" in line.text for lines in logs.values() for line in lines)
        later = run_suite("--estate", str(state), environment=lab.environment)
        assert not later.red | later.named("warned"), later.stdout[-3000:]
        assert "SMOKE-LOG-01" in later.named("passed")
