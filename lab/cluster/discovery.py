"""What the API server says it serves: version, groups, resources, in the plain and in the aggregated form."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from typing import Final

from starlette.responses import Response

from lab.cluster.answers import JSONAnswer, TextAnswer, no_such_resource
from lab.cluster.questions import Form
from lab.cluster.resources import GROUPS, RESOURCES, Resource
from lab.cluster.state import Object

VERSION: Final = {
    "major": "1",
    "minor": "35",
    "emulationMajor": "1",
    "emulationMinor": "35",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "34",
    "gitVersion": "v1.35.10",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2026-10-01T00:00:00Z",
    "goVersion": "go1.26.8",
    "compiler": "gc",
    "platform": "linux/amd64",
}
AGGREGATED: Final = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"
_SUBRESOURCE: Final = {
    "exec": ("PodExecOptions", ["create", "get"]),
    "portforward": ("PodPortForwardOptions", ["create", "get"]),
    "log": ("Pod", ["get"]),
}


def discover(path: str, form: Form, host: str) -> Response:
    """The answer for a path that names no resource. Raises Refusal (404) for one that does not exist."""
    parts = [part for part in path.split("/") if part]
    if parts in (["api"], ["apis"]) and form.kind == "APIGroupDiscoveryList":
        return _aggregated(core=parts == ["api"], version=form.version)
    if parts[:1] in (["healthz"], ["livez"], ["readyz"]):
        return TextAnswer("ok")
    body = _document(parts, host)
    if body is not None:
        return JSONAnswer(body)
    if parts[:1] in (["api"], ["apis"], ["openapi"]):
        raise no_such_resource()
    return TextAnswer("404 page not found\n", 404)


def _document(parts: list[str], host: str) -> Object | None:
    found: Object | None = None
    match parts:
        case ["version"]:
            found = dict(VERSION)
        case ["api"]:
            found = _api_versions(host)
        case ["api", "v1"]:
            found = _resource_list("", "v1")
        case ["apis"]:
            groups = [_group(group) for group in GROUPS if group]
            found = {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        case ["apis", group] if group in GROUPS:
            found = {"kind": "APIGroup", "apiVersion": "v1"} | _group(group)
        case ["apis", group, version] if any((r.group, r.version) == (group, version) for r in RESOURCES):
            found = _resource_list(group, version)
        case ["openapi", "v3"]:
            found = _openapi_index()
        case ["openapi", "v3", *group_version]:
            found = _openapi_document(group_version)
    return found


def _api_versions(host: str) -> Object:
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": host}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses}


def _group(group: str) -> Object:
    versions = dict.fromkeys(resource.version for resource in RESOURCES if resource.group == group)
    served = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"name": group, "versions": served, "preferredVersion": served[0]}


def _sub(resource: Resource, name: str) -> tuple[str, list[str]]:
    return _SUBRESOURCE.get(name, (resource.kind, ["get", "patch", "update"]))


@functools.cache
def _resource_list(group: str, version: str) -> Object:
    entries: list[Object] = []
    for resource in RESOURCES:
        if (resource.group, resource.version) == (group, version):
            entries.append(_entry(resource))
            entries.extend(_sub_entry(resource, name) for name in resource.subresources)
    group_version = f"{group}/{version}" if group else version
    head = {"kind": "APIResourceList", "apiVersion": "v1"} if group else {"kind": "APIResourceList"}
    return head | {"groupVersion": group_version, "resources": entries}


def _entry(resource: Resource) -> Object:
    digest = hashlib.sha256(resource.qualified.encode()).digest()[:8]
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    entry |= {"shortNames": list(resource.short_names)} if resource.short_names else {}
    entry |= {"categories": list(resource.categories)} if resource.categories else {}
    return entry | {"storageVersionHash": base64.b64encode(digest).decode()}


def _sub_entry(resource: Resource, name: str) -> Object:
    kind, verbs = _sub(resource, name)
    return {
        "name": f"{resource.plural}/{name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": kind,
        "verbs": verbs,
    }


@functools.cache
def _discovery_list(core: bool, version: str) -> Object:
    items = []
    for group in GROUPS:
        if (group == "") is core:
            served = [_discovered(r) for r in RESOURCES if r.group == group]
            number = next(r.version for r in RESOURCES if r.group == group)
            versions = [{"version": number, "resources": served, "freshness": "Current"}]
            items.append({"metadata": {"name": group} if group else {}, "versions": versions})
    api_version = f"apidiscovery.k8s.io/{version}"
    return {"kind": "APIGroupDiscoveryList", "apiVersion": api_version, "metadata": {}, "items": items}


def _discovered(resource: Resource) -> Object:
    entry: Object = {
        "resource": resource.plural,
        "responseKind": {"group": "", "version": "", "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    entry |= {"shortNames": list(resource.short_names)} if resource.short_names else {}
    entry |= {"categories": list(resource.categories)} if resource.categories else {}
    if resource.subresources:
        entry["subresources"] = [
            {"subresource": name, "responseKind": {"group": "", "version": "", "kind": kind}, "verbs": verbs}
            for name, (kind, verbs) in ((name, _sub(resource, name)) for name in resource.subresources)
        ]
    return entry


def _aggregated(*, core: bool, version: str) -> Response:
    body = _discovery_list(core, version)
    answer = JSONAnswer(body, media_type=AGGREGATED.format(version))
    etag = hashlib.sha512(json.dumps(body).encode()).hexdigest().upper()
    answer.headers.update({"cache-control": "public", "vary": "Accept", "etag": f'"{etag}"'})
    return answer


@functools.cache
def _openapi_index() -> Object:
    names = dict.fromkeys(_openapi_path(resource) for resource in RESOURCES)
    return {"paths": {name: {"serverRelativeURL": f"/openapi/v3/{name}?hash=LAB"} for name in names}}


def _openapi_path(resource: Resource) -> str:
    return f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"


def _openapi_document(parts: list[str]) -> Object:
    """Just enough for kubectl to learn that this server validates fields and knows dry runs."""
    name = "/".join(parts)
    paths: Object = {}
    for resource in RESOURCES:
        if _openapi_path(resource) == name:
            scope = "namespaces/{namespace}/" if resource.namespaced else ""
            paths[f"/{name}/{scope}{resource.plural}/{{name}}"] = {"patch": _patch_operation(resource)}
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": {}}}


def _patch_operation(resource: Resource) -> Object:
    parameters = [{"name": name, "in": "query"} for name in ("dryRun", "fieldManager", "fieldValidation", "force")]
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    action = {"x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": kind}
    return {"operationId": f"patch{resource.kind}", "parameters": parameters, "responses": {}} | action
