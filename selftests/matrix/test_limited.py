"""A proxy that limits requests (Traefik's rateLimit) lets nothing look broken, and nothing look healthy."""

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from starlette.responses import Response

from lab.faults.rewriting import Tampering
from lab.lab import Lab
from lab.world import World
from selftests.support.suite_runs import SuiteRun, run_suite


def run_while(
    busy: Callable[[], Response], where: Callable[[World], list[Tampering]], first: int, folder: Path
) -> SuiteRun:
    """A run in which somebody serves so many requests, and answers all others so."""
    served = itertools.count()
    with Lab() as lab:
        estate = lab.write_state(folder)
        where(lab.world).append(lambda _, response: response if next(served) < first else busy())
        run = run_suite("--estate", str(estate), environment=lab.environment)
    assert not run.red, run.stdout[-3000:]
    assert run.report["verdict"] == "PARTIAL"
    return run


@pytest.mark.parametrize("first", [0, 40, 200])
def test_who_is_limited_is_not_verified(first: int, tmp_path: Path):
    # As Traefik answers (traefik/traefik, pkg/middlewares/ratelimiter/rate_limiter.go).
    limited = partial(Response, "Too Many Requests", 429, {"Retry-After": "3", "X-Retry-In": "2.5s"})
    run = run_while(limited, lambda world: world.edge.tampering, first, tmp_path)
    assert len(causes(run, "takes no more requests for now (429)")) > 20


@pytest.mark.parametrize("first", [0, 20])
def test_a_busy_api_server_lets_nothing_look_broken(first: int, tmp_path: Path):
    # As its priority and fairness answers (kubernetes/kubernetes, apiserver/pkg/server/filters).
    dropped = partial(Response, "Too many requests, please try again later.\n", 429, {"Retry-After": "32"})
    run = run_while(dropped, lambda world: world.cluster.tampering, first, tmp_path)
    assert causes(run, "takes no more requests for now (429 (Too many requests")


def causes(run: SuiteRun, words: str) -> list[str]:
    """What is said of the cases that are not verified, where it has these words."""
    said = (case["cause"] for case in run.report["cases"] if case["name"] in run.unverified)
    return [cause for cause in said if words in cause]
