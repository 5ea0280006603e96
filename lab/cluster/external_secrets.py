"""External Secrets Operator, as far as it can be watched: it copies upstream values into Secrets."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from lab.cluster.objects import managed, new, owned_by
from lab.cluster.resources import Resource
from lab.cluster.state import Cluster, Object, timestamp

API_VERSION: Final = "external-secrets.io/v1"
HASH_ANNOTATION: Final = "reconcile.external-secrets.io/data-hash"


@dataclass(frozen=True)
class Mapping:
    """One ExternalSecret: its name (the Secret's too), the key it writes and the key it reads upstream."""

    namespace: str
    name: str
    key: str
    remote_key: str
    labels: dict[str, str] = field(default_factory=dict)


def external_secret(mapping: Mapping, *, created: str, refreshed: str) -> Object:
    """A healthy ExternalSecret, last refreshed at `refreshed`."""
    remote = {
        "key": mapping.remote_key,
        "conversionStrategy": "Default",
        "decodingStrategy": "None",
        "metadataPolicy": "None",
    }
    target: Object = {"name": mapping.name, "creationPolicy": "Owner", "deletionPolicy": "Retain"}
    if mapping.labels:
        target["template"] = {
            "engineVersion": "v2",
            "mergePolicy": "Merge",
            "metadata": {"labels": dict(mapping.labels)},
        }
    return new(
        API_VERSION,
        "ExternalSecret",
        mapping.name,
        mapping.namespace,
        created=created,
        spec={
            "refreshPolicy": "Periodic",
            "refreshInterval": "1h0m0s",
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "infisical"},
            "target": target,
            "data": [{"secretKey": mapping.key, "remoteRef": remote}],
        },
        status={
            "binding": {"name": mapping.name},
            "conditions": [_condition("True", "SecretSynced", "secret synced", created)],
            "refreshTime": refreshed,
            "syncedResourceVersion": "1-8d2f61c0",
        },
    )


def _condition(status: str, reason: str, message: str, time: str) -> Object:
    return {
        "type": "Ready",
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": time,
    }


def synced_secret(owner: Object, values: dict[str, str], *, time: str) -> Object:
    """The Secret an ExternalSecret makes, with `values` written at `time` by the operator."""
    target = owner["spec"]["target"]
    labels = dict(target.get("template", {}).get("metadata", {}).get("labels", {}))
    labels["reconcile.external-secrets.io/managed"] = "true"
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    namespace = owner["metadata"]["namespace"]
    made = new("v1", "Secret", target["name"], namespace, created=time, labels=labels, data=data, type="Opaque")
    annotations = {HASH_ANNOTATION: _data_hash(data)}
    made["metadata"]["annotations"] = annotations
    made["metadata"]["ownerReferences"] = owned_by(owner)
    made["metadata"]["managedFields"] = [_written(owner, data, labels, time)]
    return made


def _written(owner: Object, data: dict[str, str], labels: dict[str, str], time: str) -> Object:
    metadata = {"annotations": {HASH_ANNOTATION: ""}, "labels": labels}
    manager = f"externalsecrets.external-secrets.io/{owner['metadata']['name']}"
    return managed(manager, "Update", "v1", time, {"data": data, "metadata": metadata, "type": "Opaque"})


def _data_hash(data: dict[str, str]) -> str:
    return hashlib.sha3_224(repr(sorted(data.items())).encode()).hexdigest()


def running(cluster: Cluster) -> bool:
    """Whether the operator's Deployment has a ready replica; without one nothing is reconciled."""
    operator = cluster.find("deployments", "external-secrets", "external-secrets")
    return bool(operator and operator["status"].get("readyReplicas"))


def reconciler(cluster: Cluster) -> Callable[[Resource, Object], None]:
    """What is called after each write: an ExternalSecret that was touched is synced at once."""

    def reconcile(resource: Resource, obj: Object) -> None:
        created_once = obj.get("spec", {}).get("refreshPolicy") == "CreatedOnce"
        if resource.plural == "externalsecrets" and running(cluster) and not created_once:
            sync(cluster, obj)

    return reconcile


def sync(cluster: Cluster, obj: Object) -> None:
    """Copy the upstream values to the Secret and write the ExternalSecret's status, as the operator does.

    Failing to read upstream leaves the Secret and `refreshTime` alone and turns Ready to False.
    """
    now = timestamp(cluster.now())
    entries = obj["spec"].get("data", [])
    keys = {entry["secretKey"]: entry["remoteRef"]["key"] for entry in entries}
    if not _store_ready(cluster, obj) or not keys.keys() or any(k not in cluster.upstream for k in keys.values()):
        message = "could not get secret data from provider"
        _report(cluster, obj, _condition("False", "SecretSyncedError", message, now))
        return
    _write_secret(cluster, obj, {key: cluster.upstream[remote] for key, remote in keys.items()}, now)
    _report(cluster, obj, _condition("True", "SecretSynced", "secret synced", now))
    obj["status"] |= {"refreshTime": now, "syncedResourceVersion": f"{obj['metadata'].get('generation', 1)}-8d2f61c0"}


def _admits(store: Object, namespace: str) -> bool:
    """Whether a ClusterSecretStore is for a namespace: one of its conditions names it, or its label of that name
    (external-secrets, pkg/controllers/secretstore/clientmanager, shouldProcessSecret)."""
    conditions = store["spec"].get("conditions", [])
    named = [
        name
        for each in conditions
        for name in (
            *each.get("namespaces", []),
            each.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name"),
        )
    ]
    patterns = [pattern for each in conditions for pattern in each.get("namespaceRegexes", [])]
    return not conditions or namespace in named or any(re.search(each, namespace) for each in patterns)


def _store_ready(cluster: Cluster, obj: Object) -> bool:
    reference = obj["spec"]["secretStoreRef"]
    cluster_wide = reference.get("kind") == "ClusterSecretStore"
    resource = "clustersecretstores" if cluster_wide else "secretstores"
    store = cluster.find(resource, obj["metadata"]["namespace"], reference["name"])
    if store is None or (cluster_wide and not _admits(store, obj["metadata"]["namespace"])):
        return False
    conditions = store.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _write_secret(cluster: Cluster, obj: Object, values: dict[str, str], now: str) -> None:
    """Unchanged data is not written again: the Secret's managedFields keep their time."""
    wanted = synced_secret(obj, values, time=now)
    found = cluster.find("secrets", obj["metadata"]["namespace"], obj["spec"]["target"]["name"])
    if found and found.get("data") == wanted["data"]:
        return
    if found:
        wanted["metadata"]["creationTimestamp"] = found["metadata"]["creationTimestamp"]
        wanted["metadata"]["uid"] = found["metadata"]["uid"]
    cluster.put(wanted)


def _report(cluster: Cluster, obj: Object, condition: Object) -> None:
    """Write the condition; its transition time moves only when its status does."""
    status = obj.setdefault("status", {})
    before = next((c for c in status.get("conditions", []) if c["type"] == "Ready"), None)
    if before and before["status"] == condition["status"]:
        condition["lastTransitionTime"] = before["lastTransitionTime"]
    status["conditions"] = [condition]
    status.setdefault("binding", {"name": obj["spec"]["target"]["name"]})
    obj["metadata"]["resourceVersion"] = cluster.next_version()
