"""A login that goes in circles ends at the estate's bound, and is called a loop, with the two addresses."""

import pytest

from lab.lab import Lab
from selftests.support.suite_runs import run_suite

LOOPS = {
    "grafana-login-loop": (
        "OIDC-LOGIN-01[grafana]",
        ("https://grafana.frank.derio.net/", "https://auth.frank.derio.net/application/o/authorize/"),
        "grafana.",
    ),
    "gate-login-loop": (
        "FWD-PASS-01[longhorn]",
        ("https://longhorn.frank.derio.net/", "https://auth.frank.derio.net/application/o/authorize/"),
        "longhorn.",
    ),
}


@pytest.mark.parametrize("hops", [7, 20])
@pytest.mark.parametrize("fault", LOOPS)
def test_a_loop_ends_and_is_named(fault, hops, tmp_path):
    name, addresses, host = LOOPS[fault]
    with Lab(faults=[fault]) as lab:
        estate = lab.write_state(tmp_path)
        text = estate.read_text()
        assert text.count("[bounds]\n") == 1
        estate.write_text(text.replace("[bounds]\n", f"[bounds]\nmax_redirects = {hops}\n"))
        check_id, _, case = name.partition("[")
        run = run_suite("--estate", str(estate), "-k", f"{check_id} and {case[:-1]}", environment=lab.environment)
        asked = [entry for entry in lab.audit if entry.host.startswith(host)]
    assert run.named("failed") == {name}, run.stdout[-2000:]
    (failed,) = (case for case in run.report["cases"] if case["name"] == name)
    (root,) = run.report["roots"]
    assert f"a login loop: after {hops} hops it still goes back and forth between " in failed["cause"]
    for address in addresses:
        assert address in failed["cause"]
    assert root["cause"] == failed["cause"]
    assert "cookie" in failed["fix"]
    # Bounded in what it sends, too: the journey, and what was asked before it.
    assert hops // 3 <= len(asked) <= hops + 6
    assert "state=***" in failed["cause"] or "state=" not in failed["cause"]
