"""What is advised of a line of a log: the log in which it stands, and places of this estate."""

from dataclasses import replace

from fixtures.estate.loading import load_estate
from fixtures.topics.logs.advice import advice
from fixtures.topics.logs.catalogue import CATALOGUE
from fixtures.topics.logs.reading import Line
from fixtures.topics.logs.rules import Finding, Log, findings
from lab.files import ESTATE_TEXT
from selftests.support.log_lines import CLIENTS, NOW, SERVER, access, line


def test_advice_reads_the_very_lines():
    estate = load_estate(ESTATE_TEXT)
    request = "0123456789abcdef0"
    lines = [line("Invalid client identifier", request_id=request), access(request)]
    found = findings(Log(lines, NOW), SERVER, CLIENTS)
    told = advice(found[0], estate)
    assert [one.line for one in told.commands] == [
        "kubectl -n authentik logs server-0 --since=24h | grep -F -A3 -e 0123456789abcdef0"
    ]
    before = replace(found[0], last=Line("server-0 (previous)", NOW, {"event": "panic: nil", "request_id": "$(x) a"}))
    assert advice(before, estate).commands[0].line == "kubectl -n authentik logs server-0 --previous --tail=200"


def test_advice_names_the_places_of_its_entry():
    estate = load_estate(ESTATE_TEXT)
    for entry in CATALOGUE:
        told = advice(Finding(entry, "error", 1, line("x")), estate)
        assert len(told.steps) == 1 + len(entry.look), entry.title
        assert all(each.url.startswith(estate.admin_page()) for each in told.pages)
