"""How applications come by their client secrets: from the cluster's Secrets, at start or at each use."""

from __future__ import annotations

import base64
from typing import Any

from lab.applications.state import Application
from lab.world import World

PART_OF = "app.kubernetes.io/part-of"


def secret_value(world: World, namespace: str, name: str, key: str) -> str | None:
    """The decoded value of a Secret's key, or None when the Secret or the key is missing."""
    return _value(world.cluster.find("secrets", namespace, name), key)


def resolve_argocd_reference(world: World, text: str, known: dict[str, str]) -> str:
    """Argo CD's `$secret:key`: the trimmed value of a Secret labelled as Argo CD's own part.

    A Secret that went out of sight leaves the value that this process knows (facts/measured.md). Without a
    known one, or without the key, the text itself is used, without a word to anybody (facts/argocd.md).
    """
    if not text.startswith("$"):
        return text
    name, _, key = text.removeprefix("$").partition(":")
    if not key:
        name, key = "argocd-secret", name
    secret = world.cluster.find("secrets", "argocd", name)
    labels = secret["metadata"].get("labels", {}) if secret else {}
    if labels.get(PART_OF) == "argocd":
        value = _value(secret, key)
        known[text] = text if value is None else value.strip()
    return known.get(text, text)


def restart(world: World, name: str) -> None:
    """Start the application's process anew: it reads its environment again and forgets its issuer."""
    application = world.applications[name]
    application.discovery.clear()
    application.key_sets.clear()
    application.pending.clear()
    read_environment(world, application)


def read_environment(world: World, application: Application) -> None:
    """Read the client secret as a process does at its start."""
    application.references.clear()
    resolve_argocd_reference(world, application.client_secret, application.references)
    # A key that the Secret lacks leaves the variable, and so the setting, empty.
    if application.secret_from_env is not None:
        application.client_secret = secret_value(world, *application.secret_from_env) or ""


def _value(secret: dict[str, Any] | None, key: str) -> str | None:
    data = (secret or {}).get("data", {})
    return base64.b64decode(data[key]).decode() if key in data else None
