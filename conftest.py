"""Registers the suite's plugins; nothing else lives here. What they do, and in which order, says fixtures/plugin."""

from __future__ import annotations

import pytest

from fixtures.plugin import OF_EACH_START


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Before pytest reads the options."""
    for name in OF_EACH_START:
        pluginmanager.import_plugin(name)
