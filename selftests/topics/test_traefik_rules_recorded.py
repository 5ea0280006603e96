"""The suite reads rules as Traefik's own code does: held against recordings of two versions."""

import pytest

from fixtures.topics.routes.rule_conditions import Match, Requests, Rule
from fixtures.topics.routes.rule_tokens import NotLoaded
from fixtures.topics.routes.traefik_rules import read_rule
from fixtures.topics.routes.traefik_versions import Dialect
from selftests.support.traefik_recorded import Recorded, recorded, request_of

RULES = list(recorded())
# Refused by Traefik, and no matter of host and path: the suite says that it does not know the function, or leaves how
# many values one of version 2 takes to Traefik.
LENIENT = {"Unknown(`x`)", "hOsT(`a.example`)", "Query(`x`)", "Query(`x`,`1`,`2`)", "Headers(`X`)"}


@pytest.mark.parametrize("one", RULES, ids=str)
def test_a_rule_is_read_as_traefik_reads_it(one: Recorded):
    for version, matched in one.matched.items():
        dialect = Dialect(tuple(map(int, version.split("."))), one.syntax)
        if matched is None and one.rule not in LENIENT:
            with pytest.raises(NotLoaded):
                read_rule(one.rule, dialect)
        elif matched is not None:
            _hold(read_rule(one.rule, dialect), matched)


def _hold(rule: Rule, matched: dict[str, bool]) -> None:
    for url, taken in matched.items():
        asked = request_of(url)
        answer = rule(Requests(asked.netloc, (asked.path,)))
        assert answer.possible or not taken, url
        assert taken or asked.query or answer is not Match.ALWAYS, url


def test_there_is_enough_to_hold_it_against():
    refused = [one for one in RULES if None in one.matched.values()]
    assert len(RULES) > 350
    assert len(refused) > 100
    assert {one.rule for one in RULES} >= LENIENT
