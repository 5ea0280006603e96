"""The short name of a root cause stands wherever the root cause does."""

from dataclasses import replace

import pytest

from fixtures.model.kinds import Kind
from fixtures.model.outcomes import Outcome, Root
from fixtures.model.verdict import root_causes
from fixtures.reports import history, html, index, json_report, junit, terminal, termination
from selftests.support import sample_results as samples
from selftests.support.pages import Page

BROKEN = samples.three_roots()
NAME = "The gate sends people to the wrong place"


def indexed(result):
    runs = [history.PastRun("2026-11-24T03-15-07.250Z", history.summarise(result, history.Past(), success=False))]
    return Page(index.render(runs, [])).text


SHOWN = {
    "page": lambda result: Page(html.render(result)).text,
    "terminal": lambda result: "\n".join(terminal.lines(result)),
    "JUnit": lambda result: "".join(junit.text_of(result.cases)),
    "report.json": json_report.dumps,
    "termination message": lambda result: termination.message(result, "report.html"),
    "index": indexed,
}


@pytest.mark.parametrize("place", SHOWN)
def test_it_stands_in(place):
    assert NAME in SHOWN[place](BROKEN)
    nameless = [replace(case, trouble="") for case in BROKEN.cases]
    without = replace(BROKEN, cases=tuple(nameless), roots=root_causes(nameless, {}))
    assert NAME not in SHOWN[place](without)
    assert "FWD-GATE-02" in SHOWN[place](without)


def test_it_stands_beside_the_id():
    assert f"FWD-GATE-02[longhorn] {NAME}: The gate sends browsers" in SHOWN["JUnit"](BROKEN)
    assert f"FWD-PASS-01[longhorn] is blocked by FWD-GATE-02 {NAME}: " in SHOWN["JUnit"](BROKEN)
    assert f"1. FWD-GATE-02[longhorn, hubble, sympozium] {NAME} (blocks" in SHOWN["termination message"](BROKEN)


def test_every_red_case_tells_it_to_machines():
    cases = json_report.to_json(BROKEN)["cases"]
    assert {case["trouble"] for case in cases if case["outcome"] in ("failed", "blocked")} == {
        NAME, samples.TROUBLES["OIDC-PROV-04"], samples.TROUBLES["OIDC-SECRET-01"],
    }  # fmt: skip
    assert {case["trouble"] for case in cases if case["outcome"] == "passed"} == {""}


def test_warnings_and_known_failures_have_theirs():
    for place in ("page", "terminal", "JUnit"):
        for check_id in ("SMOKE-TLS-01", "FWD-SPOOF-01"):
            assert samples.TROUBLES[check_id] in SHOWN[place](samples.warned())


def test_of_several_checks_that_meet_one_trouble_the_one_that_knows_it_gives_the_name():
    def met(check_id, kind, trouble):
        root = Root(check_id, "longhorn", kind, "cause", "remedy")
        return replace(samples.case(check_id, "longhorn", "c", "H4", Outcome.FAILED), root=root, trouble=trouble)

    symptom = met("FWD-GATE-06", Kind("no provider"), "An error answers where the gate should")
    reason = met("FWD-OUT-02", Kind("no provider", ("longhorn",)), "No outpost serves the application as declared")
    (one,) = root_causes([symptom, reason], {})
    assert (one.check_id, one.trouble) == ("FWD-OUT-02", "No outpost serves the application as declared")
