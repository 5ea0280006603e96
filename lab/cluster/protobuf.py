"""The reviews that kubectl sends as protobuf (`auth can-i`, `auth whoami`): a reader for these and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lab.cluster.answers import bad_request, unsupported_media
from lab.cluster.state import Object

MEDIA_TYPE: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"
_LENGTH_DELIMITED: Final = 2
_RESOURCE: Final = {
    1: "namespace",
    2: "verb",
    3: "group",
    4: "version",
    5: "resource",
    6: "subresource",
    7: "name",
}
_PATH: Final = {1: "path", 2: "verb"}


def read_review(body: bytes) -> Object:
    """The review in a protobuf envelope. Raises Refusal: 415 for any other object, 400 for what is no envelope."""
    try:
        return _review(body)
    except (IndexError, UnicodeDecodeError) as error:
        raise bad_request("the body is not a protobuf message") from error


def _review(body: bytes) -> Object:
    if not body.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    envelope = dict(_fields(body[len(_MAGIC) :]))
    types = {number: value.decode() for number, value in _fields(envelope.get(1, b""))}
    found: Object = {"apiVersion": types.get(1, ""), "kind": types.get(2, "")}
    spec = dict(_fields(dict(_fields(envelope.get(2, b""))).get(2, b"")))
    if found["kind"] == "SelfSubjectReview":
        return found
    if found["kind"] == "SelfSubjectRulesReview":
        return found | {"spec": {"namespace": spec.get(1, b"").decode()}}
    if found["kind"] != "SelfSubjectAccessReview":
        raise unsupported_media("application/json, application/yaml")
    if 1 in spec:
        return found | {"spec": {"resourceAttributes": _named(spec[1], _RESOURCE)}}
    return found | {"spec": {"nonResourceAttributes": _named(spec.get(2, b""), _PATH)}}


def _named(message: bytes, names: dict[int, str]) -> dict[str, str]:
    return {names[number]: value.decode() for number, value in _fields(message) if value and number in names}


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message; numbers among them are passed over."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        size, position = _varint(message, position)
        if tag & 7 == _LENGTH_DELIMITED:
            yield tag >> 3, message[position : position + size]
            position += size


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
