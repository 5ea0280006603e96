"""Imported, it builds all models: for the process that others are forked from, which imports and calls nothing."""

from selftests.support import models

models.build()
