"""--settle against a lab that is healed, and broken again, while the suite looks."""

import re
import time
from concurrent.futures import Future, ThreadPoolExecutor

from selftests.support.suite_runs import SuiteRun, run_suite

SECONDS = 60
# Long enough for several looks on a busy machine; a pause is a twentieth of it.
SETTLE = 30
FAULT = "authentik-host-stale"


class Watched:
    """A run of one check under --settle against a lab that is broken and healed in time with its looks."""

    checks, asks = "FWD-HOST-02", "/api/v3/outposts/instances/"

    def __init__(self, lab, folder) -> None:
        self._lab = lab
        estate = lab.write_state(folder)
        options = ("--estate", str(estate), "--vantage=inside", f"--settle={SETTLE}", "-k", self.checks)
        with ThreadPoolExecutor(1) as pool:
            self._run: Future[SuiteRun] = pool.submit(run_suite, *options, environment=lab.environment)
            self.script()

    def script(self) -> None:
        """What happens to the lab meanwhile."""

    def looks(self) -> int:
        return sum(self.asks in entry.target for entry in self._lab.audit)

    def after_another_look(self) -> None:
        before = self.looks()
        ends = time.monotonic() + SECONDS
        while self.looks() == before:
            assert not self._run.done(), self._run.result().stdout
            assert time.monotonic() < ends
            time.sleep(0.02)
        # It is asked, and by then answered: a third of the pause before the next one.
        time.sleep(SETTLE / 60)

    @property
    def ended(self) -> SuiteRun:
        return self._run.result(SECONDS)


class Healing(Watched):
    """Right from the third look on."""

    def script(self) -> None:
        self.after_another_look()
        self.after_another_look()
        self._lab.heal()


class RollingOut(Healing):
    """A worker and an application come up after the second look."""

    checks, asks = "FWD-PASS-01 or SMOKE-PODS-01", "/apis/apps/v1/deployments"


class Flapping(Watched):
    """Right once, wrong again, and right in the end."""

    def script(self) -> None:
        self.after_another_look()
        self._lab.heal()
        self.after_another_look()
        self._lab.apply(FAULT)
        self.after_another_look()
        self._lab.heal()


def test_a_run_waits_for_what_heals_and_says_after_how_long(lab, tmp_path):
    lab.apply(FAULT)
    run = Healing(lab, tmp_path).ended
    assert run.exit_code == 0, run.stdout
    (case,) = run.report["cases"]
    assert case["outcome"] == "passed"
    assert 0 < case["settled_after"] <= SETTLE
    assert re.search(r"^settled: FWD-HOST-02: false at 0 s, true at \d+ s$", run.stdout, re.MULTILINE)
    assert run.report["verdict"] == "HEALTHY"


def test_nobody_logs_in_before_a_roll_out_is_over(lab, tmp_path):
    """A login is not repeated: one that is tried while the application restarts would make the hook red for nothing."""
    lab.apply("worker-rollout-stuck")
    lab.apply("application-behind-the-gate-down")
    run = RollingOut(lab, tmp_path).ended
    assert run.exit_code == 0, run.stdout
    assert run.outcomes["FWD-PASS-01[sympozium]"] == "passed"
    assert "settled: SMOKE-PODS-01[authentik-worker]: false at 0 s, true at" in run.stdout
    assert "did not settle" not in run.stdout


def test_a_run_never_hides_what_goes_back_and_forth(lab, tmp_path):
    lab.apply(FAULT)
    run = Flapping(lab, tmp_path).ended
    (case,) = run.report["cases"]
    assert case["outcome"] == "warned"
    assert "went back and forth: false at 0 s, true at " in case["cause"]
    assert " get pods" in case["fix"]
    assert run.report["verdict"] == "DEGRADED"
