"""All models of the suite, built: a process that forks many builds them once for all."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import BaseModel

import fixtures
from fixtures.engine.loading import import_all

Model = TypeVar("Model", bound=BaseModel)


def models(base: type[Model] = BaseModel) -> list[type[Model]]:  # type: ignore[assignment]
    """The suite's models below `base`, wherever they are defined and whatever this process has loaded, by name."""
    import_all(fixtures)
    found = {model for model in _below(base) if model.__module__.startswith("fixtures.")}
    return sorted(found, key=lambda model: f"{model.__name__} {model.__module__}")


def _below(model: type[Model]) -> Iterator[type[Model]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def build() -> None:
    """Build those that nobody has used yet. Raises NameError for one that names what is not there."""
    for model in models():
        model.model_rebuild()
