"""All models of the suite, built: a process that forks many builds them once for all."""

from collections.abc import Iterator

from pydantic import BaseModel

import fixtures
from fixtures.engine.loading import import_all


def models() -> set[type[BaseModel]]:
    """The suite's models, wherever they are defined."""
    import_all(fixtures)
    return {model for model in _below(BaseModel) if model.__module__.startswith("fixtures.")}


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def build() -> None:
    """Build those that nobody has used yet. Raises NameError for one that names what is not there."""
    for model in models():
        model.model_rebuild()
