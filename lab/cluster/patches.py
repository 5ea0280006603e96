"""The patch formats of the API server, and the field ownership that writes leave behind."""

from __future__ import annotations

import copy
import json
from typing import Final

import jsonpatch
import yaml

from lab.cluster.answers import Refusal, bad_request, unsupported_media
from lab.cluster.objects import managed
from lab.cluster.state import Object, Value

JSON_PATCH: Final = "application/json-patch+json"
MERGE: Final = "application/merge-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
APPLY: Final = "application/apply-patch+yaml"
# What identifies an element of a list that strategic merge joins instead of replacing.
_MERGE_KEYS: Final = ("name", "mountPath", "containerPort", "port", "ip", "type", "uid")


def parse(body: bytes) -> Value:
    """A request body, JSON or YAML. Raises Refusal (400) when it is neither."""
    try:
        return json.loads(body)
    except ValueError:
        pass
    try:
        return yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise bad_request("the object provided is unrecognized (must be of type Object)") from error


def patched(before: Object, patch: Value, media_type: str, *, custom: bool) -> Object:
    """`before` with `patch` applied; `before` stays as it is.

    Raises Refusal: 415 for a content type that the resource does not take (custom resources take no strategic
    merge), 400 for a patch of the wrong shape, 422 for a JSON patch that does not fit.
    """
    accepted = (JSON_PATCH, MERGE, APPLY) if custom else (JSON_PATCH, MERGE, STRATEGIC, APPLY)
    if media_type not in accepted:
        raise unsupported_media(", ".join(accepted))
    if media_type == JSON_PATCH:
        return _json_patched(before, patch)
    if not isinstance(patch, dict):
        raise bad_request("the patch is not an object")
    strategic = media_type in (STRATEGIC, APPLY) and not custom
    merged = _merged(copy.deepcopy(before), patch, strategic=strategic)
    return merged if isinstance(merged, dict) else {}


def _merged(before: Value, patch: Value, *, strategic: bool) -> Value:
    if strategic and isinstance(before, list) and isinstance(patch, list):
        return _joined(before, patch)
    if not isinstance(patch, dict):
        return patch
    result = before if isinstance(before, dict) else {}
    if strategic and patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif not key.startswith("$"):
            result[key] = _merged(result.get(key), value, strategic=strategic)
    return result


def _joined(before: list[Value], patch: list[Value]) -> list[Value]:
    entries = [*before, *patch]
    keys = [k for k in _MERGE_KEYS if all(isinstance(entry, dict) and k in entry for entry in entries)]
    if not keys or not patch:
        return patch
    result = {entry[keys[0]]: entry for entry in before}
    for entry in patch:
        identity = entry[keys[0]]
        if entry.get("$patch") == "delete":
            result.pop(identity, None)
        else:
            result[identity] = _merged(result.get(identity), entry, strategic=True)
    return list(result.values())


def _json_patched(before: Object, operations: Value) -> Object:
    if not isinstance(operations, list):
        raise bad_request("a JSON patch is a list of operations")
    try:
        result = jsonpatch.apply_patch(before, operations)
        if not isinstance(result, dict):
            raise jsonpatch.InvalidJsonPatch
        return result
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise Refusal(422, "Invalid", "the server rejected our request due to an error in our request") from error


def record_ownership(obj: Object, written: Value, manager: str, operation: str, time: str) -> None:
    """Note in managedFields that `manager` wrote the fields of `written` (the body of the request)."""
    if not isinstance(written, dict):
        return
    silent = (
        "name",
        "namespace",
        "managedFields",
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
    )
    fields = {key: value for key, value in written.items() if key not in ("apiVersion", "kind", "status")}
    metadata = {key: value for key, value in fields.pop("metadata", {}).items() if key not in silent}
    if metadata:
        fields["metadata"] = metadata
    if "stringData" in fields:
        fields["data"] = fields.get("data", {}) | fields.pop("stringData")
    entries = obj["metadata"].setdefault("managedFields", [])
    entries[:] = [e for e in entries if (e.get("manager"), e.get("operation")) != (manager, operation)]
    entries.append(managed(manager, operation, obj["apiVersion"], time, fields))
