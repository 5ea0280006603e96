"""Registers the suite's plugins; nothing else lives here. What they do, and in which order, says fixtures/plugin."""

pytest_plugins = (
    "fixtures.plugin.options",
    "fixtures.plugin.redacting",
    "lab.plugin",
    "fixtures.plugin.answering",
)
