"""Authentik's REST API (/api/v3), answered from the world's data."""
