"""Rights of roles, and which of them a request of the suite's used."""

from typing import Any, NamedTuple

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from fixtures.estate.names import TRAEFIK_2
from fixtures.topics.routes.foreign import KINDS, POLICIES
from lab.cluster.state import AuditEntry
from selftests.support.manifests import NAMESPACE

Object = dict[str, Any]
ROLES = ("ClusterRole", "Role")
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:{NAMESPACE}"


# Of two groups with kinds of one name this is the one that is told apart.
_OTHER_GROUP = f".{TRAEFIK_2}"


class Right(NamedTuple):
    """One verb of one rule of one role; `name` is "" where it holds for objects of any name.

    `resource` is a plural, with its group where that is Traefik's old one.
    """

    verb: str
    resource: str
    namespace: str
    name: str

    @property
    def plural(self) -> str:
        """The resource as a role has it, beside its group."""
        return self.resource.removesuffix(_OTHER_GROUP)

    def __str__(self) -> str:
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.verb} {self.resource}{where}" + (f" named {self.name}" if self.name else "")


# What is asked for where an object of the cluster makes it matter, and no estate file tells: an ExternalSecret its
# store (the lab's name ClusterSecretStores), an Ingress its class, a route its Gateway's hosts or a TraefikService,
# an Application that is OutOfSync its project; other makers' policies where there are routes of the Gateway API.
AS_OBJECTS_NAME_THEM = {
    Right("list", resource, "", "")
    for resource in (
        "secretstores",
        "ingressclasses",
        "gateways",
        "traefikservices",
        f"traefikservices{_OTHER_GROUP}",
        "appprojects",
        *(plural for _, plural, _ in POLICIES),
    )
}
# Of the other controllers' kinds one stands for all: they are listed by one line.
OF_OTHERS = {Right("list", plural, "", "") for _, plural, _ in KINDS} - {Right("list", "httpproxies", "", "")}


def rights(manifests: list[Object]) -> set[Right]:
    """What the roles among these manifests grant."""
    return {
        Right(verb, _told_apart(resource, group), obj["metadata"].get("namespace", ""), name)
        for obj in manifests
        if obj["kind"] in ROLES
        for rule in obj["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


def _told_apart(resource: str, group: str) -> str:
    return f"{resource}.{group}" if group == TRAEFIK_2 else resource


def used_by(entry: AuditEntry, granted: set[Right]) -> set[Right]:
    """Those of the rights that allow a request."""
    resource = _told_apart(f"{entry.resource}/{entry.subresource}".rstrip("/"), entry.group)
    return {
        right
        for right in granted
        if (right.verb, right.resource) == (entry.verb, resource)
        and right.namespace in ("", entry.namespace)
        and right.name in ("", entry.name)
    }


def of_the_cluster() -> str:
    """All checks that ask the Kubernetes API, as -k takes them."""
    load_catalogue()
    return " or ".join(entry.id for entry in catalogue.values() if "cluster" in entry.needs)
