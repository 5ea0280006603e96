"""The reviews a client asks about itself: who am I, what may I do."""

from __future__ import annotations

from lab.cluster.answers import bad_request
from lab.cluster.questions import Question
from lab.cluster.rbac import allowed, rules_for
from lab.cluster.state import Cluster, Identity, Object


def review(cluster: Cluster, identity: Identity, plural: str, body: Object) -> Object:
    """The filled-in review object. Raises Refusal (400) when the spec names nothing to review."""
    answer: Object = {"kind": body.get("kind"), "apiVersion": body.get("apiVersion"), "metadata": {}}
    spec = body.get("spec") or {}
    if plural == "selfsubjectreviews":
        user = {"username": identity.name, "uid": identity.uid, "groups": list(identity.groups)}
        return answer | {"status": {"userInfo": user}}
    if plural == "selfsubjectrulesreviews":
        return answer | {"spec": spec, "status": _rules(cluster, identity, spec.get("namespace", ""))}
    return answer | {"spec": spec, "status": _access(cluster, identity, spec)}


def _access(cluster: Cluster, identity: Identity, spec: Object) -> Object:
    if resource := spec.get("resourceAttributes"):
        question = Question(
            verb=resource.get("verb", ""),
            path="",
            group=resource.get("group", ""),
            version=resource.get("version", ""),
            plural=resource.get("resource", ""),
            namespace=resource.get("namespace", ""),
            name=resource.get("name", ""),
            subresource=resource.get("subresource", ""),
        )
    elif path := spec.get("nonResourceAttributes"):
        question = Question(path.get("verb", ""), path.get("path", ""))
    else:
        raise bad_request("exactly one of nonResourceAttributes or resourceAttributes must be specified")
    return {"allowed": allowed(cluster, identity, question)}


def _rules(cluster: Cluster, identity: Identity, namespace: str) -> Object:
    if not namespace:
        raise bad_request("no namespace on request")
    rules = list(rules_for(cluster, identity, namespace))
    return {
        "resourceRules": [dict(rule) for rule in rules if "resources" in rule],
        "nonResourceRules": [dict(rule) for rule in rules if "nonResourceURLs" in rule],
        "incomplete": False,
    }
