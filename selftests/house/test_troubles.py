"""What a root cause is called: a short sentence that a person would say, and no other root cause's."""

import re
from collections import Counter

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue, trouble_of
from fixtures.model.kinds import SHORT, Kind

load_catalogue()
NAMES = [*{check_id: entry.trouble for check_id, entry in catalogue.items()}.items(), *SHORT.items()]
# What is said of anything, names nothing.
JARGON = re.compile(r"\b[A-Z]+-[A-Z]+-\d\d\b|[`<>{}:;!?]|\b(w|e\.g\.|etc)\b|https?:")


@pytest.mark.parametrize(("of", "name"), NAMES, ids=[of for of, _ in NAMES])
def test_a_trouble_is_a_short_sentence(of, name):
    assert 10 <= len(name) <= 60, of
    assert name[0].isupper(), of
    assert name == name.strip(), of
    assert name[-1] not in ".,", of
    assert len(name.split()) >= 3, of
    assert not JARGON.search(name), of


def test_no_two_checks_are_called_the_same():
    every = Counter(entry.trouble.casefold() for entry in catalogue.values())
    assert len(every) > 100
    assert [name for name, times in every.items() if times > 1] == []


def test_a_check_says_what_is_wrong_and_not_what_should_be_true():
    assert [entry.id for entry in catalogue.values() if entry.trouble.casefold() == entry.claim.casefold()] == []


def test_no_two_kinds_are_called_the_same():
    assert [name for name, times in Counter(SHORT.values()).items() if times > 1] == []


def test_a_kind_that_knows_better_gives_the_name():
    assert trouble_of("FWD-GATE-02", None) == catalogue["FWD-GATE-02"].trouble
    assert trouble_of("FWD-GATE-02", Kind("authentik_host")) == "The outpost sends people to the wrong host"
    assert trouble_of("FWD-GATE-02", Kind("at the gate", ("no route",))) == catalogue["FWD-GATE-02"].trouble
    assert trouble_of("SMOKE-LOGIN-01", Kind("login", ("second factor",))) == SHORT["login: second factor"]
    assert trouble_of("SMOKE-NOWHERE-01", None) == ""
