"""JSON that says two things at once is none, and the sentence about it names which."""

import pytest

from fixtures.exchange.answers import NotJson
from fixtures.exchange.kubernetes_answers import object_of
from fixtures.model.signals import Broken
from selftests.support.answers import json_answer

AMBIGUOUS = [
    '{"issuer": "https://a/", "x": 1, "issuer": "https://b/"}',
    '{"deep": [{"issuer": 1, "issuer": [1]}]}',
    '{"issuer": null, "issuer": {}}',
]


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_two_values_of_one_name_are_no_answer(text):
    with pytest.raises(NotJson, match="200 application/json that has two values of 'issuer'"):
        json_answer(text).json()
    assert json_answer(text).object == {}
    with pytest.raises(Broken, match="no JSON object"):
        object_of(text.encode(), "/version")


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '{"a": {"b": 1}, "c": {"b": 2}}', "{}", '{"a": [1], "a": [1]}'])
def test_what_says_one_thing_is_read(text):
    assert isinstance(json_answer(text).json(), dict)
    assert isinstance(object_of(text.encode(), "/version"), dict)
    assert "two values" not in json_answer(text).summary
