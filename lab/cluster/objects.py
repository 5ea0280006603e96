"""How seeded objects get their metadata: names, ages, owners, field managers."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from lab.cluster.state import Object, Value, timestamp

_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"
_NAMESPACE: Final = uuid.UUID("6b1d0d8e-5a52-4a0b-9d0e-0c5a3f1e7a55")


class Age(NamedTuple):
    """When things happened, relative to the moment of seeding."""

    now: datetime

    def ago(self, **past: float) -> str:
        """The moment that long ago, as objects carry it (keywords of timedelta)."""
        return timestamp(self.now - timedelta(**past))

    @property
    def created(self) -> str:
        """When the estate was installed."""
        return self.ago(days=40)

    @property
    def rolled_out(self) -> str:
        """When the running pods started."""
        return self.ago(days=3)


def suffix(text: str, length: int) -> str:
    """A stable stand-in for the random letters Kubernetes appends to names."""
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:length])


def uid(*parts: str) -> str:
    """A stable uid for the object that `parts` name."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def field_tree(value: Value) -> Object:
    """The fieldsV1 tree of a value: keys of mappings, nothing below lists and scalars."""
    if not isinstance(value, dict):
        return {}
    return {f"f:{key}": field_tree(below) for key, below in value.items()}


def managed(manager: str, operation: str, api_version: str, time: str, fields: Object) -> Object:
    """One managedFields entry for `fields`, which has the shape of the object."""
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": api_version,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": field_tree(fields),
    }


def new(
    api_version: str,
    kind: str,
    name: str,
    namespace: str = "",
    *,
    created: str,
    labels: dict[str, str] | None = None,
    manager: str = "argocd-controller",
    **body: Value,
) -> Object:
    """An object with the metadata everything has: uid, creation time, who applied it."""
    metadata: Object = {"name": name, "uid": uid(kind, namespace, name), "creationTimestamp": created}
    if namespace:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    if "spec" in body:
        metadata["generation"] = 1
    applied = {key: value for key, value in body.items() if key != "status"}
    if labels:
        applied["metadata"] = {"labels": labels}
    metadata["managedFields"] = [managed(manager, "Apply", api_version, created, applied)]
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}


def owned_by(owner: Object) -> list[Object]:
    """ownerReferences to a controller."""
    return [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
