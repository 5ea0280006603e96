"""What a request to the API server asks for: verb, resource, name, and in which form it wants the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote

from lab.cluster.resources import Resource, by_path

_VERBS: Final = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Question(NamedTuple):
    """The attributes of one request, as authorization and audit see them.

    `group` and `plural` are filled in for every path that names a resource, known to this server or not;
    `resource` is the known one. A path that names none has `plural` empty.
    """

    verb: str
    path: str
    group: str = ""
    version: str = ""
    plural: str = ""
    namespace: str = ""
    name: str = ""
    subresource: str = ""

    @property
    def resource(self) -> Resource | None:
        """The resource that is served under this path."""
        return by_path(self.group, self.version, self.plural)

    @property
    def qualified(self) -> str:
        """The resource with its group, as messages name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def asking(self, verb: str) -> Question:
        """The same request with another verb."""
        return self._replace(verb=verb)


def understand(method: str, path: str, query: Mapping[str, str]) -> Question:
    """Take a request apart by the rules of the API server."""
    verb = "get" if method in {"GET", "HEAD"} else _VERBS.get(method, method.lower())
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[:2] == ["api", "v1"] and len(parts) > 2:
        return _of_resource(Question(verb, path, "", "v1"), parts[2:], query)
    if parts[0] == "apis" and len(parts) > 3:
        return _of_resource(Question(verb, path, parts[1], parts[2]), parts[3:], query)
    return Question(verb, path)


def _of_resource(question: Question, parts: list[str], query: Mapping[str, str]) -> Question:
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] != "status":
        namespace, parts = parts[1], parts[2:]
    plural, name, subresource = (*parts, "", "")[:3]
    if plural == "namespaces":
        namespace = name
    name = name or _selected_name(query)
    found = question._replace(plural=plural, namespace=namespace, name=name, subresource=subresource)
    return found.asking(_verb(question.verb, len(parts) == 1, query))


def _verb(verb: str, collection: bool, query: Mapping[str, str]) -> str:
    if verb == "get" and query.get("watch") in ("1", "true"):
        return "watch"
    if collection:
        return {"get": "list", "delete": "deletecollection"}.get(verb, verb)
    return verb


def _selected_name(query: Mapping[str, str]) -> str:
    """A list that a field selector narrows to one name is authorized as a question about that name."""
    selector = query.get("fieldSelector", "")
    key, _, name = selector.partition("=")
    return name.lstrip("=") if key == "metadata.name" and "," not in selector else ""


class Form(NamedTuple):
    """The representation asked for: `kind` is empty for plain objects, else Table and the like."""

    kind: str = ""
    version: str = ""

    @property
    def metadata_only(self) -> bool:
        """Whether only metadata may be sent."""
        return self.kind.startswith("PartialObjectMetadata")


_FORMS: Final = (
    "Table",
    "PartialObjectMetadata",
    "PartialObjectMetadataList",
    "APIGroupDiscoveryList",
)


def acceptable(accept: str) -> Form | None:
    """The first form of an Accept header that this server can give; None when there is none."""
    for entry in (accept or "*/*").split(","):
        media, *parameters = (part.strip() for part in entry.split(";"))
        if media not in ("application/json", "application/*", "*/*", "text/plain"):
            continue
        values = dict(parameter.split("=", 1) for parameter in parameters if "=" in parameter)
        if "as" not in values:
            return Form()
        if values["as"] in _FORMS:
            return Form(values["as"], values.get("v", ""))
    return None
