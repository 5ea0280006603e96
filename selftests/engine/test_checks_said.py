"""What a test says beside its verdict is its own; what explains a check is found without loading all of them."""

from pathlib import Path

import pytest

from fixtures.catalogue.explaining import defined_in, explain, load_catalogue
from fixtures.engine.checks import catalogue, mention, take_mentions
from fixtures.engine.registry import aliases, observations
from selftests.support.suite_runs import run_suite


def test_mentions_are_taken_once():
    mention("unmapped", "groups")
    mention("unmapped", "email")
    assert take_mentions() == [("unmapped", "groups"), ("unmapped", "email")]
    assert take_mentions() == []


def test_whatever_a_check_stands_on_is_found_where_it_is_defined():
    load_catalogue()
    places = defined_in()
    assert len(catalogue) > 100
    defined = {name: entry.function.__code__.co_filename for name, entry in observations.items()}
    defined |= {check_id: entry.module for check_id, entry in catalogue.items()}
    assert not [name for name, file in defined.items() if Path(file) not in places.get(name, ())]
    assert set(aliases) <= set(places)


@pytest.mark.parametrize("check_id", ["SMOKE-UP-01", "OIDC-DISC-03", "FWD-PASS-01"])
def test_one_is_explained_as_if_all_were_loaded(check_id):
    load_catalogue()
    assert run_suite("--explain", check_id.lower()).stdout == explain(check_id) + "\n"
