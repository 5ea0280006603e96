"""Objects of Authentik's API, with null, without a field, and with a value of every wrong type in each."""

from typing import Any

import pytest

from fixtures.exchange import api_objects
from fixtures.exchange.api_fields import AnyObject
from fixtures.exchange.api_objects import ApiObject, ApiToken, ApiUser, Event, ProxyProvider
from fixtures.model.signals import Broken
from selftests.support.api_views import an, required
from selftests.support.models import models

PLACE = "GET /api/v3/somewhere/"
# One of each type that JSON has.
VALUES = (7, 1.5, "text", True, ["text"], [7], {"a": "b"}, [{"a": "b"}], [None])
# Which of them are of the right type, by how the field is annotated; of free JSON what is no object says nothing.
TAKEN = {
    str(int): lambda value: type(value) is int,
    str(str): lambda value: isinstance(value, str),
    str(bool): lambda value: isinstance(value, bool),
    "list[str]": lambda value: value == ["text"],
    str(list[str] | None): lambda value: value == ["text"],
    "list[int]": lambda value: value == [7],
    str(int | None): lambda value: type(value) is int,
    str(list[Any] | None): lambda value: isinstance(value, list),
    "typing.Any": lambda _: True,
    str(AnyObject.__origin__): lambda _: True,
}


VIEWS = models(ApiObject)
FIELDS = [(view, name) for view in VIEWS for name in view.model_fields]
ids = [f"{view.__name__}.{name}" for view, name in FIELDS]


def test_every_object_has_a_view_that_names_its_fields():
    assert {view.__module__ for view in VIEWS} == {api_objects.__name__}
    assert len(FIELDS) > 60


@pytest.mark.parametrize(("view", "name"), FIELDS, ids=ids)
@pytest.mark.parametrize("absent", [False, True], ids=["null", "absent"])
def test_null_and_absent_are_one_thing(view, name, absent):
    """They are the default of what the API may leave out, and else one sentence with place, object and field."""
    least = {"username": "alice", **required(view)}
    found = {key: value for key, value in least.items() if key != name} if absent else {**least, name: None}
    field = view.model_fields[name]
    if field.is_required():
        with pytest.raises(Broken) as broken:
            view.read(found, PLACE)
        said = broken.value.cause
        assert said.startswith(f"{PLACE} gives ")
        assert f": {name} is missing or null" in said
        assert "\n" not in said
    else:
        assert getattr(view.read(found, PLACE), name) == field.default


@pytest.mark.parametrize("value", VALUES, ids=str)
@pytest.mark.parametrize(("view", "name"), FIELDS, ids=ids)
def test_a_wrong_type_is_one_sentence_and_never_taken_for_the_right_one(view, name, value):
    field = view.model_fields[name]
    given = {"username": "alice", **required(view), name: value}
    if TAKEN.get(str(field.annotation), lambda _: False)(value):
        read = getattr(view.read(given, PLACE), name)
        assert read == value or read == {}
        assert type(read) is type(value) or read == {}
    else:
        with pytest.raises(Broken) as broken:
            view.read(given, PLACE)
        assert f": {name}" in broken.value.cause
        assert "\n" not in broken.value.cause


@pytest.mark.parametrize("found", [None, 7, "text", [], [{}]])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_what_is_no_object_is_said(view, found):
    with pytest.raises(Broken, match="gives an entry of a form"):
        view.read(found, PLACE)


@pytest.mark.parametrize(
    ("view", "found", "said"),
    [
        (ApiUser, {**required(ApiUser), "username": "bob", "groups": 5}, "gives 'bob' of .*: groups: it should be"),
        (ApiToken, {**required(ApiToken), "identifier": "ops", "user_obj": {}}, "'ops' .*: user_obj.username is miss"),
        (ProxyProvider, {**required(ProxyProvider), "name": "", "redirect_uris": [{"url": "x"}]}, "redirect_uris.0.ma"),
        (Event, {**required(Event), "created": "yesterday"}, "created: it is no date with a time"),
        (Event, {**required(Event), "created": "2026-11-24T12:00:00"}, "created: .*timezone"),
    ],
)
def test_place_object_and_field_are_named(view, found, said):
    with pytest.raises(Broken, match=said):
        view.read(found, PLACE)


def test_a_value_that_is_refused_is_not_repeated():
    with pytest.raises(Broken) as broken:
        an(ApiUser, groups={"token": "a-secret-of-somebody"})
    assert "a-secret-of-somebody" not in f"{broken.value.cause} {broken.value.remedy} {broken.value}"


def test_free_json_says_nothing_where_it_is_no_object():
    assert an(ApiUser, attributes=["x"]).attributes == {}
    assert an(Event, context={"message": "x"}).context == {"message": "x"}
