"""A proxy that limits requests (Traefik's rateLimit) lets nothing look broken, and nothing look healthy."""

import itertools
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from lab.lab import Lab
from selftests.support.suite_runs import SuiteRun, run_suite


@pytest.mark.parametrize("first", [0, 40, 200])
def test_who_is_limited_is_not_verified(first: int, tmp_path: Path):
    served = itertools.count()

    def limit(_: Request, response: Response) -> Response:
        # As Traefik answers (traefik/traefik, pkg/middlewares/ratelimiter/rate_limiter.go).
        after = {"Retry-After": "3", "X-Retry-In": "2.5s"}
        return response if next(served) < first else Response("Too Many Requests", 429, after)

    with Lab() as lab:
        estate = lab.write_state(tmp_path)
        lab.world.edge.tampering.append(limit)
        run = run_suite("--estate", str(estate), environment=lab.environment)
    assert not run.red, run.stdout[-3000:]
    assert run.report["verdict"] == "PARTIAL"
    assert len(causes(run, "takes no more requests for now (429)")) > 20


@pytest.mark.parametrize("first", [0, 20])
def test_a_busy_api_server_lets_nothing_look_broken(first: int, tmp_path: Path):
    served = itertools.count()

    def drop(_: Request, response: Response) -> Response:
        # As its priority and fairness answers (kubernetes/kubernetes, apiserver/pkg/server/filters).
        if next(served) < first:
            return response
        return Response("Too many requests, please try again later.\n", 429, {"Retry-After": "32"})

    with Lab() as lab:
        estate = lab.write_state(tmp_path)
        lab.world.cluster.tampering.append(drop)
        run = run_suite("--estate", str(estate), environment=lab.environment)
    assert not run.red, run.stdout[-3000:]
    assert run.report["verdict"] == "PARTIAL"
    assert causes(run, "takes no more requests for now (429 (Too many requests")


def causes(run: SuiteRun, words: str) -> list[str]:
    """What is said of the cases that are not verified, where it has these words."""
    said = (case["cause"] for case in run.report["cases"] if case["name"] in run.unverified)
    return [cause for cause in said if words in cause]
