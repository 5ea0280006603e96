"""Who asks through a door: one observation, and what comes of it."""

from fixtures.engine.graph import Key, Question
from fixtures.engine.registry import Observation
from fixtures.engine.scheduler import Record


def asking(side_effect="none", name="asking"):
    """The record of a question that may leave so much."""
    observation = Observation(name, lambda: None, (), "A-01", side_effect, "asks")
    return Record(Question(Key(name, ()), observation, {}, ()))
