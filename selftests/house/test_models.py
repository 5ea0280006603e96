"""Models are built when they are first used, so that starting costs less; that each can be is shown here."""

import pytest
from pydantic import BaseModel

from selftests.support.models import build, models


def test_each_model_can_be_built():
    assert len(models()) > 100
    build()
    assert {model for model in models() if not model.__pydantic_complete__} == set()


def test_one_that_cannot_be_built_is_seen():
    class Broken(BaseModel, defer_build=True):
        field: "Unknown"  # noqa: F821

    with pytest.raises(NameError):
        Broken.model_rebuild()
