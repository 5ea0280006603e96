"""Each report shows a remedy as what it is: a sentence, lines to type, pages to open."""

import json
from dataclasses import replace
from html.parser import HTMLParser

from fixtures.model.remedy import Page, Remedy, change, page, read
from fixtures.model.verdict import RunResult
from fixtures.reports import json_report, terminal, termination
from fixtures.reports.html import render
from selftests.support import sample_results as samples

REMEDY = Remedy(
    "Register the address.",
    read("kubectl -n {} get pods", "a'b"),
    change("kubectl -n {} rollout restart deploy/x", "c"),
    page("https://auth.example.org/if/admin/#/core"),
    Page("javascript:alert(1)"),
)


def result() -> RunResult:
    plain = samples.three_roots()
    return replace(plain, roots=(replace(plain.roots[0], remedy=REMEDY),), cases=plain.cases[:1])


class Boxes(HTMLParser):
    """The texts of all <pre>, and where links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.typed, self.links, self._inside = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._inside = tag == "pre" or self._inside
        if tag == "pre":
            self.typed.append("")
        if tag == "a":
            self.links.append(dict(attrs).get("href"))

    def handle_endtag(self, tag):
        self._inside = tag != "pre" and self._inside

    def handle_data(self, data):
        if self._inside:
            self.typed[-1] += data


def test_the_page_puts_commands_alone_into_boxes():
    shown = render(result())
    found = Boxes(shown)
    assert [line for line in found.typed if line.startswith("kubectl -n")] == [one.line for one in REMEDY.commands]
    assert not any("Register" in line for line in found.typed)
    assert "https://auth.example.org/if/admin/#/core" in found.links
    assert not any(link.startswith("javascript") for link in found.links)
    assert "Look</span>" in shown
    assert "Changes</span>" in shown


def test_the_terminal_gives_each_command_a_line():
    lines = list(terminal.lines(result()))
    at = lines.index("     fix: Register the address.")
    assert [line.strip() for line in lines[at + 1 : at + 4]] == REMEDY.splitlines()[1:4]


def test_the_termination_message_keeps_lines_apart():
    assert "\n   kubectl -n c rollout restart deploy/x\n" in termination.message(result(), "report.html")


def test_machines_get_the_parts():
    (root,) = json.loads(json_report.dumps(result()))["roots"]
    assert root["fix"] == str(REMEDY)
    assert root["remedy"]["sentence"] == "Register the address."
    assert [one["changes"] for one in root["remedy"]["commands"]] == [False, True]
    assert root["remedy"]["pages"][0] == "https://auth.example.org/if/admin/#/core"
