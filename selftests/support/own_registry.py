"""An empty registry for tests that declare observations of their own."""

import pytest

from fixtures.engine import registry
from fixtures.engine.graph import Graph
from fixtures.engine.scheduler import Scheduler


@pytest.fixture
def world(monkeypatch):
    """An empty registry, and the calls that observations note."""
    monkeypatch.setattr(registry, "observations", {})
    monkeypatch.setattr(registry, "aliases", {})
    for module in ("graph",):
        monkeypatch.setattr(f"fixtures.engine.{module}.observations", registry.observations)
        monkeypatch.setattr(f"fixtures.engine.{module}.aliases", registry.aliases)
    return []


def run(*wanted, deadline=5.0):
    """Ask for (name, subjects) pairs; returns a function that gives each one's result."""
    graph = Graph(estate=None)
    keys = [graph.want(name, subjects) for name, subjects in wanted]
    scheduler = Scheduler(graph, lambda name, record: f"door {name}", deadline)
    scheduler.start()
    return [lambda key=key: scheduler.result(key) for key in keys]
