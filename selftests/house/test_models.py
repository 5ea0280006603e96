"""Models are built when they are first used, so that starting costs less; that each can be is shown here."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

import fixtures
from fixtures.engine.loading import import_all


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def _models() -> set[type[BaseModel]]:
    import_all(fixtures)
    return {model for model in _below(BaseModel) if model.__module__.startswith("fixtures.")}


def test_each_model_can_be_built():
    models = _models()
    assert len(models) > 100
    for model in models:
        model.model_rebuild()
    assert {model for model in models if not model.__pydantic_complete__} == set()


def test_one_that_cannot_be_built_is_seen():
    class Broken(BaseModel, defer_build=True):
        field: "Unknown"  # noqa: F821

    with pytest.raises(NameError):
        Broken.model_rebuild()
