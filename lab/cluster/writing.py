"""Create, update, patch, apply and delete; dry runs change nothing."""

from __future__ import annotations

import base64
import copy
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

from lab.cluster.answers import Refusal, already_exists, bad_request, conflict, not_allowed, success
from lab.cluster.patches import APPLY, parse, patched, record_ownership
from lab.cluster.questions import Question
from lab.cluster.reading import resource_of, stored
from lab.cluster.resources import Resource
from lab.cluster.state import Cluster, Object, Value, timestamp

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_NAME: Final = 63


class Write(NamedTuple):
    """The body of a writing request and what its query says about it."""

    body: bytes
    media_type: str
    manager: str
    dry_run: bool


def writing(query: Mapping[str, str], body: bytes, media_type: str, agent: str) -> Write:
    """Read the options of a writing request; the field manager's default is the client's own name."""
    manager = query.get("fieldManager") or agent.partition("/")[0] or "unknown"
    return Write(body, media_type.partition(";")[0].strip(), manager, query.get("dryRun") == "All")


def create(cluster: Cluster, question: Question, write: Write) -> tuple[int, Object]:
    """Store a new object. Raises Refusal: 404 (no such namespace), 409 (the name is taken), 400, 405."""
    resource, obj = resource_of(question), parse(write.body)
    if "create" not in resource.verbs or question.subresource:
        raise not_allowed()
    obj = _checked(cluster, resource, question, obj)
    name = obj["metadata"]["name"]
    if cluster.find(resource.qualified, question.namespace, name):
        raise already_exists(question, name)
    return 201, _store(cluster, resource, obj, parse(write.body), write)


def replace(cluster: Cluster, question: Question, write: Write) -> tuple[int, Object]:
    """Replace an object. Raises Refusal: 404, 409 when the resourceVersion sent is not the stored one."""
    resource, before, body = resource_of(question), stored(cluster, question), parse(write.body)
    obj = _checked(cluster, resource, question, body)
    _same_version(question, before, obj)
    after = _limited(question, before, obj)
    return 200, _store(cluster, resource, after, body, write, before=before)


def patch(cluster: Cluster, question: Question, write: Write) -> tuple[int, Object]:
    """Patch an object; an apply patch creates what is not there. Raises Refusal: 404, 400, 415, 422."""
    resource, body = resource_of(question), parse(write.body)
    namespace = question.namespace if resource.namespaced else ""
    before = cluster.find(resource.qualified, namespace, question.name)
    operation = "Apply" if write.media_type == APPLY else "Update"
    if before is None and operation == "Apply":
        obj = _checked(cluster, resource, question, body)
        return 201, _store(cluster, resource, obj, body, write, operation=operation)
    before = stored(cluster, question)
    _same_version(question, before, body)
    custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    after = _limited(question, before, patched(before, body, write.media_type, custom=custom))
    return 200, _store(cluster, resource, after, body, write, operation=operation, before=before)


def delete(cluster: Cluster, question: Question, *, dry_run: bool) -> Object:
    """Take an object away; a Deployment's pod is replaced at once. Raises Refusal (404)."""
    found = stored(cluster, question)
    owners = found["metadata"].get("ownerReferences", ())
    if question.plural == "pods" and any(owner["kind"] == "ReplicaSet" for owner in owners) and not dry_run:
        cluster.start(found)
    elif not dry_run:
        cluster.delete(resource_of(question).qualified, question.namespace, question.name)
    return success(question, found["metadata"]["uid"])


def _checked(cluster: Cluster, resource: Resource, question: Question, body: Value) -> Object:
    """A private copy of the body as an object of this resource, with name and namespace settled."""
    if not isinstance(body, dict) or body.get("kind") != resource.kind:
        raise bad_request(f"the object provided is not a {resource.kind}")
    obj = copy.deepcopy(body)
    metadata = obj.setdefault("metadata", {})
    metadata.setdefault("name", question.name)
    if not metadata["name"] and metadata.get("generateName"):
        metadata["name"] = _generated(metadata["generateName"])
    if not metadata["name"]:
        raise Refusal(422, "Invalid", f"{resource.kind} is invalid: metadata.name: Required value", {})
    if resource.namespaced:
        metadata["namespace"] = question.namespace
        if cluster.find("namespaces", "", question.namespace) is None:
            missing = {"name": question.namespace, "kind": "namespaces"}
            raise Refusal(404, "NotFound", f'namespaces "{question.namespace}" not found', missing)
    obj["apiVersion"] = resource.api_version
    return obj


def _generated(prefix: str) -> str:
    """A name that begins so: apiserver pkg/storage/names/generate.go, whose letters spell no word."""
    ending = "".join(secrets.choice(_LETTERS) for _ in range(5))
    return prefix[: _LONGEST_NAME - len(ending)] + ending


def _same_version(question: Question, before: Object, body: Value) -> None:
    sent = (body.get("metadata") or {}).get("resourceVersion") if isinstance(body, dict) else None
    if sent and sent != before["metadata"]["resourceVersion"]:
        raise conflict(question)


def _limited(question: Question, before: Object, after: Object) -> Object:
    """Writes to `status` change nothing else; other writes leave the status alone, where there is one."""
    if question.subresource == "status":
        return before | {"status": after.get("status", {})}
    if question.subresource:
        raise not_allowed()
    resource = question.resource
    if resource and "status" in resource.subresources and "status" in before:
        return after | {"status": before["status"]}
    return after


def _store(
    cluster: Cluster,
    resource: Resource,
    obj: Object,
    body: Value,
    write: Write,
    *,
    operation: str = "Update",
    before: Object | None = None,
) -> Object:
    """File the object and return a copy: controllers act after the answer is formed."""
    obj = copy.deepcopy(obj)
    _decode_strings(obj)
    metadata = obj["metadata"]
    if before:
        for key in ("uid", "creationTimestamp", "generation"):
            if key in before["metadata"]:
                metadata[key] = before["metadata"][key]
        metadata.setdefault("managedFields", copy.deepcopy(before["metadata"].get("managedFields", [])))
    if "spec" in obj and (before is None or before.get("spec") != obj["spec"]):
        metadata["generation"] = metadata.get("generation", 0) + 1
    record_ownership(obj, body, write.manager, operation, timestamp(cluster.now()))
    if write.dry_run:
        return obj
    cluster.put(obj)
    answer = copy.deepcopy(obj)
    cluster.reconcile(resource, obj)
    return answer


def _decode_strings(obj: Object) -> None:
    """`stringData` of a Secret becomes `data`; it is never stored."""
    for key, value in (obj.pop("stringData", None) or {}).items():
        obj.setdefault("data", {})[key] = base64.b64encode(str(value).encode()).decode()
