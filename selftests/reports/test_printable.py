"""Text from the network is text: on a page, on a terminal, in junit.xml and in every other file."""

import json
import re
from dataclasses import replace

import pytest

from fixtures.model.outcomes import Outcome
from fixtures.model.printable import printable
from fixtures.reports import html, json_report, metrics, terminal, termination
from selftests.support import sample_results as samples
from selftests.support.suite_runs import run_suite

CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"

EVIL = ("<script>alert(1)</script>", "\x1b[31mred\x1b]0;title\x07", "a\u202eb\u2066c", "\x9b31m", "line\u2028end\r")


@pytest.mark.parametrize("evil", EVIL)
def test_text_from_the_network_is_text_wherever_it_is_written(evil):
    plain = samples.three_roots()
    exchange = replace(samples.REDIRECT, url=evil, body=evil, response_headers=((evil, evil),), error=evil)
    first = replace(plain.cases[0], case=evil, cause=evil, remedy=evil, outcome=Outcome.FAILED, evidence=(exchange,))
    root = replace(plain.roots[0], cases=(evil,), cause=evil, remedy=evil, blocks=(evil,), evidence=(exchange,))
    result = replace(plain, estate=evil, reason=evil, cases=(first,), roots=(root,), ledger={("http", "GET", evil): 1})
    written: list[str] = []
    terminal.summary(result, written.append)
    texts = (html.render(result), json_report.dumps(result), "\n".join(written), termination.message(result, "page"))
    for text in (*texts, metrics.render(result, None), printable(result.line("page"))):
        assert not re.search(CONTROLS, text)
    assert json.loads(texts[1])["cases"][0]["cause"] == printable(evil)


def test_what_must_not_be_handed_on_is_found_in_a_line_without_line_ends():
    handed_on = [code for code in range(0x3000) if re.match(CONTROLS, chr(code)) and printable(chr(code)) == chr(code)]
    assert not handed_on
    assert printable("a\r\nb\r\r\nc\td") == "a\nb\nc\td"


SPITEFUL = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    yield
    print(EVIL)
    raise RuntimeError(EVIL)
"""


def test_a_whole_run_hands_nothing_on(tmp_path):
    evil = "".join(EVIL) + "x" * 1_000_000
    (tmp_path / "spiteful.py").write_text(f"EVIL = {evil!r}\n{SPITEFUL}")
    told = {"PYTHONPATH": str(tmp_path)}
    run = run_suite("-p", "spiteful", "--lab", "-k", "SMOKE-UP-01", "-o", "junit_logging=all", environment=told)
    assert run.exit_code == 1
    assert run.named("failed")
    texts = {name: content.decode() for name, content in run.files.items()} | {"stdout": run.stdout}
    assert not [name for name, text in texts.items() if re.search(CONTROLS, text)]
    assert "<script>alert" not in texts["report.html"]
    assert "alert(1)" in texts["junit.xml"]
    assert len(texts["report.html"]) < 1_000_000


def test_what_can_be_printed_stays():
    text = "Käfig → 例 🙂\n\ttab\r\nend"
    assert printable(text) == text.replace("\r\n", "\n")
