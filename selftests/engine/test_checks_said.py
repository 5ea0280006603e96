"""What a test says beside its verdict is its own."""

from fixtures.engine.checks import mention, take_mentions


def test_mentions_are_taken_once():
    mention("unmapped", "groups")
    mention("unmapped", "email")
    assert take_mentions() == [("unmapped", "groups"), ("unmapped", "email")]
    assert take_mentions() == []
