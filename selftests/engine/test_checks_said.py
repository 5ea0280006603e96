"""What a test says beside its verdict is its own, and is forgotten where the engine asks its rule."""

from fixtures.engine.checks import because, forget, mention, take_mentions, take_reason


def test_mentions_are_taken_once():
    mention("unmapped", "groups")
    mention("unmapped", "email")
    assert take_mentions() == [("unmapped", "groups"), ("unmapped", "email")]
    assert take_mentions() == []


def test_what_is_forgotten_is_said_of_nobody():
    mention("unmapped", "groups")
    because("broken", "mend")
    forget()
    assert take_mentions() == []
    assert take_reason() is None
