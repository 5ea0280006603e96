"""Role-based access control, evaluated from the Role, ClusterRole and binding objects in the cluster."""

from __future__ import annotations

from collections.abc import Iterator

from lab.cluster.questions import Question
from lab.cluster.state import Cluster, Identity, Object

ANONYMOUS = Identity("system:anonymous", ("system:unauthenticated",))


def service_account(namespace: str, name: str) -> Identity:
    """Who a ServiceAccount is, with the groups that it is always in."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return Identity(f"system:serviceaccount:{namespace}:{name}", groups)


def rules_for(cluster: Cluster, identity: Identity, namespace: str) -> Iterator[Object]:
    """Every rule that binds the identity at cluster scope or, when given, in the namespace."""
    for binding in cluster.list("clusterrolebindings"):
        if _binds(binding, identity):
            yield from _rules(cluster, binding["roleRef"], "")
    if namespace:
        for binding in cluster.list("rolebindings", namespace):
            if _binds(binding, identity):
                yield from _rules(cluster, binding["roleRef"], namespace)


def _binds(binding: Object, identity: Identity) -> bool:
    return any(_is(subject, identity) for subject in binding.get("subjects", ()))


def _is(subject: Object, identity: Identity) -> bool:
    if subject["kind"] == "Group":
        return subject["name"] in identity.groups
    if subject["kind"] == "ServiceAccount":
        return (subject.get("namespace"), subject["name"]) == identity.service_account
    return bool(subject["name"] == identity.name)


def _rules(cluster: Cluster, reference: Object, namespace: str) -> list[Object]:
    resource = "clusterroles" if reference["kind"] == "ClusterRole" else "roles"
    role = cluster.find(resource, namespace, reference["name"])
    return list(role.get("rules") or ()) if role else []


def allowed(cluster: Cluster, identity: Identity, question: Question) -> bool:
    """Whether any rule allows the request."""
    matches = _matches_resource if question.plural else _matches_path
    return any(matches(rule, question) for rule in rules_for(cluster, identity, question.namespace))


def _has(values: list[str], wanted: str) -> bool:
    return "*" in values or wanted in values


def _matches_resource(rule: Object, question: Question) -> bool:
    what = f"{question.plural}/{question.subresource}" if question.subresource else question.plural
    resources = rule.get("resources", [])
    names = rule.get("resourceNames", [])
    return (
        _has(rule["verbs"], question.verb)
        and _has(rule.get("apiGroups", []), question.group)
        and (_has(resources, what) or f"*/{question.subresource}" in resources)
        and (not names or question.name in names)
    )


def _matches_path(rule: Object, question: Question) -> bool:
    if not _has(rule["verbs"], question.verb):
        return False
    for pattern in rule.get("nonResourceURLs", []):
        stem = pattern.removesuffix("*")
        if question.path == pattern or (stem != pattern and question.path.startswith(stem)):
            return True
    return False
