"""What the lab's cluster consists of: objects as plain dicts, pod logs, identities, an audit trail."""

from __future__ import annotations

import builtins
import itertools
import uuid
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from lab.cluster.resources import Resource, by_kind, by_name

Object = dict[str, Any]
Value = Any  # whatever JSON, or a Python shell, can hold
Key = tuple[str, str, str, str]
# What an object is looked up by.
Reader = Callable[[Object], Iterable[Hashable]]

LOG_LINES = 4000
AUDIT_ENTRIES = 20000


def timestamp(moment: datetime) -> str:
    """A moment as Kubernetes writes it in objects: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Identity(NamedTuple):
    """Who a bearer token stands for."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""

    @property
    def service_account(self) -> tuple[str, str] | None:
        """(namespace, name) when this is a ServiceAccount."""
        prefix = "system:serviceaccount:"
        if not self.name.startswith(prefix):
            return None
        namespace, _, name = self.name.removeprefix(prefix).partition(":")
        return namespace, name


class AuditEntry(NamedTuple):
    """One request as the audit log has it: who did what to which object, and how it was answered."""

    user: str
    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    subresource: str
    metadata_only: bool
    dry_run: bool
    status: int

    @property
    def writes(self) -> bool:
        """Whether the request changed something that lasts (reviews and dry runs do not)."""
        review = self.resource.endswith("reviews")
        reading = self.verb in ("get", "list", "watch")
        return not (reading or review or self.dry_run) and self.status < 400


class LogLine(NamedTuple):
    """One line of a container's log and when it was written."""

    at: datetime
    text: str


@dataclass
class Cluster:
    """The cluster. Its methods name a resource by its plural (`pods`) or with its group (`roles.rbac…`)."""

    now: Callable[[], datetime]
    objects: dict[Key, Object] = field(default_factory=dict)
    server_pods: list[str] = field(default_factory=list)
    worker_pods: list[str] = field(default_factory=list)
    # The workload that runs in a pod, by namespace and name of that.
    applications: dict[tuple[str, str], str] = field(default_factory=dict)
    # Who a token stands for.
    identities: dict[str, Identity] = field(default_factory=dict, repr=False)
    audit: deque[AuditEntry] = field(default_factory=lambda: deque(maxlen=AUDIT_ENTRIES), repr=False)
    # Applied to every answer of the API server.
    tampering: list[Callable[[Request, Response], Response]] = field(default_factory=list)
    # What Infisical, the source of truth, holds for External Secrets, by remote key.
    upstream: dict[str, str] = field(default_factory=dict, repr=False)
    # The controllers: each is called after a write with the stored object.
    reconcilers: list[Callable[[Resource, Object], None]] = field(default_factory=list)
    # Each is called with every pod that has started anew.
    starts: list[Callable[[Object], None]] = field(default_factory=list)
    # What runs at addresses outside the cluster.
    machines: dict[str, str] = field(default_factory=dict)
    # By namespace, pod and container.
    logs: dict[tuple[str, str, str], deque[LogLine]] = field(default_factory=dict, repr=False)
    previous_logs: dict[tuple[str, str, str], deque[LogLine]] = field(default_factory=dict, repr=False)
    newest_version: str = "100"
    # The objects of each resource by namespace (None: all), in the order of lists, until something is put or deleted.
    _listed: dict[tuple[str, str], dict[str | None, builtins.list[Object]]] = field(default_factory=dict, repr=False)
    # By what a reader reads of them, until then or until they are given out.
    _read: dict[tuple[str, str], dict[Reader, dict[Hashable, builtins.list[Object]]]] = field(
        default_factory=dict, repr=False
    )
    _versions: itertools.count[int] = field(default_factory=lambda: itertools.count(101), repr=False)

    def get(self, resource: str, namespace: str, name: str) -> Object:
        """The stored object itself (change it in place to break things). Raises KeyError when absent."""
        found = by_name(resource)
        self._read.pop((found.group, found.plural), None)
        return self.objects[found.group, found.plural, namespace if found.namespaced else "", name]

    def find(self, resource: str, namespace: str, name: str) -> Object | None:
        """The stored object, to be looked at and not changed, or None when absent."""
        found = by_name(resource)
        return self.objects.get((found.group, found.plural, namespace if found.namespaced else "", name))

    def list(self, resource: str, namespace: str | None = None) -> list[Object]:
        """The stored objects of a resource, in one namespace or in all, by namespace and name."""
        found = by_name(resource)
        kind = found.group, found.plural
        self._read.pop(kind, None)
        return self._ordered(kind, namespace).copy()

    def read(self, resource: str, reader: Reader, value: Hashable) -> Sequence[Object]:
        """Those objects of a resource of which `reader` reads that value, as in `list`; to be looked at, not changed.

        What it reads is kept until something is put or deleted, or given out by `get` or `list`: it may be changed
        then. So a reader is a module's function, and not one made for a question.
        """
        found = by_name(resource)
        kind = found.group, found.plural
        readers = self._read.setdefault(kind, {})
        if reader not in readers:
            known: dict[Hashable, builtins.list[Object]] = {}
            for obj in self._ordered(kind, None):
                for each in set(reader(obj)):
                    known.setdefault(each, []).append(obj)
            readers[reader] = known
        return readers[reader].get(value, ())

    def _ordered(self, kind: tuple[str, str], namespace: str | None) -> builtins.list[Object]:
        listed, objects = self._listed.setdefault(kind, {}), self.objects
        if namespace not in listed:
            named = (key for key in tuple(objects) if key[:2] == kind)
            ordered = sorted(key for key in named if namespace is None or namespace == key[2])
            listed[namespace] = [objects[key] for key in ordered]
        return listed[namespace]

    def _forget(self, kind: tuple[str, str]) -> None:
        self._listed.pop(kind, None)
        self._read.pop(kind, None)

    def put(self, obj: Object) -> Object:
        """Store an object under its own name; uid, creation time and a new resourceVersion are filled in.

        Raises KeyError for a kind that this server does not serve.
        """
        resource = by_kind(obj["apiVersion"], obj["kind"])
        metadata = obj["metadata"]
        metadata.setdefault("uid", str(uuid.uuid4()))
        metadata.setdefault("creationTimestamp", timestamp(self.now()))
        metadata["resourceVersion"] = self.next_version()
        namespace = metadata.get("namespace", "") if resource.namespaced else ""
        self.objects[resource.group, resource.plural, namespace, metadata["name"]] = obj
        self._forget((resource.group, resource.plural))
        return obj

    def delete(self, resource: str, namespace: str, name: str) -> Object:
        """Take an object away and return it. Raises KeyError when absent."""
        found = by_name(resource)
        gone = self.objects.pop((found.group, found.plural, namespace if found.namespaced else "", name))
        self._forget((found.group, found.plural))
        return gone

    def rewrite(self, change: Callable[[Object], Object]) -> None:
        """Put in the place of each object what `change` makes of it; name, uid and resourceVersion are the same."""
        self.objects.update({key: change(obj) for key, obj in self.objects.items()})
        self._listed.clear()
        self._read.clear()

    def next_version(self) -> str:
        """A new resourceVersion."""
        self.newest_version = str(next(self._versions))
        return self.newest_version

    def log(self, namespace: str, pod: str, line: str, container: str | None = None) -> None:
        """Append a line to a pod's log; without `container`, to its first container's."""
        self.log_at(self.now(), namespace, pod, line, container)

    def log_at(self, moment: datetime, namespace: str, pod: str, line: str, container: str | None = None) -> None:
        """Append a line as if written at `moment`."""
        key = (namespace, pod, container or self.first_container(namespace, pod))
        self.logs.setdefault(key, deque(maxlen=LOG_LINES)).append(LogLine(moment, line))

    def log_lines(self, namespace: str, pod: str, container: str | None = None) -> builtins.list[str]:
        """The lines a pod has written so far."""
        key = (namespace, pod, container or self.first_container(namespace, pod))
        return [line.text for line in self.logs.get(key, ())]

    def first_container(self, namespace: str, pod: str) -> str:
        """The name of a pod's first container; empty when the pod is unknown."""
        found = self.find("pods", namespace, pod)
        return str(found["spec"]["containers"][0]["name"]) if found else ""

    def pod_application(self, ip: str, port: int) -> str | None:
        """The workload that answers at the address of a pod or machine (`authentik-server/0`, `argocd`), or None."""
        for pod in self.read("pods", _addresses, ip):
            if pod["status"].get("phase") == "Running":
                if port not in _container_ports(pod["spec"]["containers"]):
                    return None
                return self.applications.get((pod["metadata"]["namespace"], pod["metadata"]["name"]))
        return self.machines.get(ip)

    def reconcile(self, resource: Resource, obj: Object) -> None:
        """Let the controllers see an object that was just written."""
        for reconciler in self.reconcilers:
            reconciler(resource, obj)

    def start(self, pod: Object) -> None:
        """Start the pod's containers anew, now. It keeps its name: the lab's network and logs know it by that."""
        now = timestamp(self.now())
        pod["status"]["startTime"] = now
        for container, status in zip(pod["spec"]["containers"], pod["status"]["containerStatuses"], strict=False):
            status |= {"image": container["image"], "state": {"running": {"startedAt": now}}}
        for begins in self.starts:
            begins(pod)


def service_of(piece: Object) -> tuple[tuple[str, str]]:
    """Of an EndpointSlice: the Service that it belongs to, by namespace and name."""
    labels = piece["metadata"].get("labels") or {}
    return ((piece["metadata"]["namespace"], labels.get("kubernetes.io/service-name", "")),)


def _addresses(pod: Object) -> Iterable[str]:
    return [address] if (address := pod["status"].get("podIP")) else []


def _container_ports(containers: Iterable[Object]) -> set[int]:
    return {port["containerPort"] for container in containers for port in container.get("ports", ())}
