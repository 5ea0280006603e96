"""Reports of shares, as `python -m fixtures.sharding` finds them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.reports.json_report import dumps
from fixtures.sharding.reading import Found, choose, read
from selftests.support import sample_results

HOUR = timedelta(hours=1)
TONIGHT = datetime(2026, 11, 25, 3, 17, tzinfo=UTC)
JOB = "sso-conformance-shares-29451234"


class Folder:
    """A folder that shares' reports are written to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, part: int, *, sample=sample_results.healthy, began=TONIGHT, **changes: object) -> Path:
        """One share's report; its cases are every third of the sample's."""
        result = sample()
        started = began + timedelta(minutes=part)
        changes = {"part": part, "parts": 3, "job": JOB, "started": started, "run_id": f"run{part}"} | changes
        result = replace(result, cases=result.cases[part - 1 :: 3], finished=started + timedelta(seconds=9), **changes)
        run = self.path / f"{started:%Y%m%dT%H%M%S}-{len(list(self.path.iterdir()))}"
        run.mkdir()
        (run / "report.json").write_text(dumps(result), encoding="utf-8")
        return run

    def add_all(self, **changes: object) -> None:
        for part in (1, 2, 3):
            self.add(part, **changes)

    def found(self, *more: Path, parts: int | None = None, since: datetime | None = None) -> Found:
        shares, passed_over = read([self.path, *more])
        return choose(shares, parts, HOUR, since=since, passed_over=passed_over)
