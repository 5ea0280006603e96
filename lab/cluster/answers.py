"""The API server's answers: JSON with its headers, and the Status bodies of everything that went wrong."""

from __future__ import annotations

import json
import uuid
from typing import Final

from starlette.responses import Response

from lab.cluster.questions import Question
from lab.cluster.state import Identity, Object, Value

ACCEPTED: Final = "application/json, application/yaml, application/vnd.kubernetes.protobuf"


class JSONAnswer(Response):
    """An object as compact JSON, ended by a newline."""

    media_type = "application/json"

    def __init__(self, content: Value, status_code: int = 200, media_type: str | None = None) -> None:
        super().__init__(content, status_code, _headers(), media_type)

    def render(self, content: Value) -> bytes:
        """The bytes of `content`."""
        return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


class TextAnswer(Response):
    """Text as it is: logs, health endpoints, streams; its type carries no charset, like the real one's."""

    def __init__(self, content: str, status_code: int = 200, media_type: str = "text/plain") -> None:
        super().__init__(content, status_code, _headers() | {"content-type": media_type})


def _headers() -> dict[str, str]:
    return {"audit-id": str(uuid.uuid4()), "cache-control": "no-cache, private"}


class Refusal(Exception):
    """Raised where a request cannot be served; `answer` turns it into the Status that says why."""

    def __init__(self, code: int, reason: str, message: str, details: Object | None = None) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.details = code, reason, message, details

    @property
    def status(self) -> Object:
        """The Status object."""
        body: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        body |= {"message": self.message, "reason": self.reason}
        if self.details is not None:
            body["details"] = self.details
        return body | {"code": self.code}

    def answer(self) -> Response:
        """The response that carries the Status."""
        response = JSONAnswer(self.status, self.code)
        if self.code == 403:
            response.headers["x-content-type-options"] = "nosniff"
        return response


def _details(question: Question) -> Object:
    details: Object = {"name": question.name} if question.name else {}
    if question.group:
        details["group"] = question.group
    return details | {"kind": question.plural}


def unauthorized() -> Refusal:
    """The token is not known."""
    return Refusal(401, "Unauthorized", "Unauthorized")


def forbidden(identity: Identity, question: Question) -> Refusal:
    """The identity may not do this."""
    if not question.plural:
        message = f'forbidden: User "{identity.name}" cannot {question.verb} path "{question.path}"'
        return Refusal(403, "Forbidden", message, {})
    what = f"{question.plural}/{question.subresource}" if question.subresource else question.plural
    subject = f'{question.qualified} "{question.name}"' if question.name else question.qualified
    scope = f'in the namespace "{question.namespace}"' if question.namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{identity.name}" cannot {question.verb} resource "{what}" '
        f'in API group "{question.group}" {scope}'
    )
    return Refusal(403, "Forbidden", message, _details(question))


def not_found(question: Question) -> Refusal:
    """There is no such object."""
    return Refusal(404, "NotFound", f'{question.qualified} "{question.name}" not found', _details(question))


def no_such_resource() -> Refusal:
    """There is no such resource or subresource."""
    return Refusal(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(question: Question, name: str) -> Refusal:
    """An object of that name is there."""
    details = _details(question) | {"name": name}
    return Refusal(409, "AlreadyExists", f'{question.qualified} "{name}" already exists', details)


def conflict(question: Question) -> Refusal:
    """Someone else changed the object in between."""
    message = (
        f'Operation cannot be fulfilled on {question.qualified} "{question.name}": '
        "the object has been modified; please apply your changes to the latest version and try again"
    )
    return Refusal(409, "Conflict", message, _details(question))


def bad_request(message: str) -> Refusal:
    """The request makes no sense."""
    return Refusal(400, "BadRequest", message)


def not_allowed() -> Refusal:
    """The resource does not know this verb."""
    message = "the server does not allow this method on the requested resource"
    return Refusal(405, "MethodNotAllowed", message, {})


def not_acceptable() -> Refusal:
    """No form of the Accept header can be given."""
    return Refusal(406, "NotAcceptable", f"only the following media types are accepted: {ACCEPTED}")


def unsupported_media(accepted: str) -> Refusal:
    """The body's content type is not understood."""
    message = f"the body of the request was in an unknown format - accepted media types include: {accepted}"
    return Refusal(415, "UnsupportedMediaType", message)


def success(question: Question, uid: str) -> Object:
    """The Status of a deletion."""
    details = _details(question) | {"uid": uid}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
