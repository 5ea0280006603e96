"""junit.xml of cases that pytest's reporter was not told of reads as pytest's reporter has it."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from _pytest.junitxml import LogXML

from fixtures.model.outcomes import Outcome
from fixtures.reports import junit
from fixtures.reports.pytest_terms import report_of
from selftests.support import sample_results as samples

COUNTED = ("tests", "failures", "errors", "skipped")


def by_pytest(case, path) -> ET.Element:
    reporter = LogXML(path, None, junit.SUITE_NAME, family="xunit2")
    reporter.pytest_sessionstart()
    report = report_of(case)
    reporter.pytest_runtest_logreport(report)
    reporter.finalize(report)
    reporter.pytest_sessionfinish()
    return ET.parse(path).getroot()


def first_line(element: ET.Element) -> str:
    return element.get("message", "").splitlines()[0]


@pytest.mark.parametrize("outcome", Outcome, ids=str)
def test_each_outcome_is_written_as_pytest_does(outcome, tmp_path):
    plain = samples.three_roots().cases[0]
    cause = 'it says <b> & "no"\nin two lines'
    case = replace(plain, outcome=outcome, cause=cause, trouble="A trouble", root=None)
    theirs, ours = by_pytest(case, tmp_path / "junit.xml"), ET.fromstring("".join(junit.text_of([case])))
    assert [ours[0].get(name) for name in COUNTED] == [theirs[0].get(name) for name in COUNTED]
    (mine,), (other,) = ours.iter("testcase"), theirs.iter("testcase")
    assert mine.attrib == other.attrib
    said = [[(entry.get("name"), entry.get("value")) for entry in each.iter("property")] for each in (mine, other)]
    assert said[0] == said[1]
    assert [each.tag for each in mine] == [each.tag for each in other]
    for end, theirs_end in zip(mine[1:], other[1:], strict=True):
        assert first_line(end) == first_line(theirs_end)
        assert end.get("type") == theirs_end.get("type")
        assert cause.splitlines()[1] in (end.text or "")
