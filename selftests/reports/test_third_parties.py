"""What pages asked of third parties is told, beside the requests; no verdict is the worse for it."""

import json
from dataclasses import replace

from fixtures.exchange.ledger import Ledger
from fixtures.model.limits import MOST_STRANGERS
from fixtures.reports import html, json_report, terminal
from fixtures.reports.findings import ledger_line
from selftests.support import sample_results as samples
from selftests.support.pages import Page

ASKED = {("grafana.example.org", "stats.example.com"): 3, ("wiki.example.org", "fonts.example.com"): 12}
TOLD = replace(samples.healthy(), strangers=ASKED)
SENTENCE = (
    "kept back what pages ask of third parties, who learn of each login: "
    "wiki.example.org asks fonts.example.com (12x), grafana.example.org asks stats.example.com (3x)"
)


def test_people_read_it():
    assert ledger_line(TOLD).endswith(f"; {SENTENCE}")
    assert list(terminal.lines(TOLD))[-1].endswith(SENTENCE)
    page = Page(html.render(TOLD))
    assert SENTENCE in page.text
    assert "grafana.example.org stats.example.com 3" in page.text
    assert not page.all("script")


def test_machines_read_it():
    rows = json.loads(json_report.dumps(TOLD))["ledger"]["third_parties"]
    assert rows == [{"page": page, "host": host, "count": times} for (page, host), times in ASKED.items()]


def test_the_verdict_is_what_it_was():
    assert TOLD.verdict == samples.healthy().verdict == "HEALTHY"


def test_nothing_asked_is_nothing_said():
    assert "third part" not in ledger_line(samples.healthy())
    assert "hird part" not in Page(html.render(samples.healthy())).text


def test_a_sentence_ends_and_the_count_does():
    many = {("wiki.example.org", f"{number}.example.com"): 1 for number in range(9)}
    assert ledger_line(replace(TOLD, strangers=many)).endswith("3.example.com (1x) and 5 more")
    ledger = Ledger()
    for number in range(MOST_STRANGERS + 5):
        ledger.keep_back("wiki.example.org", f"{number}.example.com")
    ledger.keep_back("wiki.example.org", "0.example.com")
    assert len(ledger.strangers) == MOST_STRANGERS + 1
    assert ledger.strangers["wiki.example.org", "others"] == 5
    assert ledger.strangers["wiki.example.org", "0.example.com"] == 2
