"""The table of what fell short, after a run of the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

# The property of a report that holds a case's result.
RESULT = "hostile"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the bad answers cost, and what fell short of the bounds."""
    results = list(_results(terminalreporter))
    if not results:
        return
    terminalreporter.section(f"{len(results)} bad answers")
    for result in sorted(results, key=lambda result: -result["memory"])[:3]:
        terminalreporter.write_line(f"{result['memory']:5} MB {result['seconds']:6.1f} s  {result['case']}")
    for result in sorted(results, key=lambda result: -result["seconds"])[:3]:
        terminalreporter.write_line(f"{result['memory']:5} MB {result['seconds']:6.1f} s  {result['case']}")
    short = [result for result in results if result["short"]]
    terminalreporter.write_line(f"{len(short)} fell short")
    for result in short:
        terminalreporter.write_line(f"  {result['case']}: {'; '.join(result['short'])}")


def _results(reporter: pytest.TerminalReporter) -> Iterator[dict[str, Any]]:
    for reports in reporter.stats.values():
        # Each phase's report has the properties of those before.
        for report in (each for each in reports if getattr(each, "when", "") == "call"):
            yield from (value for name, value in report.user_properties if name == RESULT)
