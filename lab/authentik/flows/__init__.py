"""Flows and the executor that walks through them."""
