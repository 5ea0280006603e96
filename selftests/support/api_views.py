"""Objects of Authentik's API for self-tests: what a view requires is there, and the test names what matters to it."""

from typing import Literal, get_args, get_origin

from fixtures.exchange.api_fields import Moment

MOMENT = "2026-11-24T12:00:00Z"
_VALUES = {int: 1, str: "x", bool: True, list: [], dict: {}}


def required(view):
    """The least that the API gives of such an object: every field without a default, as JSON."""
    return {name: _value(field) for name, field in view.model_fields.items() if field.is_required()}


def _value(field):
    if field.metadata == list(Moment.__metadata__):
        return MOMENT
    if get_origin(field.annotation) is Literal:
        return get_args(field.annotation)[0]
    return _VALUES[field.annotation] if field.annotation in _VALUES else required(field.annotation)


def an(view, **fields):
    """An object of the API with these fields, given as JSON has them, and the least of all others."""
    return view.read({**required(view), **fields}, "GET /api/v3/")
