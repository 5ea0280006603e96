"""An empty registry for tests that declare observations of their own."""

import pytest

from fixtures.engine import registry


@pytest.fixture
def world(monkeypatch):
    """An empty registry, and the calls that observations note."""
    monkeypatch.setattr(registry, "observations", {})
    monkeypatch.setattr(registry, "aliases", {})
    for module in ("graph",):
        monkeypatch.setattr(f"fixtures.engine.{module}.observations", registry.observations)
        monkeypatch.setattr(f"fixtures.engine.{module}.aliases", registry.aliases)
    return []
