"""Registers the suite's plugins; nothing else lives here. What they do, and in which order, says fixtures/plugin."""

pytest_plugins = (
    "fixtures.plugin.options",
    "fixtures.plugin.redacting",
    "lab.plugin",
    "fixtures.plugin.estate",
    "fixtures.plugin.origin",
    "fixtures.plugin.interruption",
    "fixtures.plugin.observing",
    "fixtures.plugin.settle",
    "fixtures.plugin.shard",
    "fixtures.plugin.selection",
    "fixtures.plugin.known",
    "fixtures.plugin.outcomes",
    "fixtures.plugin.ending",
)
