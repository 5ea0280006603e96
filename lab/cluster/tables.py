"""Objects as kubectl prints them: the server-side Table form, with each resource's own columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from lab.cluster.resources import Resource
from lab.cluster.state import Object, Value

Cell = Callable[[Object, datetime], Value]


def parse_time(text: str) -> datetime:
    """A timestamp of an object or a query parameter. Raises ValueError when it is none."""
    return datetime.fromisoformat(text).astimezone(UTC)


def human(duration: timedelta) -> str:
    """A duration as the AGE column shows it: two units at most, fewer the longer it is."""
    seconds = int(duration.total_seconds())
    if seconds < 0:
        return "0s"
    for limit, shown in (
        (120, f"{seconds}s"),
        (600, f"{seconds // 60}m{seconds % 60}s"),
        (10800, f"{seconds // 60}m"),
        (28800, f"{seconds // 3600}h{seconds % 3600 // 60}m"),
        (172800, f"{seconds // 3600}h"),
        (691200, f"{seconds // 86400}d{seconds % 86400 // 3600}h"),
        (63072000, f"{seconds // 86400}d"),
    ):
        if seconds < limit:
            return shown.replace("m0s", "m").replace("h0m", "h").replace("d0h", "d")
    return f"{seconds // 31536000}y"


def _age(obj: Object, now: datetime) -> str:
    return human(now - parse_time(obj["metadata"]["creationTimestamp"]))


def _name(obj: Object, _now: datetime) -> str:
    return str(obj["metadata"]["name"])


def _at(path: str, default: Value = "") -> Cell:
    """The value at a dotted path."""

    def cell(obj: Object, _now: datetime) -> Value:
        found: Value = obj
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return default if found is None else found

    return cell


def _condition(kind: str, value: str) -> Cell:
    def cell(obj: Object, _now: datetime) -> str:
        conditions = obj.get("status", {}).get("conditions", ())
        return next((str(c.get(value, "")) for c in conditions if c["type"] == kind), "")

    return cell


def _since(path: str) -> Cell:
    def cell(obj: Object, now: datetime) -> str:
        text = _at(path)(obj, now)
        return human(now - parse_time(text)) if text else ""

    return cell


def _statuses(pod: Object) -> list[Object]:
    return pod.get("status", {}).get("containerStatuses") or []


def _pod_ready(pod: Object, _now: datetime) -> str:
    ready = sum(bool(status.get("ready")) for status in _statuses(pod))
    return f"{ready}/{len(pod['spec']['containers'])}"


def _pod_status(pod: Object, _now: datetime) -> str:
    if "deletionTimestamp" in pod["metadata"]:
        return "Terminating"
    reason = pod["status"].get("reason") or pod["status"].get("phase", "Unknown")
    for status in _statuses(pod):
        state = status.get("state", {})
        reason = (state.get("waiting") or state.get("terminated") or {}).get("reason") or reason
    return str(reason)


def _pod_restarts(pod: Object, now: datetime) -> str:
    count = sum(status.get("restartCount", 0) for status in _statuses(pod))
    ends = [status.get("lastState", {}).get("terminated", {}).get("finishedAt") for status in _statuses(pod)]
    known = [parse_time(end) for end in ends if end]
    return f"{count} ({human(now - max(known))} ago)" if known else str(count)


def _replicas(obj: Object, _now: datetime) -> str:
    return f"{obj.get('status', {}).get('readyReplicas', 0)}/{obj['spec'].get('replicas', 1)}"


def _service_ports(obj: Object, _now: datetime) -> str:
    return ",".join(f"{port['port']}/{port.get('protocol', 'TCP')}" for port in obj["spec"].get("ports", ()))


def _external_ip(obj: Object, _now: datetime) -> str:
    ingress = obj.get("status", {}).get("loadBalancer", {}).get("ingress", ())
    return ",".join(entry.get("ip", entry.get("hostname", "")) for entry in ingress) or "<none>"


def _slice_ports(obj: Object, _now: datetime) -> str:
    return ",".join(str(port["port"]) for port in obj.get("ports") or ()) or "<unset>"


def _slice_addresses(obj: Object, _now: datetime) -> str:
    return ",".join(entry["addresses"][0] for entry in obj.get("endpoints") or ()) or "<unset>"


def _data_count(obj: Object, _now: datetime) -> int:
    return len(obj.get("data") or {})


def _none(_obj: Object, _now: datetime) -> str:
    return "<none>"


# Columns as (name, cell, priority); priority 1 is shown by `-o wide` only. Name comes first in all of them.
_Columns = tuple[tuple[str, Cell, int], ...]
_PLAIN: Final[_Columns] = (("Age", _age, 0),)
_COLUMNS: Final[dict[str, _Columns]] = {
    "pods": (
        ("Ready", _pod_ready, 0),
        ("Status", _pod_status, 0),
        ("Restarts", _pod_restarts, 0),
        ("Age", _age, 0),
        ("IP", _at("status.podIP", "<none>"), 1),
        ("Node", _at("spec.nodeName", "<none>"), 1),
        ("Nominated Node", _none, 1),
        ("Readiness Gates", _none, 1),
    ),
    "deployments": (
        ("Ready", _replicas, 0),
        ("Up-to-date", _at("status.updatedReplicas", 0), 0),
        ("Available", _at("status.availableReplicas", 0), 0),
        ("Age", _age, 0),
    ),
    "statefulsets": (("Ready", _replicas, 0), ("Age", _age, 0)),
    "replicasets": (
        ("Desired", _at("spec.replicas", 0), 0),
        ("Current", _at("status.replicas", 0), 0),
        ("Ready", _at("status.readyReplicas", 0), 0),
        ("Age", _age, 0),
    ),
    "services": (
        ("Type", _at("spec.type"), 0),
        ("Cluster-IP", _at("spec.clusterIP"), 0),
        ("External-IP", _external_ip, 0),
        ("Port(s)", _service_ports, 0),
        ("Age", _age, 0),
    ),
    "endpointslices": (
        ("AddressType", _at("addressType"), 0),
        ("Ports", _slice_ports, 0),
        ("Endpoints", _slice_addresses, 0),
        ("Age", _age, 0),
    ),
    "secrets": (("Type", _at("type"), 0), ("Data", _data_count, 0), ("Age", _age, 0)),
    "configmaps": (("Data", _data_count, 0), ("Age", _age, 0)),
    "namespaces": (("Status", _at("status.phase"), 0), ("Age", _age, 0)),
    "nodes": (("Version", _at("status.nodeInfo.kubeletVersion"), 0), ("Age", _age, 0)),
    "externalsecrets": (
        ("StoreType", _at("spec.secretStoreRef.kind"), 0),
        ("Store", _at("spec.secretStoreRef.name"), 0),
        ("Refresh Interval", _at("spec.refreshInterval"), 0),
        ("Status", _condition("Ready", "reason"), 0),
        ("Ready", _condition("Ready", "status"), 0),
        ("Last Sync", _since("status.refreshTime"), 0),
    ),
    "clustersecretstores": (
        ("Age", _age, 0),
        ("Status", _condition("Ready", "reason"), 0),
        ("Capabilities", _at("status.capabilities"), 0),
        ("Ready", _condition("Ready", "status"), 0),
    ),
    "applications": (
        ("Sync Status", _at("status.sync.status"), 0),
        ("Health Status", _at("status.health.status"), 0),
        ("Revision", _at("status.sync.revision"), 1),
        ("Project", _at("spec.project"), 1),
    ),
}


def partial(obj: Object) -> Object:
    """The metadata of an object and nothing else."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def _definition(name: str, priority: int) -> Object:
    form = "name" if name == "Name" else ""
    return {"name": name, "type": "string", "format": form, "description": "", "priority": priority}


def table(resource: Resource, items: Iterable[Object], metadata: Object, now: datetime, include: str) -> Object:
    """The Table of `items`; `include` is the request's includeObject: None, Metadata or Object."""
    columns: _Columns = (("Name", _name, 0), *_COLUMNS.get(resource.plural, _PLAIN))
    rows = []
    for obj in items:
        row: Object = {"cells": [cell(obj, now) for _, cell, _ in columns]}
        if include != "None":
            row["object"] = obj if include == "Object" else partial(obj)
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [_definition(name, priority) for name, _, priority in columns],
        "rows": rows,
    }
