"""What the tests of the engine share."""

import pytest

from fixtures.engine import graph, registry


@pytest.fixture
def world(monkeypatch):
    """An empty registry, for a test that declares observations of its own, and the calls that they note."""
    for name in ("observations", "aliases"):
        monkeypatch.setattr(registry, name, {})
        monkeypatch.setattr(graph, name, getattr(registry, name))
    return []
