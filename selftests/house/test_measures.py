"""What the house has reached stays: floors, one home for each rule, few modules that pytest calls."""

import pytest

from selftests.house import measures

# Judgements dressed as questions: each is to become a rule. The list only shrinks.
SENDING_NOTHING = frozenset({"own_client"})


def test_rooms_import_downward_only():
    assert measures.upward() == []


def test_arrows_between_rooms_are_few():
    assert 0 < len(measures.arrows()) <= 55


def test_questions_send_something():
    """A new one that sends nothing is a rule; an entry of the list that is none any more goes."""
    assert set(measures.sending_nothing()) == SENDING_NOTHING


def test_pytest_calls_few_modules():
    """Seven make a run; an eighth decides whether there is one, and loads them."""
    *named, _ = measures.plugin_modules()
    assert len(named) <= 8
    assert all(measures.hooks([path]) for path in named)


def test_every_hook_of_the_plugin_is_in_one_of_them():
    """The others are helpers: their functions are called by name. Listeners that are registered later stand apart."""
    apart = {"fixtures/plugin/interruption.py", "fixtures/reports/junit.py", "fixtures/reports/pytest_html.py"}
    found = {
        path.relative_to(measures.ROOT).as_posix() for path in measures.sources("fixtures") if measures.hooks([path])
    }
    named = {path.relative_to(measures.ROOT).as_posix() for path in measures.plugin_modules()}
    assert found == (named | apart) - {"lab/plugin.py"}


def test_the_table_of_hook_order_names_each_module():
    import fixtures.plugin

    for path in measures.plugin_modules():
        name = "lab" if path.parent.name == "lab" else path.stem
        assert f" {name}" in fixtures.plugin.__doc__, name


@pytest.mark.parametrize("row", ["questions that send nothing", "arrows between rooms / upward", "plugin modules"])
def test_the_table_can_be_printed(row, capsys):
    measures.main()
    assert row in capsys.readouterr().out
