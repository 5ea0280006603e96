"""What the Kubernetes API cannot have meant: an object twice in a list, or another one than was asked for."""

import json

import pytest

from fixtures.exchange.kubernetes_answers import page_of, refuse_twice, the_one
from fixtures.model.signals import Broken


def named(name, namespace=""):
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}}


@pytest.mark.parametrize(
    "items", [[], [named("a", "x"), named("a", "y"), named("b", "x"), named("a")], [{}, {}, None, 7]]
)
def test_names_are_unique_in_a_namespace(items):
    refuse_twice(items, "pods")


def test_a_list_with_an_object_twice_is_no_list():
    with pytest.raises(Broken, match="list of pods has x/a more than once"):
        refuse_twice([named("a", "x"), named("b", "x"), named("a", "x")], "pods")


@pytest.mark.parametrize("found", [named("a", "x"), {}, {"metadata": None}, {"metadata": {"name": 7}}])
def test_what_was_asked_for_is_given_on(found):
    """Whether it has all that it must have is said where it is read."""
    assert the_one(json.dumps(found).encode(), "secrets", "x", "a") == found


@pytest.mark.parametrize(
    ("found", "said"), [(named("b", "x"), "whose name is 'b'"), (named("a", "y"), "whose namespace is 'y'")]
)
def test_another_object_is_not_what_was_asked_for(found, said):
    with pytest.raises(Broken, match=f"asked for secrets x/a, and answers with an object {said}"):
        the_one(json.dumps(found).encode(), "secrets", "x", "a")


def test_a_last_page_says_that_there_is_no_more():
    with pytest.raises(Broken, match="leaves out 7 of its list of pods"):
        page_of(b'{"items": [], "metadata": {"remainingItemCount": 7}}', "pods")
