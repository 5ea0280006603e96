#!/usr/bin/env bash
# pytest 9.2.0's own subtests in the page of pytest-html 4.2.0, and in JUnit XML, beside what the terminal says.
#
# One test with four subtests, two of which fail. The terminal tells both reasons and counts three failures (`SUBFAILED` twice,
# and the test itself). pytest-html keeps one report for each outcome of a test: the row that failed holds the last one,
# "contains 2 failed subtests", so that neither reason is anywhere in the page; the row that passed stands for two subtests,
# none of which it names, and the page says "1 Failed, 1 Passed" and "2 tests" of a test that failed. JUnit XML has both
# reasons, in one <testcase> with three <failure>s, while its `tests` attribute counts 5. A report that is to tell why has
# to be made from the reports of pytest_runtest_logreport; neither the page's nor JUnit's numbers are numbers of tests.
#
# Fails when any of this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0 pytest-html==4.2.0
cat >"$folder/test_parts.py" <<'PY'
def test_parts(subtests):
    for part in ("header", "cookie", "body", "status"):
        with subtests.test("part", part=part):
            assert part in ("header", "status"), f"the {part} was not as it should be"
PY
cd "$folder"
venv/bin/pytest -q -p no:cacheprovider --html=page.html --self-contained-html --junitxml=junit.xml test_parts.py >terminal.txt || true
venv/bin/python - <<'PY'
import html, json, re, xml.etree.ElementTree as ET

REASONS = ["the cookie was not as it should be", "the body was not as it should be"]
terminal = open("terminal.txt").read()
page = open("page.html").read()
tests = json.loads(html.unescape(re.search(r'data-jsonblob="([^"]*)"', page)[1]))["tests"]
rows = {row["result"]: row["log"] for entries in tests.values() for row in entries}
suite = ET.parse("junit.xml").getroot()[0]
failures = [failure.get("message", "") for case in suite for failure in case.iter("failure")]
print("terminal:", terminal.strip().splitlines()[-1])
print("page:", rows, re.findall(r"\d+ tests? took", page))
print("JUnit:", suite.get("tests"), "tests in", len(suite), "testcase;", len(failures), "failures")
assert all(reason in terminal for reason in REASONS)
assert "3 failed, 2 subtests passed" in terminal
assert not any(reason in html.unescape(page) for reason in REASONS), "the page tells a reason now"
assert set(rows) == {"Passed", "Failed"} and "contains 2 failed subtests" in rows["Failed"]
assert "2 tests took" in page
assert (suite.get("tests"), len(suite), len(failures)) == ("5", 1, 3)
assert all(any(reason in failure for failure in failures) for reason in REASONS)
PY
