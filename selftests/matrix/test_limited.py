"""A proxy that limits requests (Traefik's rateLimit) lets nothing look broken, and nothing look healthy."""

import itertools
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from lab.lab import Lab
from selftests.support.suite_runs import run_suite


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
    said = [case["cause"] for case in run.report["cases"] if case["name"] in run.unverified]
    assert len([cause for cause in said if "takes no more requests for now (429)" in cause]) > 20
