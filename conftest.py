"""Registers the suite's plugins; nothing else lives here."""

pytest_plugins = (
    "fixtures.plugin.options",
    "fixtures.plugin.redacting",
    "lab.plugin",
    "fixtures.plugin.estate",
    "fixtures.plugin.interruption",
    "fixtures.plugin.observing",
    "fixtures.plugin.settle",
    "fixtures.plugin.shard",
    "fixtures.plugin.selection",
    "fixtures.plugin.known",
    "fixtures.plugin.outcomes",
    "fixtures.plugin.explain",
    "fixtures.reports.plugin",
    "fixtures.plugin.verdict",
)
