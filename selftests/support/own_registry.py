"""Runs of observations that a test declares itself."""

from fixtures.engine.graph import Graph
from fixtures.engine.scheduler import Scheduler


def run(*wanted, deadline=5.0):
    """Ask for (name, subjects) pairs; returns a function that gives each one's result."""
    graph = Graph(estate=None)
    keys = [graph.want(name, subjects) for name, subjects in wanted]
    scheduler = Scheduler(graph, lambda name, record: f"door {name}", deadline)
    scheduler.start()
    return [lambda key=key: scheduler.result(key) for key in keys]
