"""Expressions of Go's dialect: read as Go reads them, and never slow."""

import pytest

from fixtures.topics.expressions.go import GoExpression, NoExpression

EVIL = r"^/(a+)+$"


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        (r"^/api/", "/api/x", True),
        (r"/api", "/private/api", True),
        (r"^/[[:alpha:]]+$", "/abc", True),
        (r"^/x\z", "/x", True),
        (r"(?i)^/API$", "/api", True),
        (r"^/x$", "/x\n", False),
        (EVIL, "/" + "a" * 5000 + "!", False),
    ],
)
def test_expressions_are_gos(expression, text, found):
    assert GoExpression(expression).finds(text) is found


def test_case_is_ignored_where_that_is_asked():
    assert GoExpression("^ABC$", ignore_case=True).matches_all("abc")
    assert not GoExpression("^ABC$").matches_all("abc")


@pytest.mark.parametrize("expression", ["[", "(?=a)b", r"(a)\1", "a**"])
def test_what_go_refuses_is_no_expression(expression, capfd):
    with pytest.raises(NoExpression) as refused:
        GoExpression(expression)
    assert str(refused.value)
    assert capfd.readouterr() == ("", "")
