"""Whatever form an object of the Kubernetes API has, it is read, or refused in one sentence.

The examples follow from the views themselves: of each kind a whole object is made, and each of its fields in turn is
left out, made null, or given a value of every JSON type.
"""

import copy
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest

from fixtures.exchange.kubernetes import KubernetesObject, View
from fixtures.exchange.services import EndpointSlice
from fixtures.model.signals import Broken
from selftests.support.models import models

SECRET = "never shown"
# What stands for a field that the suite takes as it is.
ANYTHING = "anything"
WRONG = [SECRET, 7, 1.5, True, [SECRET], [None], [7], {"a": SECRET}, {"a": None}, {"a": [SECRET]}, [], {}]


def example(kind) -> object:
    """JSON that is read as a type of a field, with everything in it that can be there."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if inspect.isclass(kind) and issubclass(kind, View):
        return {field.alias or name: example(field.annotation) for name, field in kind.model_fields.items()}
    if origin in (types.UnionType, typing.Union, typing.Annotated):
        return example(arguments[0])
    if origin is tuple:
        return [example(arguments[0])]
    if origin in (Mapping, dict):
        return {"key": example(arguments[1])}
    if origin is typing.Literal:
        return arguments[0]
    return {str: "text", int: 1, bool: True, datetime: "2026-11-23T21:31:10Z"}.get(kind, ANYTHING)


def places(content, path=()) -> Iterator[tuple]:
    """The path of everything in a JSON value but itself."""
    for step in content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ():
        yield (*path, step)
        yield from places(content[step], (*path, step))


def at(content, path):
    """What stands at a path."""
    for step in path:
        content = content[step]
    return content


def changed(content, path, value):
    """The same JSON with another value at a path, or without it where the value is `...`."""
    content = copy.deepcopy(content)
    holder = at(content, path[:-1])
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return content


def said(kind, content) -> str:
    """The sentence that refuses an object; empty when it is read."""
    try:
        kind.read(content)
    except Broken as refused:
        return refused.cause
    return ""


KINDS = models(KubernetesObject)
PLACES = [
    pytest.param(kind, path, id=f"{kind.__name__}.{'.'.join(map(str, path))}")
    for kind in KINDS
    for path in places(example(kind))
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_object_is_read(kind):
    assert said(kind, example(kind)) == ""


@pytest.mark.parametrize(("kind", "path"), PLACES)
def test_any_field_may_be_null_where_it_may_be_absent(kind, path):
    """In a list, or a mapping of texts, null is what is empty: the object is read or one sentence says why not."""
    absent, null = (said(kind, changed(example(kind), path, value)) for value in (..., None))
    if isinstance(path[-1], str) and absent:
        assert null == absent
    for sentence in (absent, null):
        assert not sentence or kind.__name__ in sentence


@pytest.mark.parametrize(("kind", "path"), PLACES)
def test_a_wrong_type_is_one_sentence_with_object_and_field(kind, path):
    right = example(kind)
    refusals = [sentence for value in WRONG if (sentence := said(kind, changed(right, path, value)))]
    assert refusals or at(right, path) == ANYTHING
    for sentence in refusals:
        assert sentence.startswith(f"{kind.__name__} ")
        assert "has a form that the Kubernetes API does not allow: " in sentence
        assert f"{path[-1]}" in sentence.partition(": ")[2] or isinstance(path[-1], int)
        assert SECRET not in sentence
        assert "\n" not in sentence


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [None, "text", 7, [], {}, {"metadata": None}, {"metadata": {"name": 7}}])
def test_what_is_no_object_is_refused(kind, content):
    assert said(kind, content).startswith(f"{kind.__name__} ")


def test_an_api_server_that_writes_null_for_what_is_absent_changes_nothing(run_of):
    """Each question reads what the door gives, so that none of them is left out."""
    plain, nulls = (run_of("--lab", *options) for options in ((), ("-p", "selftests.support.null_where_absent")))
    assert nulls.exit_code == 0, nulls.verdict_line
    assert nulls.outcomes == plain.outcomes


@pytest.mark.parametrize(
    ("address", "port", "why"),
    [
        ("x" * 90_000, 9000, "endpoints[0].addresses[0] is not so short as the API has it"),
        ("10.42.0.7", -1, "ports[0].port is not greater than or equal to 1"),
        ("10.42.0.7", 99_999, "ports[0].port is not less than or equal to 65535"),
    ],
)
def test_a_place_that_nobody_can_ask_at_is_none(address, port, why):
    found = {"metadata": {"name": "a"}, "endpoints": [{"addresses": [address]}], "ports": [{"port": port}]}
    with pytest.raises(Broken) as raised:
        EndpointSlice.read(found)
    assert raised.value.cause.endswith(why)
