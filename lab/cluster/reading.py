"""Get and list, in the form that was asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping

from lab.cluster.answers import bad_request, no_such_resource, not_found
from lab.cluster.questions import Form, Question
from lab.cluster.resources import Resource
from lab.cluster.selectors import field_tests, label_tests, page
from lab.cluster.state import Cluster, Object
from lab.cluster.tables import partial, table


def stored(cluster: Cluster, question: Question) -> Object:
    """The object a request names. Raises Refusal (404)."""
    resource = resource_of(question)
    namespace = question.namespace if resource.namespaced else ""
    key = (question.group, question.plural, namespace, question.name)
    if key not in cluster.objects:
        raise not_found(question)
    return cluster.objects[key]


def resource_of(question: Question) -> Resource:
    """The resource a request names. Raises Refusal (404) when this server has none, or not in that scope."""
    resource = question.resource
    if resource is None or (question.namespace and not resource.namespaced and question.plural != "namespaces"):
        raise no_such_resource()
    return resource


def read(cluster: Cluster, question: Question, form: Form, query: Mapping[str, str]) -> Object:
    """One object. Raises Refusal (404) when there is none."""
    obj = stored(cluster, question)
    if form.kind == "Table":
        include = query.get("includeObject", "Metadata")
        version = {"resourceVersion": obj["metadata"]["resourceVersion"]}
        return table(resource_of(question), [obj], version, cluster.now(), include)
    return partial(obj) if form.metadata_only else obj


def watch(cluster: Cluster, question: Question, query: Mapping[str, str]) -> str:
    """A watch that ends at once: what is there, unless the client says it knows that, and no news."""
    if query.get("resourceVersion", "0") not in {"", "0"}:
        return ""
    items = read_list(cluster, question, Form(), query)["items"]
    events = [{"type": "ADDED", "object": obj} for obj in items]
    if query.get("sendInitialEvents") == "true":
        events.append({"type": "BOOKMARK", "object": _end_of_the_initial_events(cluster, question)})
    return "".join(json.dumps(event) + "\n" for event in events)


def _end_of_the_initial_events(cluster: Cluster, question: Question) -> Object:
    """What a streaming list ends with, and client-go waits for (Kubernetes API concepts, "Streaming lists")."""
    resource = resource_of(question)
    told = {"resourceVersion": str(cluster.newest_version), "annotations": {"k8s.io/initial-events-end": "true"}}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": told}


def read_list(cluster: Cluster, question: Question, form: Form, query: Mapping[str, str]) -> Object:
    """One page of the objects that the selectors pick. Raises Refusal (400) for unreadable selectors."""
    resource = resource_of(question)
    if "list" not in resource.verbs:
        raise bad_request("this resource is only created")
    tests = label_tests(query.get("labelSelector", "")) + field_tests(query.get("fieldSelector", ""))
    namespace = question.namespace if resource.namespaced and question.namespace else None
    found = [obj for obj in cluster.list(resource.qualified, namespace) if all(test(obj) for test in tests)]
    version = cluster.newest_version
    items, metadata = page(found, query.get("limit", ""), query.get("continue", ""), version)
    if form.kind == "Table":
        include = query.get("includeObject", "Metadata")
        return table(resource, items, metadata, cluster.now(), include)
    if form.metadata_only:
        kind = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        return kind | {"metadata": metadata, "items": [partial(obj) for obj in items]}
    kind = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version}
    return kind | {"metadata": metadata, "items": items}
