"""What an answer says is quoted up to where a field of a credential begins, also where it is no JSON any more."""

import json

import pytest

from fixtures.exchange.answers import SECRET_FIELDS
from fixtures.exchange.requests import Asked
from fixtures.model.redaction import MASK
from selftests.support.answers import answer

VALUE = "4c8e-what-nobody-else-knows"
DOCUMENT = {"name": "grafana", "client_secret": VALUE, "pk": 7}
TEXT = json.dumps(DOCUMENT)


def answered(body, media_type="application/json"):
    return answer(200, body, "https://auth.example/api/v3/", **{"content-type": media_type})


def excerpt(answer):
    return answer.exchange(Asked("https://auth.example/", (), "", ()), "asking", 1).body


def test_of_json_all_else_is_shown():
    assert json.loads(excerpt(answered(TEXT))) == {"name": "grafana", "pk": 7}


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (TEXT[:-1], "application/json"),
        (TEXT[: -len('", "pk": 7}')], "application/json"),
        (TEXT.replace("7", "9" * 5000), "application/json"),
        (TEXT.replace("7", "[" * 100_000), "application/json"),
        (json.dumps(TEXT), "application/json"),
        (json.dumps({"text": json.dumps(TEXT)}), "application/json"),
        (TEXT, "text/html"),
        (repr(DOCUMENT), "text/plain"),
        (f"<script>var settings = {TEXT}</script>", "text/html"),
    ],
)
def test_of_what_else_has_such_a_field_the_beginning_is(body, media_type):
    answer = answered(body, media_type)
    for said in (excerpt(answer), answer.beginning(300)):
        assert said.endswith(MASK)
        assert "grafana" in said
        assert VALUE[:6] not in said


@pytest.mark.parametrize("name", sorted(SECRET_FIELDS))
def test_each_such_field_is_known(name):
    assert answered(f'{{"{name}" : "{VALUE}"').beginning(300) == f'{{"{name}" : {MASK}'


@pytest.mark.parametrize("text", ["", "no such thing", '{"client_secrets": 1}', '"environment": 1'])
def test_other_text_is_shown_whole(text):
    assert answered(text, "text/plain").beginning(300) == text
